"""Trying mutations on a format: how many packages were tried, and how many its reader detected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from muniment.testing.tampering.mutations import MUTATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from muniment.testing.tampering.format import Files, Format
    from muniment.testing.tampering.mutations import Mutation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mutation in one format; `missed` are places in the order of trying."""

    mutation: str
    format: str
    tried: int
    claimed: bool
    missed: tuple[int, ...] = field(default=())

    @property
    def detected(self) -> int:
        """How many packages the reader did not accept."""
        return self.tried - len(self.missed)

    def document(self) -> dict[str, object]:
        """The shape of `bench tamper` (cli.md)."""
        return {
            "mutation": self.mutation,
            "format": self.format,
            "tried": self.tried,
            "detected": self.detected,
            "claimed": self.claimed,
        }


class NotAccepted(Exception):
    """A format's reader refuses the honest package: then its other answers mean nothing."""


def tried(form: Format, seed: int, only: Collection[str] = ()) -> Iterator[Outcome]:
    """Try every mutation that has a meaning in this format, or only some; raises NotAccepted."""
    if not form.accepts(form.whole()):
        raise NotAccepted(f"{form.version} refuses the package of {form.name} that nobody changed")
    for mutation in MUTATIONS:
        if only and mutation.name not in only:
            continue
        outcome = _tried(form, mutation, seed)
        if outcome is not None:
            yield outcome


def _tried(form: Format, mutation: Mutation, seed: int) -> Outcome | None:
    found = mutation.packages(form, seed)
    if found is None:
        return None
    packages = _distinct(form.whole(), found)
    missed = [place for place, files in enumerate(packages) if form.accepts(files)]
    claimed = mutation.name in form.claims.detects
    return Outcome(mutation.name, form.name, len(packages), claimed, tuple(missed))


def _distinct(whole: Files, found: Iterable[Files]) -> list[Files]:
    """Each package once, and none that is the honest one."""
    kept: list[Files] = []
    for files in found:
        if dict(files) != dict(whole) and files not in kept:
            kept.append(files)
    return kept
