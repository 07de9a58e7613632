"""The one generator of mutations: wishes of somebody who tampers, tried on any format.

Each gives the packages that fulfil the wish in a format, or None where it has no meaning there.
Chance comes from the seed alone, so that a run can be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from muniment.testing.tampering.format import Files, Format

    Attempt: TypeAlias = Callable[[Format, Random], Iterable[Files] | None]
    Changes: TypeAlias = Callable[[Format, Files, Random], Iterator[dict[str, bytes]]]

_FLIPS: Final = 12  # of each file
_RECORD_FLIPS: Final = 48  # over all members, two of each at least


@dataclass(frozen=True, slots=True)
class Mutation:
    """A wish: its name, what it would achieve, and how it is tried."""

    name: str
    wish: str
    attempt: Attempt

    def packages(self, form: Format, seed: int) -> Iterable[Files] | None:
        """The packages to try, or None where the wish has no meaning in this format."""
        return self.attempt(form, Random(f"{seed} {self.name}"))  # noqa: S311 - to be repeated


def flipped(data: bytes, luck: Random) -> bytes:
    """The bytes with one bit changed."""
    at = luck.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << luck.randrange(8)]) + data[at + 1 :]


def _flips(_: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    for name, data in held.items():
        for _turn in range(_FLIPS):
            yield {**held, name: flipped(data, luck)}


def _cuts(_: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    for name, data in held.items():
        for length in (0, len(data) // 2, len(data) - 1, luck.randrange(1, len(data))):
            yield {**held, name: data[:length]}


def _swaps(_: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    del luck
    for one, other in combinations(held, 2):
        yield {**held, one: held[other], other: held[one]}


def _drops(_: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    del luck
    for name in held:
        yield {one: data for one, data in held.items() if one != name}


def _additions(form: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    for name, data in held.items():
        if (new := form.new_name(name)) is not None:
            yield {**held, new: data}
            yield {**held, new: luck.randbytes(64)}


def _renamings(form: Format, held: Files, luck: Random) -> Iterator[dict[str, bytes]]:
    del luck
    for name in held:
        if (new := form.new_name(name)) is not None:
            yield {new if one == name else one: data for one, data in held.items()}


def _changed(changes: Changes, form: Format, luck: Random) -> list[Files] | None:
    whole = form.whole()
    made = [
        form.with_contents(whole, one) for one in changes(form, form.contents(whole), luck) if one
    ]
    return made or None


def _record_flips(form: Format, luck: Random) -> list[Files] | None:
    whole = form.whole()
    evidence = form.evidence(whole)
    said = {path: data for path, data in sorted(whole.items()) if path not in evidence and data}
    return [
        {**whole, path: flipped(data, luck)}
        for path, data in said.items()
        for _turn in range(max(2, _RECORD_FLIPS // len(said)))
    ] or None


def _resealed(form: Format, luck: Random) -> list[Files]:
    """Every change of the evidence, and everything made to fit that needs no key."""
    found: list[Files] = []
    for changes in (_flips, _cuts, _swaps, _drops, _additions, _renamings):
        found.extend(form.resealed(one) for one in _changed(changes, form, luck) or ())
    return found


def _backdated(form: Format, luck: Random) -> list[Files] | None:
    del luck
    whole = form.whole()
    made = form.earlier(whole)
    return None if made is None else [form.resealed(one) for one in made]


def _stripped(form: Format, luck: Random) -> list[Files] | None:
    """Lists of digests gone, the evidence changed, what is left made to fit."""
    whole = form.whole()
    groups = form.digests(whole)
    if groups is None:
        return None
    found: list[Files] = []
    for group in map(frozenset, groups):
        for changed in list(_flips(form, form.contents(whole), luck))[::_FLIPS]:
            files = form.with_contents(whole, changed)
            bare = {path: data for path, data in files.items() if path not in group}
            found.append(form.resealed(bare))
    return found


def _made(way: str, form: Format, luck: Random) -> Iterable[Files] | None:
    del luck
    made: Iterable[Files] | None = getattr(form, way)(form.whole())
    return made


MUTATIONS: Final = (
    Mutation("flip", "a bit of the evidence is another", partial(_changed, _flips)),
    Mutation("flip-record", "a bit of what is said about it is another", _record_flips),
    Mutation("truncate", "a file of the evidence ends early", partial(_changed, _cuts)),
    Mutation("swap", "two files of the evidence change places", partial(_changed, _swaps)),
    Mutation("drop", "a file of the evidence is gone", partial(_changed, _drops)),
    Mutation("add", "the evidence has a file more", partial(_changed, _additions)),
    Mutation("rename", "a file of the evidence has another name", partial(_changed, _renamings)),
    Mutation("re-manifest", "any of these, all digests made again, the old signature", _resealed),
    Mutation("back-date", "all of it looks older than it is", _backdated),
    Mutation("replay-token", "the time of another package", partial(_made, "replayed")),
    Mutation("strip-digests", "what would tell of a change is gone, and a change made", _stripped),
    Mutation("cut-tail", "the newest of what happened did not happen", partial(_made, "tails")),
    Mutation("fork", "something else happened", partial(_made, "forks")),
    Mutation("swap-keys", "other evidence, in the signer's name", partial(_made, "rekeyed")),
    Mutation("stolen-key", "other evidence, with the signer's key", partial(_made, "stolen")),
)
