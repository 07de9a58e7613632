"""What the cells of an elements matrix show, row by row: support, challenge, both, or a gap.

- Coverage counts what people linked; it weighs nothing. No name here says that a row is proved or
  that a standard is met: that is the signed opinion of a named lawyer (STATEMENT).
- A cell counts for its own row only; a cell of a row that the charge does not have is refused.
- Where one of several branches is enough, each branch is shown by itself. Rows of another branch
  are no gap of the charge once one branch has support in every row.
- More support never makes coverage worse; more challenge never makes it better.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment.law.elements import Needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from muniment.law.elements import Matrix, Row, RowKey

STATEMENT = (
    "Coverage is not a finding: whether a standard of proof is met is the signed opinion of a "
    "named lawyer."
)


class Mark(StrEnum):
    """What one piece of evidence does to one row, in the judgement of who linked it."""

    SUPPORTS = "supports"
    UNDERMINES = "undermines"
    NEUTRAL = "neutral"


class State(StrEnum):
    """What the cells of a row show together; neutral cells alone leave a gap."""

    SUPPORTED = "supported"
    UNDERMINED = "undermined"
    CONTESTED = "contested"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of evidence at one row."""

    row: RowKey
    mark: Mark


@dataclass(frozen=True, slots=True)
class RowCoverage:
    """A row, how many cells say what, and the state that follows."""

    row: Row
    supports: int
    undermines: int
    neutral: int

    @property
    def state(self) -> State:
        """Supported or undermined alone, contested if both, a gap if neither."""
        if self.supports:
            return State.CONTESTED if self.undermines else State.SUPPORTED
        return State.UNDERMINED if self.undermines else State.GAP


@dataclass(frozen=True, slots=True)
class Branch:
    """One of several sets of rows of which one is enough, by its letter."""

    letter: str
    rows: tuple[RowCoverage, ...]

    @property
    def without_support(self) -> tuple[RowKey, ...]:
        """The rows of this branch that no cell supports."""
        return _unsupported(self.rows)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The branches of one block of elements for one subject (an incident, a person, both)."""

    owner: str
    incident: str
    person: str
    branches: tuple[Branch, ...]

    @property
    def supported_branches(self) -> tuple[str, ...]:
        """The letters of the branches in which every row has support."""
        return tuple(one.letter for one in self.branches if not one.without_support)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cells of a charge show; says nothing about any standard of proof."""

    rows: tuple[RowCoverage, ...]
    alternatives: tuple[Alternatives, ...]

    @property
    def without_support(self) -> tuple[RowKey, ...]:
        """The rows that every reading of the charge needs and that no cell supports."""
        return _unsupported(one for one in self.rows if one.row.needed is Needed.ALWAYS)

    @property
    def open_alternatives(self) -> tuple[Alternatives, ...]:
        """The alternatives in which no branch has support in every row."""
        return tuple(one for one in self.alternatives if not one.supported_branches)

    @property
    def challenged(self) -> tuple[RowKey, ...]:
        """Every row with a cell against it, needed or not: Art. 54(1)(a), 67(2)."""
        return tuple(one.row.key for one in self.rows if one.undermines)


def coverage(matrix: Matrix, cells: Iterable[Cell]) -> Coverage:
    """Return what the cells show for each row; InvalidInput for a cell of a row not in the matrix.

    Rows that the mode of liability does not need are reported like the others and never counted
    as without support.
    """
    counts: Counter[tuple[RowKey, Mark]] = Counter((cell.row, cell.mark) for cell in cells)
    known = {row.key for row in matrix.rows}
    for key, _ in counts:
        if key not in known:
            raise InvalidInput(
                f"The charge has no row `{key}`.",
                code="law.cell",
                hint="Evidence counts for the incident and the person it was linked to only.",
            )
    rows = tuple(
        RowCoverage(
            row,
            supports=counts[row.key, Mark.SUPPORTS],
            undermines=counts[row.key, Mark.UNDERMINES],
            neutral=counts[row.key, Mark.NEUTRAL],
        )
        for row in matrix.rows
    )
    return Coverage(rows, _alternatives(rows))


def _alternatives(rows: Sequence[RowCoverage]) -> tuple[Alternatives, ...]:
    """Gather the rows of each branch by block and subject, in the order of the rows."""
    branched = [one for one in rows if one.row.needed is Needed.IN_BRANCH]
    found: dict[tuple[str, str], dict[str, list[RowCoverage]]] = {}
    persons: dict[tuple[str, str], str] = {}
    for one in branched:
        key = one.row.key
        block = (key.element.split(".", 1)[0], key.incident)
        found.setdefault(block, {}).setdefault(one.row.element.alt, []).append(one)
        persons[block] = persons.get(block) or key.person
    return tuple(
        Alternatives(
            owner=owner,
            incident=incident,
            person=persons[owner, incident],
            branches=tuple(Branch(letter, tuple(own)) for letter, own in sorted(by.items())),
        )
        for (owner, incident), by in found.items()
    )


def _unsupported(rows: Iterable[RowCoverage]) -> tuple[RowKey, ...]:
    return tuple(one.row.key for one in rows if not one.supports)
