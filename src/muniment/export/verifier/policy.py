# SPDX-License-Identifier: 0BSD
"""The witness policy of the bundle (C2SP tlog-policy): who may witness, and how many must.

- The policy is the bundle's own: who its witnesses are, the reader must know from elsewhere.
- A quorum of `none` asks for nobody, so nothing is witnessed.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.fault import Fault, demand, shown
from muniment.export.verifier.notes import (
    ML_DSA_SIGNATURE,
    WITNESS_SIGNATURE,
    Head,
    Key,
    is_cosigned,
    read_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_POLICY_BYTES = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*\n")
_HOW_MANY = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_NOBODY = "none"
_MOST_POLICY_LINES = 256


class Rule(NamedTuple):
    """How many of these members must have witnessed; a witness is a rule about its own key."""

    needed: int
    members: Sequence[str]
    key: Key | None


class Policy(NamedTuple):
    """The log, the rules by name in the order of their lines, and the rule that decides."""

    log: Key
    rules: dict[str, Rule]
    quorum: str

    @property
    def witnesses(self) -> list[Key]:
        """The keys of all witnesses."""
        return [rule.key for rule in self.rules.values() if rule.key]


def read_policy(data: bytes) -> Policy:
    """The policy, in which each line says something."""
    fits = _POLICY_BYTES.fullmatch(data) and data.count(b"\n") <= _MOST_POLICY_LINES
    demand(bool(fits), "the policy has control characters, too many lines, or an unended one")
    logs: list[Key] = []
    rules: dict[str, Rule] = {}
    quorums: list[str] = []
    try:
        lines = data.decode("utf-8")[:-1].split("\n")
    except UnicodeDecodeError as error:
        raise Fault("the policy is not UTF-8") from error
    for line in lines:
        words = re.findall("[^ \t]+", line)
        kind, given = (words[0], words[1:]) if words else ("", [])
        if kind == "log" and len(given) in (1, 2):
            logs.append(read_key(given[0]))
        elif kind == "witness" and len(given) in (2, 3):
            _define(rules, given[0], Rule(1, (), _witness_key(given[1])))
        elif kind == "group" and len(given) > 2:  # noqa: PLR2004  # name, number, members
            _define(rules, given[0], _group(rules, given[1], given[2:]))
        elif kind == "quorum" and len(given) == 1 and given[0] in (_NOBODY, *rules):
            quorums.append(given[0])
        else:
            raise Fault(f"the policy has a line that says nothing: {shown(line)}")
    demand(len(logs) == 1 and len(quorums) == 1, "the policy needs one log and one quorum")
    policy = Policy(logs[0], rules, quorums[0])
    publics = {key.public for key in policy.witnesses}
    demand(len(publics) == len(policy.witnesses), "the policy names one witness twice")
    return policy


def _define(rules: dict[str, Rule], name: str, rule: Rule) -> None:
    demand(name != _NOBODY and name not in rules, f"the policy defines {shown(name)} twice")
    rules[name] = rule


def _witness_key(text: str) -> Key:
    key = read_key(text)
    cosigns = key.kind in (WITNESS_SIGNATURE, ML_DSA_SIGNATURE)
    demand(cosigns, f"the policy's key {shown(text)} makes no cosignatures")
    return key


def _group(rules: dict[str, Rule], needed: str, members: Sequence[str]) -> Rule:
    """A group of members defined before it, none of which is in another group."""
    taken = [member for rule in rules.values() for member in rule.members] + list(members)
    demand(len(set(taken)) == len(taken), "a member of the policy stands in two groups")
    demand(all(member in rules for member in members), "a group has a member that is not defined")
    number = {"any": "1", "all": str(len(members))}.get(needed, needed)
    possible = _HOW_MANY.fullmatch(number) and int(number) <= len(members)
    demand(bool(possible), f"a group asks for {shown(needed)} of {len(members)}")
    return Rule(int(number), members, None)


def _met(policy: Policy, name: str, head: Head) -> bool:
    rule = policy.rules[name]
    if rule.key:
        return is_cosigned(head, rule.key)
    return sum(_met(policy, member, head) for member in rule.members) >= rule.needed


def demand_said(
    policy: Policy, data: bytes, said: tuple[str, Mapping[int, int]], old: Sequence[Head]
) -> None:
    """The policy and the lines on the old heads are as the export act says: digest, and counts."""
    digest, lines = said
    same = hashlib.sha256(data).hexdigest() == digest
    demand(same, "the policy is not the one that the selection names")
    found = {head.size: sum(is_cosigned(head, key) for key in policy.witnesses) for head in old}
    other = set(found) == set(lines) and found != lines
    demand(not other, "the old heads do not bear as many cosignatures as the selection says")


def witnesses_of(
    policy: Policy, checkpoint: Head, old: Sequence[Head], firsts: Sequence[int]
) -> tuple[bool, str]:
    """Whether the quorum was met, and in words by whom.

    It counts on the checkpoint, or for each item on an old head above its first act; `firsts` are
    the places of these acts.
    """
    signed = [
        sum(is_cosigned(head, key) for key in policy.witnesses) for head in (checkpoint, *old)
    ]
    words = f"{signed[0]} of {len(policy.witnesses)} witnesses in the bundle's policy signed"
    if policy.quorum == _NOBODY:
        return False, f"the policy asks for no witness; {words} the checkpoint"
    if _met(policy, policy.quorum, checkpoint):
        return True, f"{words} the checkpoint"
    sizes = [head.size for head in old if _met(policy, policy.quorum, head)]
    if firsts and all(any(first < size for size in sizes) for first in firsts):
        least = min(signed[at] for at, head in enumerate(old, 1) if head.size in sizes)
        words = f"{least} of {len(policy.witnesses)} witnesses in the bundle's policy, a quorum,"
        where = ", ".join(map(str, sorted(sizes)))
        return True, f"{words} signed the old head of size {where}, above each item's first act"
    return False, f"no quorum: {words} the checkpoint"
