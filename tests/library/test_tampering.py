"""The generator of tampering, on Muniment's bundle; and it sees a reader that skips a check."""

from __future__ import annotations

import sys
from random import Random
from typing import ClassVar

import pytest

from muniment.testing.tampering.exhibits import (
    ComparedExhibits,
    Exhibits,
    ProgramExhibits,
    WitnessedExhibits,
)
from muniment.testing.tampering.format import EVIDENCE, Claims, Files, Format
from muniment.testing.tampering.mutations import MUTATIONS, flipped
from muniment.testing.tampering.trial import NotAccepted, Outcome, tried
from muniment.verify import State, Verdict, VerifierKey, reading, tokens
from muniment.verify.trust import Trust

SEED = 1871


def outcomes(form: Format, *names: str) -> dict[str, Outcome]:
    """What came of these mutations, or of all."""
    return {one.mutation: one for one in tried(form, SEED, names)}


@pytest.mark.parametrize("kind", [Exhibits, ProgramExhibits])
def test_nothing_passes_a_reader_who_brought_the_key_but_what_a_thief_of_it_signed(
    kind: type[Exhibits],
) -> None:
    found = outcomes(kind())
    count = sum(one.tried for one in found.values())
    sys.stdout.write(f"\n{count} packages tried on {kind.name}\n")
    assert count > 250
    missed = {name: one.missed for name, one in found.items() if one.missed}
    assert set(missed) == {"stolen-key"}
    assert found["stolen-key"].detected == 0
    assert set(found) == {one.name for one in MUTATIONS}
    assert all(one.claimed == (name != "stolen-key") for name, one in found.items())


@pytest.mark.parametrize("kind", [WitnessedExhibits, ComparedExhibits])
def test_witnesses_and_earlier_bundles_tell_of_a_stolen_key(kind: type[Exhibits]) -> None:
    found = outcomes(kind(), "stolen-key")["stolen-key"]
    assert found.detected == found.tried >= 5


def believed(
    _head: object, own: list[VerifierKey], witnesses: list[VerifierKey], _: object
) -> Trust:
    """A bundle's own key is taken for the one that was brought."""
    return Trust(own[0], anchored=True, signers=(own[0],), named=(*own, *witnesses))


@pytest.mark.parametrize(
    ("place", "check", "instead", "mutation"),
    [
        (reading, "check_files", lambda *_: "skipped", "re-manifest"),
        (reading, "settle", believed, "swap-keys"),
        (tokens, "existed_before", lambda *_: Verdict(State.ABSENT, "skipped"), "replay-token"),
    ],
)
def test_a_reader_that_skips_a_check_misses(
    monkeypatch: pytest.MonkeyPatch, place: object, check: str, instead: object, mutation: str
) -> None:
    form = Exhibits()
    assert outcomes(form, mutation)[mutation].missed == ()
    monkeypatch.setattr(place, check, instead)
    assert outcomes(form, mutation)[mutation].missed


class Trusting(Format):
    """A format whose reader believes everything, or nothing."""

    name: ClassVar[str] = "trusting"
    claims: ClassVar[Claims] = Claims(frozenset({"flip"}), "none", "nowhere", "never")

    def __init__(self, *, believes: bool = True) -> None:
        self.believes = believes

    @property
    def version(self) -> str:
        return "trusting 1"

    def whole(self) -> Files:
        return EVIDENCE

    def accepts(self, files: Files) -> bool:
        del files
        return self.believes

    def contents(self, files: Files) -> dict[str, bytes]:
        return dict(files)

    def with_contents(self, files: Files, contents: Files) -> Files:
        del files
        return contents

    def resealed(self, files: Files) -> Files:
        return files


def test_a_reader_that_believes_everything_detects_nothing() -> None:
    found = outcomes(Trusting())
    assert {one.detected for one in found.values()} == {0}
    assert found["flip"].document() == {
        "mutation": "flip",
        "format": "trusting",
        "tried": found["flip"].tried,
        "detected": 0,
        "claimed": True,
    }


def test_what_has_no_meaning_in_a_format_is_not_counted() -> None:
    assert {"replay-token", "cut-tail", "fork", "swap-keys", "stolen-key", "back-date"}.isdisjoint(
        outcomes(Trusting())
    )


def test_a_reader_that_refuses_the_honest_package_is_not_tried() -> None:
    with pytest.raises(NotAccepted):
        list(tried(Trusting(believes=False), SEED))


def test_a_seed_gives_the_same_packages_and_another_seed_others() -> None:
    form = Trusting()

    def made(seed: int) -> list[Files]:
        return [one for each in MUTATIONS for one in each.packages(form, seed) or ()]

    assert made(1) == made(1) != made(2)
    assert len(made(1)) > 60


def test_a_flip_changes_one_bit() -> None:
    data = bytes(20)
    changed = flipped(data, Random(3))
    assert int.from_bytes(changed, "big").bit_count() == 1
