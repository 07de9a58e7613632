"""Two histories for two readers: what a quorum of real witnesses lets through, for every partition.

A keeper with the log's key shows one history to some honest witnesses and another to the others;
colluding witnesses sign both. Each reader asks for the quorum of the same policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pytest

from muniment.custody.note import Note
from muniment.custody.policy import Policy, parse_policy, witnessed
from muniment.custody.quorum import withstands
from muniment.errors import TamperSuspected
from muniment.seal.witness import Cosigned, Witness
from muniment.seal.witness_request import parse_submission
from muniment.seal.witness_state import WitnessState
from tests.library.seal.history import READER
from tests.library.seal.witnessing import FORK, LOG, TIME, body, note

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from muniment.custody.note import NoteSignature
    from muniment.custody.tiles import TileReader

SIZE = 200
HISTORIES = (READER, FORK)


@dataclass
class Observer:
    """A witness, and one of the same key that does not know what the other signed."""

    honest: Witness
    twin: Witness

    def cosign(self, history: TileReader, *, colludes: bool) -> NoteSignature | None:
        witness = self.twin if colludes and history is FORK else self.honest
        try:
            found = witness.add_checkpoint(parse_submission(body(0, SIZE, history)))
            if not isinstance(found, Cosigned):  # it cosigned before: go on from there
                found = witness.add_checkpoint(parse_submission(body(SIZE, SIZE, history)))
        except TamperSuspected:
            return None
        assert isinstance(found, Cosigned)
        return found.cosignature


def observers(folder: Path, count: int) -> list[Observer]:
    made: list[Observer] = []
    for number in range(count):
        states = [folder / f"{number}", folder / f"{number}-twin"]
        for state in states:
            WitnessState.create(state, f"witness{number}.example")
        states[1].joinpath("witness.key").write_bytes(
            states[0].joinpath("witness.key").read_bytes()
        )
        made.append(
            Observer(*[Witness(WitnessState(one), [LOG.verifier], lambda: TIME) for one in states])
        )
    return made


def policy_of(k: int, made: list[Observer]) -> Policy:
    lines = [f"witness w{number} {one.honest.verifier.text}" for number, one in enumerate(made)]
    group = " ".join(f"w{number}" for number in range(len(made)))
    text = "\n".join([f"log {LOG.verifier.text}", *lines, f"group g {k} {group}", "quorum g", ""])
    return parse_policy(text.encode())


def admitted(policy: Policy, history: TileReader, lines: Iterable[NoteSignature | None]) -> bool:
    head = note(SIZE, history)
    shown = Note(head.text, (*head.signatures, *[line for line in lines if line is not None]))
    return witnessed(shown, policy).admitted


def both_admitted(folder: Path, k: int, n: int, f: int) -> bool:
    """Whether some partition of the honest witnesses gets both histories a quorum.

    Each partition starts from witnesses that have seen nothing; their cosignatures are collected
    first for the history they are shown, then they are asked for the other.
    """
    found = False
    for partition in product((0, 1), repeat=n - f):
        made = observers(folder / "".join(map(str, partition)), n)
        policy = policy_of(k, made)
        lines: list[list[NoteSignature | None]] = [[], []]
        for number, one in enumerate(made):
            colludes = number >= n - f
            first = 0 if colludes else partition[number]
            for side in (first, 1 - first):
                lines[side].append(one.cosign(HISTORIES[side], colludes=colludes))
        found |= all(admitted(policy, HISTORIES[side], lines[side]) for side in (0, 1))
    return found


CASES = [(2, 3, 0), (2, 3, 1), (3, 4, 0), (3, 4, 1), (3, 4, 2), (4, 5, 1), (4, 5, 2), (4, 5, 3)]


@pytest.mark.parametrize(("k", "n", "f"), CASES)
def test_a_quorum_holds_up_to_the_colluding_it_states_and_visibly_not_beyond(
    tmp_path: Path, k: int, n: int, f: int
) -> None:
    holds = k > (n + f) / 2  # custody-log §1
    assert both_admitted(tmp_path, k, n, f) is not holds
    policy = policy_of(k, observers(tmp_path / "stated", n))
    assert (f <= withstands(policy)) is holds


def test_a_witness_that_colludes_leaves_proof_of_it(tmp_path: Path) -> None:
    """Two cosignatures of one key on two heads of one size: anyone who has both can show them."""
    (one,) = observers(tmp_path, 1)
    signed = [one.cosign(history, colludes=True) for history in HISTORIES]
    policy = policy_of(1, [one])
    assert all(
        admitted(policy, history, [line]) for history, line in zip(HISTORIES, signed, strict=True)
    )
    assert note(SIZE, READER).text != note(SIZE, FORK).text


def test_an_honest_witness_keeps_the_contradiction_it_was_shown(tmp_path: Path) -> None:
    (one,) = observers(tmp_path, 1)
    assert one.cosign(READER, colludes=False) is not None
    assert one.cosign(FORK, colludes=False) is None
    (kept,) = (tmp_path / "0" / "contradictions").iterdir()
    assert kept.read_bytes() == note(SIZE, FORK).to_bytes()
    assert kept.name.endswith(f"-{SIZE}")
