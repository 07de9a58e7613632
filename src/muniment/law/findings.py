"""What a rule's predicate sees and what it may say: it applies, it does not, or it cannot be told.

- `CannotTell` names the inputs that are missing, or says what stands open; it is never a no.
- Every finding carries a reason that names the facts it rests on.
- A predicate sees only the facts it declares to read: the table of rules states what each depends
  on, and `evaluate` holds it to that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from muniment.law.facts import NONE, WAR_CRIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from muniment.law.facts import CaseFacts
    from muniment.law.states import States
    from muniment.law.statute import Crime, Taxonomy


@dataclass(frozen=True, slots=True)
class Applies:
    """The rule applies; `case` names one of the rule's other outcomes if not its first."""

    because: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class DoesNotApply:
    """The rule does not apply, on facts that are known."""

    because: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """A fact is missing or open; `missing` names the inputs that would tell."""

    because: str
    missing: tuple[str, ...] = ()


Finding: TypeAlias = "Applies | DoesNotApply | CannotTell"


@dataclass(frozen=True, slots=True)
class Forum:
    """What a rule about other courts needs to know: their States, and crimes where limited."""

    states: tuple[str, ...]
    families: tuple[str, ...]
    crimes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of a case with the law and the State facts they are read against."""

    facts: CaseFacts
    law: Taxonomy
    states: States
    forums: Mapping[str, Forum]
    as_of: date

    @property
    def crime(self) -> Crime | None:
        """The crime, where one is named."""
        id_ = self.facts.crime_id
        return None if id_ is None or id_ == NONE else self.law.crime(id_)

    @property
    def family(self) -> str | None:
        """The family of the crime as named or as given; may be the four war crimes at once."""
        crime = self.crime
        return crime.family if crime is not None else self.facts.crime_family

    def is_family(self, family: str) -> bool | None:
        """Tell whether the crime is of a family (or a war crime); None where it is not known."""
        own = self.family
        if own is None:
            return False if self.facts.crime_id == NONE else None
        if family == WAR_CRIMES:
            return own.startswith(WAR_CRIMES)
        return None if own == WAR_CRIMES and family.startswith(WAR_CRIMES) else own == family


@dataclass(frozen=True, slots=True)
class Predicate:
    """The test of one rule and the inputs it reads."""

    reads: tuple[str, ...]
    test: Callable[[Case], Finding]

    def evaluate(self, case: Case) -> Finding:
        """Return what the rule says, seeing only the facts that it declares to read."""
        return self.test(replace(case, facts=case.facts.only(self.reads)))


def missing(*inputs: str) -> CannotTell:
    """Say that inputs are not given."""
    verb = "is" if len(inputs) == 1 else "are"
    return CannotTell(f"{' and '.join(inputs)} {verb} not given", inputs)
