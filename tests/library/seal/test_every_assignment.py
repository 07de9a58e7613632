"""Every way to collude and to divide the honest: a quorum holds for as many as it states.

For each policy every set of colluding witnesses is tried, and for each set every division of the
honest ones between two histories. Cosignatures are real ones; colluding witnesses sign both.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations, product
from typing import TYPE_CHECKING

import pytest

from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, SigningKey
from muniment.custody.note import Note
from muniment.custody.policy import Policy, parse_policy, witnessed
from muniment.custody.quorum import withstands
from tests.faults.counts import tell
from tests.library.seal.history import READER
from tests.library.seal.witnessing import FORK, LOG, TIME, note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.custody.note import NoteSignature

SIZE = 200
HISTORIES = (READER, FORK)
PLAIN = [(k, n) for n in range(1, 6) for k in range(1, n + 1)]
NESTED = {
    "two of three houses, any one in each": (
        6,
        ["group a 1 w0 w1", "group b 1 w2 w3", "group c 1 w4 w5", "group g 2 a b c"],
    ),
    "two of three houses, both in each": (
        6,
        ["group a 2 w0 w1", "group b 2 w2 w3", "group c 2 w4 w5", "group g 2 a b c"],
    ),
    "a house and two of three others": (
        5,
        ["group a 2 w0 w1", "group b 2 w2 w3 w4", "group g 2 a b"],
    ),
    "one alone beside a house": (4, ["group a 2 w0 w1 w2", "group g 2 a w3"]),
}


@cache
def key(number: int) -> SigningKey:
    return SigningKey(f"witness{number}.example", COSIGNATURE_V1, bytes([number + 1]) * 32)


@cache
def line(number: int, side: int) -> NoteSignature:
    return cosign(note(SIZE, HISTORIES[side]), key(number), TIME)


def policy_of(count: int, groups: list[str]) -> Policy:
    witnesses = [f"witness w{n} {key(n).verifier.text}" for n in range(count)]
    text = "\n".join([f"log {LOG.verifier.text}", *witnesses, *groups, "quorum g", ""])
    return parse_policy(text.encode())


def admits(policy: Policy, side: int, signers: frozenset[int]) -> bool:
    head = note(SIZE, HISTORIES[side])
    lines = [line(number, side) for number in sorted(signers)]
    return witnessed(Note(head.text, (*head.signatures, *lines)), policy).admitted


def assignments(count: int, colluding: frozenset[int]) -> Iterator[tuple[frozenset[int], ...]]:
    """Who signs which history, for every division of the honest."""
    honest = [number for number in range(count) if number not in colluding]
    for sides in product((0, 1), repeat=len(honest)):
        yield tuple(
            colluding | {one for one, chosen in zip(honest, sides, strict=True) if chosen == side}
            for side in (0, 1)
        )


def tried(policy: Policy, count: int) -> tuple[int, dict[int, bool]]:
    """How many assignments there are, and for each number of colluding whether one broke it."""
    admitted = {
        (side, signers): admits(policy, side, signers)
        for size in range(count + 1)
        for signers in map(frozenset, combinations(range(count), size))
        for side in (0, 1)
    }
    total = 0
    broken = dict.fromkeys(range(count + 1), False)
    for f in range(count + 1):
        for colluding in map(frozenset, combinations(range(count), f)):
            for signers in assignments(count, colluding):
                total += 1
                broken[f] |= all(admitted[side, signers[side]] for side in (0, 1))
    return total, broken


POLICIES = {
    **{
        f"{k} of {n}": (n, [f"group g {k} {' '.join(f'w{w}' for w in range(n))}"]) for k, n in PLAIN
    },
    **NESTED,
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_quorum_holds_exactly_within_its_stated_f(name: str) -> None:
    count, groups = POLICIES[name]
    policy = policy_of(count, groups)
    total, broken = tried(policy, count)
    assert total == 3**count
    stated = withstands(policy)
    safe = not broken[0]
    assert all(broken[f] is not (safe and f <= stated) for f in range(count + 1))


def test_k_of_n_withstands_what_the_specification_says() -> None:
    for k, n in PLAIN:
        count, groups = POLICIES[f"{k} of {n}"]
        _, broken = tried(policy_of(count, groups), count)
        for f in range(n + 1):
            assert broken[f] is not (k > (n + f) / 2)  # custody-log §1


def test_how_many_assignments_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    total = sum(3**count for count, _ in POLICIES.values())
    assert total > 3000
    tell(
        capsys, f"{len(POLICIES)} policies, {total} assignments of colluding and divided witnesses"
    )
