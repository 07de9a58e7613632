"""The crimes of the Rome Statute as values: families, contexts, crimes, modes, grounds, standards.

- Every label and text is a paraphrase of ours; a citation is a fact; a basis says what the
  paraphrase was checked against. None of it is the official text.
- Values are frozen, identifiers are unique and every reference resolves: `taxonomy_file` refuses
  a file where one does not.
- `version_id` names the exact bytes that were read; it is stored with each classification.

Reading the file is `taxonomy_file`'s job; `taxonomy` is the door to these values.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

from muniment.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment.law.sources import Basis, Note


class Kind(StrEnum):
    """What an element is about; a threshold limits where the law applies and is no element."""

    CONDUCT = "conduct"
    CONSEQUENCE = "consequence"
    CIRCUMSTANCE = "circumstance"
    MENTAL = "mental"
    CONTEXTUAL = "contextual"
    THRESHOLD = "threshold"


class ProvedPer(StrEnum):
    """Whose row an element needs: evidence for one such subject says nothing about another."""

    SITUATION = "situation"
    INCIDENT = "incident"
    PERSON = "person"
    PERSON_INCIDENT = "person_incident"


class Conflict(StrEnum):
    """The kind of conflict a crime needs; ANY includes none at all."""

    IAC = "IAC"
    NIAC = "NIAC"
    ANY = "any"
    STATE_V_STATE = "state_v_state"


class DefaultMental(StrEnum):
    """What stands in where the Elements list no mental element for a material one."""

    ART_30 = "art_30"
    NOT_NEEDED = "not_needed"
    LEFT_TO_COURT = "left_to_court"


class AppliesIf(StrEnum):
    """A crime that entered by amendment applies only under its own rules of acceptance."""

    ALWAYS = "always"
    ART_121_5 = "art_121_5"
    ART_15BIS_15TER = "art_15bis_15ter"


class Liability(StrEnum):
    """How a mode makes a person responsible."""

    PRINCIPAL = "principal"
    ACCESSORY = "accessory"
    SUI_GENERIS = "sui_generis"


class CrimeUnderMode(StrEnum):
    """What a mode asks of the crime itself: not all of them need a completed one."""

    OCCURRED = "occurred"
    OR_ATTEMPTED = "or_attempted"
    NOT_COMPLETED = "not_completed"
    NEED_NOT_OCCUR = "need_not_occur"


@dataclass(frozen=True, slots=True)
class Element:
    """One thing to be proved. `covers` (mental ones): the elements whose Art. 30 default it is."""

    id: str
    kind: Kind
    text: str
    proved_per: ProvedPer
    citation: str
    alt: str
    covers: tuple[str, ...]
    default_mental: DefaultMental
    note: Note | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Family:
    """A group of crimes under one article; `conflict` is the kind it needs, if it needs one."""

    id: str
    label: str
    citation: str
    conflict_needed: bool
    conflict: Conflict | None
    note: Note | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Context:
    """The wider setting that every crime of a family shares, proved once where it says so."""

    id: str
    elements: tuple[Element, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Crime:
    """A crime: its own elements and the id of its context. `counterparts` are treaty articles."""

    id: str
    citation: str
    label: str
    family: str
    conflict: Conflict
    context: str | None
    elements: tuple[Element, ...]
    counterparts: tuple[str, ...]
    tags: tuple[str, ...]
    twins: tuple[str, ...]
    amendment: str
    applies_if: AppliesIf
    modes_limited_by: str
    inoperative: bool
    note: Note | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Mode:
    """A form of individual responsibility. `only_for`: families it is limited to, if any."""

    id: str
    citation: str
    label: str
    liability: Liability
    crime: CrimeUnderMode
    only_for: tuple[str, ...]
    elements: tuple[Element, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground that may exclude responsibility; to be recorded with evidence for and against."""

    id: str
    citation: str
    label: str
    test: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard of proof: its stage, its test, who decides and to what effect. Never computed."""

    id: str
    stage: str
    test: str
    citation: str
    decides: str
    effect: str
    note: Note | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Listed:
    """An act of aggression (Art. 8 bis(2)) or an offence against justice (Art. 70)."""

    id: str
    citation: str
    label: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class DefaultMentalRule:
    """Art. 30 as data: what stands in for each kind of element that has no mental one listed."""

    citation: str
    texts: Mapping[Kind, str]
    applies: str
    inference: str
    value_judgement: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Everything the file of crimes says, ready to be looked up by id."""

    version: str
    version_id: str
    title: str
    disclaimer: str
    alt_rule: str
    perpetrator_rule: str
    default_mental: DefaultMentalRule
    counterparts_basis: Basis
    families: Mapping[str, Family]
    contexts: Mapping[str, Context]
    crimes: Mapping[str, Crime]
    modes: Mapping[str, Mode]
    grounds: Mapping[str, Ground]
    standards: Mapping[str, Standard]
    aggression_acts: Mapping[str, Listed]
    offences_against_justice: Mapping[str, Listed]

    def crime(self, id_: str) -> Crime:
        """Return the crime with this id; NotFound names the nearest ids."""
        return self.crimes.get(id_) or _absent("crime", id_, self.crimes)

    def mode(self, id_: str) -> Mode:
        """Return the mode of liability with this id; NotFound names the nearest ids."""
        return self.modes.get(id_) or _absent("mode of liability", id_, self.modes)

    def family(self, id_: str) -> Family:
        """Return the family with this id; NotFound names the nearest ids."""
        return self.families.get(id_) or _absent("family", id_, self.families)

    def standard(self, id_: str) -> Standard:
        """Return the standard of proof with this id; NotFound names the nearest ids."""
        return self.standards.get(id_) or _absent("standard of proof", id_, self.standards)

    def context_elements(self, crime: Crime) -> tuple[Element, ...]:
        """Return the contextual elements of a crime, none where it has no context."""
        return self.contexts[crime.context].elements if crime.context else ()

    def in_family(self, family: str) -> tuple[Crime, ...]:
        """Return the crimes of a family in the order of the file."""
        return tuple(crime for crime in self.crimes.values() if crime.family == family)

    def twins(self, crime: Crime) -> tuple[Crime, ...]:
        """Return the same conduct in the other kind of conflict: offer both while it is open."""
        return tuple(self.crimes[twin] for twin in crime.twins)

    def element(self, id_: str) -> Element:
        """Return the element of a crime, context or mode with this id."""
        blocks = (
            *(crime.elements for crime in self.crimes.values()),
            *(context.elements for context in self.contexts.values()),
            *(mode.elements for mode in self.modes.values()),
        )
        found = (element for block in blocks for element in block if element.id == id_)
        return next(found, None) or _absent("element", id_, ())


def _absent(what: str, id_: str, known: Iterable[str]) -> NoReturn:
    near = difflib.get_close_matches(id_, list(known), n=3)
    hint = f"Near it: {', '.join(near)}." if near else "`muniment law crimes` lists the ids."
    raise NotFound(f"There is no {what} with the id {id_!r}.", code="law.unknown", hint=hint)
