"""What a quorum withstands, against every pair of quorums there is."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.custody.policy import Policy, parse_policy
from muniment.custody.quorum import bundle_policy, overlap, withstands
from muniment.errors import InvalidInput

LOG = SigningKey("example.com/log", ED25519, b"L" * 32).verifier
KEYS = [
    SigningKey(f"witness{number}.example", COSIGNATURE_V1, bytes([number]) * 32).verifier.text
    for number in range(8)
]


def policy_of(witnesses: int, *lines: str) -> Policy:
    named = [f"witness w{number} {KEYS[number]}" for number in range(witnesses)]
    return parse_policy("".join(line + "\n" for line in [*named, *lines]).encode())


def k_of_n(k: int, n: int) -> Policy:
    members = " ".join(f"w{number}" for number in range(n))
    return policy_of(n, f"group g {k} {members}", "quorum g")


def smallest_overlap(policy: Policy) -> int:
    """By looking at every two sets of witnesses that meet the quorum."""
    names = list(policy.witnesses)
    met = [
        frozenset(some)
        for size in range(len(names) + 1)
        for some in combinations(names, size)
        if policy.met_by(frozenset(some))
    ]
    return min(len(one & other) for one in met for other in met)


@pytest.mark.parametrize(("k", "n"), [(k, n) for n in range(1, 7) for k in range(1, n + 1)])
def test_k_of_n_withstands_what_the_specification_says(k: int, n: int) -> None:
    policy = k_of_n(k, n)
    assert overlap(policy) == smallest_overlap(policy)
    for colluding in range(n):
        assert (overlap(policy) > colluding) == (k > (n + colluding) / 2)  # custody-log §1


@st.composite
def trees(draw: st.DrawFn) -> Policy:
    """Groups of witnesses and of groups, as a policy may have them."""
    free = [f"w{number}" for number in range(draw(st.integers(1, 6)))]
    count = len(free)
    lines: list[str] = []
    while len(free) > 1:
        members = draw(st.lists(st.sampled_from(free), min_size=1, max_size=4, unique=True))
        threshold = draw(st.integers(1, len(members)))
        name = f"g{len(lines)}"
        lines.append(f"group {name} {threshold} {' '.join(members)}")
        free = [one for one in free if one not in members] + [name]
        if len(lines) > 6:
            break
    return policy_of(count, *lines, f"quorum {free[-1]}")


@given(trees())
def test_groups_of_groups_overlap_as_every_pair_of_quorums_shows(policy: Policy) -> None:
    assert overlap(policy) == smallest_overlap(policy)


def test_nobody_withstands_nothing() -> None:
    policy = policy_of(2, "quorum none")
    assert (overlap(policy), withstands(policy)) == (0, 0)
    assert withstands(k_of_n(2, 3)) == 0
    assert withstands(k_of_n(3, 4)) == 1
    assert withstands(k_of_n(4, 5)) == 2


@given(trees())
def test_the_form_for_bundles_says_the_same_policy(policy: Policy) -> None:
    data = bundle_policy(policy, LOG)
    again = parse_policy(data)
    assert [line.key for line in again.logs] == [LOG]
    assert again.groups == policy.groups
    assert again.witnesses == policy.witnesses
    assert again.quorum == policy.quorum


def test_addresses_and_remarks_stay_out_of_bundles() -> None:
    policy = parse_policy(
        f"# our partners\n\nlog {LOG.text} https://log.example/\n"
        f"witness  a\t{KEYS[0]} https://witness.example/\nquorum a\n".encode()
    )
    said = bundle_policy(policy, LOG).decode()
    assert said == f"log {LOG.text}\nwitness a {KEYS[0]}\nquorum a\n"


def test_a_name_that_is_no_text_is_refused() -> None:
    policy = parse_policy(f"witness \xff {KEYS[0]}\nquorum \xff\n".encode("latin-1"))
    with pytest.raises(InvalidInput):
        bundle_policy(policy, LOG)
