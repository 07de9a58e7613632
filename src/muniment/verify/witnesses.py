"""Outside observers: cosignatures against the policy in the bundle (C2SP tlog-policy).

- The policy's one `log` line is the log's own key; its quorum may ask for no witness at all.
- A head is witnessed if the quorum's rule is met by cosignatures on it that check. The checkpoint
  counts, or for each item an old head above its first leaf.
- The policy, and how many of its witnesses signed each old head, are as the export act says, if it
  says so.
- A cosignature by a named witness that does not check is fatal. ML-DSA-44 is not counted here.
- The policy is the bundle's own: who the witnesses are, the reader must know from elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, about, shown
from muniment.verify.keys import COSIGNATURE, ML_DSA_44, VerifierKey, parse_key
from muniment.verify.note import Head, cosigned_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from muniment.verify.selection import Selection

_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_NONE = "none"
_MOST_LINES = 256


@dataclass(frozen=True, slots=True)
class Group:
    """`needed` of these members must have witnessed; a member is a witness or a group."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who must have seen a head for it to count as witnessed."""

    log: VerifierKey
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str

    def met(self, name: str, seen: frozenset[str]) -> bool:
        """Whether these witnesses together satisfy a witness, a group or the quorum by name."""
        if name in self.witnesses:
            return name in seen
        group = self.groups[name]
        return sum(self.met(member, seen) for member in group.members) >= group.needed


@dataclass(slots=True)
class _Draft:
    logs: list[VerifierKey]
    witnesses: dict[str, VerifierKey]
    groups: dict[str, Group]
    quorums: list[str]
    used: set[str]

    def know(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Fault(f"it names {shown(name)} before it is defined")

    def new(self, name: str) -> str:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise Fault(f"it defines {shown(name)} twice")
        return name


def parse_policy(data: bytes) -> Policy:
    """The policy in a bundle; `Fault` at the first line that it may not hold."""
    if not _ALLOWED.fullmatch(data) or not data.endswith(b"\n"):
        raise Fault("the policy has control characters or its last line is not ended")
    if data.count(b"\n") > _MOST_LINES:
        raise Fault("the policy has too many lines")
    draft = _Draft([], {}, {}, [], set())
    try:
        lines = data.decode("utf-8").split("\n")[:-1]
    except UnicodeDecodeError as error:
        raise Fault("the policy is not UTF-8") from error
    with about("the policy"):
        for line in lines:
            _read_line(draft, [word for word in re.split(r"[ \t]+", line) if word])
    publics = [key.public for key in draft.witnesses.values()]
    if len(draft.logs) != 1 or len(draft.quorums) != 1 or len(set(publics)) != len(publics):
        raise Fault("the policy needs one log, one quorum and no witness twice")
    return Policy(draft.logs[0], draft.witnesses, draft.groups, draft.quorums[0])


def _read_line(draft: _Draft, words: list[str]) -> None:
    match words:
        case ["log", key] | ["log", key, _]:
            draft.logs.append(parse_key(key))
        case ["witness", name, key] | ["witness", name, key, _]:
            witness = parse_key(key)
            if witness.kind not in (COSIGNATURE, ML_DSA_44):
                raise Fault(f"the witness {shown(name)} has a key that makes no cosignatures")
            draft.witnesses[draft.new(name)] = witness
        case ["group", name, needed, *members] if members:
            for member in members:
                draft.know(member)
                if member in draft.used:
                    raise Fault(f"{shown(member)} is a member twice")
                draft.used.add(member)
            draft.groups[draft.new(name)] = Group(_needed(needed, len(members)), tuple(members))
        case ["quorum", name]:
            if name != _NONE:
                draft.know(name)
            draft.quorums.append(name)
        case _:
            raise Fault(f"a line that says nothing: {shown(' '.join(words))}")


def _needed(text: str, members: int) -> int:
    if text in ("any", "all"):
        return 1 if text == "any" else members
    if not _THRESHOLD.fullmatch(text) or int(text) > members:
        raise Fault(f"a group asks for {shown(text)} of {members}")
    return int(text)


def check_said(selection: Selection, data: bytes, policy: Policy, old: Sequence[Head]) -> None:
    """`Fault` unless the policy and the lines on the old heads are those of the export act."""
    said = selection.watched
    if said is None:
        return
    if sha256(data).hexdigest() != said.policy:
        raise Fault("the policy is not the one that the selection names")
    found = {head.size: len(_seen(policy, head)) for head in old}
    named = dict(zip(selection.heads, said.lines, strict=True))
    if set(found) == set(named) and found != named:
        raise Fault("the old heads do not bear as many cosignatures as the selection says")


def witnessed(
    policy: Policy, checkpoint: Head, old: Sequence[Head], firsts: Sequence[int]
) -> tuple[bool, str]:
    """Whether the quorum saw what it had to, and in words who did.

    `firsts` are the places of the items' first leaves. Raises `Fault` if a cosignature by a named
    witness does not check.
    """
    seen = {head.size: _seen(policy, head) for head in (*old, checkpoint)}
    k, n = len(seen[checkpoint.size]), len(policy.witnesses)
    if policy.quorum == _NONE:
        return False, f"the policy asks for no witness; {k} of {n} signed the checkpoint"
    enough = {size: policy.met(policy.quorum, names) for size, names in seen.items()}
    if enough[checkpoint.size]:
        return True, f"{k} of {n} witnesses named in the bundle signed the checkpoint"
    sizes = [head.size for head in old if enough[head.size]]
    if firsts and all(any(first < size for size in sizes) for first in firsts):
        least = min(len(seen[size]) for size in sizes)
        where = ", ".join(map(str, sorted(sizes)))
        words = f"{least} of {n} witnesses named in the bundle, a quorum, signed"
        return True, f"{words} the old head of size {where}, above each item's first act"
    return False, f"{k} of {n} witnesses signed the checkpoint: no quorum"


def _seen(policy: Policy, head: Head) -> frozenset[str]:
    return frozenset(
        name for name, key in policy.witnesses.items() if cosigned_at(head, key) is not None
    )
