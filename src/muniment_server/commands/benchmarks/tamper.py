"""`muniment bench tamper`: what readers of formats for evidence make of packages tampered with.

The generator and the reader of Muniment are the library's (`muniment.testing.tampering`); formats
of others are in `formats`. Whoever wants a format of their own in the table adds a class there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

from muniment.testing.tampering.exhibits import (
    ComparedExhibits,
    Exhibits,
    ProgramExhibits,
    WitnessedExhibits,
)
from muniment.testing.tampering.mutations import MUTATIONS
from muniment.testing.tampering.trial import Outcome, tried
from muniment_server.commands.answers import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment.testing.tampering.format import Format

SEED: Final = 1871
_OURS: Final = (Exhibits, ProgramExhibits, WitnessedExhibits, ComparedExhibits)
_PEERS: Final = {
    "bagit": ("bags", "Bags"),
    "wacz": ("web_archives", "WebArchives"),
    "ocfl": ("ocfl_objects", "OcflObjects"),
    "c2pa": ("content_credentials", "ContentCredentials"),
}


@dataclass(slots=True)
class Comparison:
    """What was tried, with which readers, and which could not be."""

    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    formats: list[Format] = field(default_factory=list["Format"])
    missing: list[str] = field(default_factory=list[str])

    def document(self) -> dict[str, object]:
        """The shape of cli.md."""
        return {"results": [outcome.document() for outcome in self.outcomes]}


def compare(seed: int, say: Callable[[str], None]) -> Comparison:
    """Try every mutation on every format whose reader is installed."""
    made = Comparison()
    for name, form in _formats():
        say(name)
        if form is None:
            made.missing.append(name)
            continue
        made.formats.append(form)
        made.outcomes.extend(tried(form, seed))
    return made


def _formats() -> Iterator[tuple[str, Format | None]]:
    for ours in _OURS:
        yield ours.name, ours()
    for name, (module, kind) in _PEERS.items():
        try:
            found = import_module(f"muniment_server.commands.benchmarks.formats.{module}")
        except ImportError:
            yield name, None
            continue
        yield name, getattr(found, kind)()


def told(comparison: Comparison) -> str:
    """The table for people: detected of tried; an asterisk where the format does not claim to."""
    names = [form.name for form in comparison.formats]
    by_place = {(one.mutation, one.format): one for one in comparison.outcomes}
    rows = [("", *(str(number) for number in range(1, len(names) + 1)))]
    for mutation in MUTATIONS:
        cells = [_cell(by_place.get((mutation.name, name))) for name in names]
        rows.append((mutation.name, *cells))
    lines = [table(rows), "", "Detected of tried; * the format does not claim to detect it; -"]
    lines[-1] += " not applicable."
    words = ""
    for number, form in enumerate(comparison.formats, 1):
        lines.append(f"{number}  {form.name}: {form.version}")
        if form.claims.words != words:
            words = form.claims.words
            lines.append(f'   "{words}" ({form.claims.source}, read {form.claims.read})')
    lines.extend(f"not installed, so not tried: {name}" for name in comparison.missing)
    lines.append("")
    lines.extend(f"{one.name}: {one.wish}" for one in MUTATIONS)
    return "\n".join(lines)


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    return f"{outcome.detected}/{outcome.tried}{'' if outcome.claimed else '*'}"
