"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them suffice.

- A head is admitted when one of the policy's logs signed it and its witnesses meet the quorum.
- Names of witnesses and groups are bytes that mean nothing outside the file.
- Keys that wrap the same public key are duplicates and refused, so nobody counts twice.

Not its job: which policy a reader should hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import parse_checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.custody.keys import COSIGNATURE_V1, ED25519, VerifierKey
from muniment.custody.note import check_note
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from muniment.custody.cosignature import Cosignature
    from muniment.custody.note import Note

NONE = b"none"

_ALLOWED = re.compile(rb"[\t\n\x20-\x7e\x80-\xff]*")
_SPACE = re.compile(rb"[ \t]+")
_THRESHOLD = re.compile(rb"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log that may have signed the head."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that may have cosigned the head."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members, each a witness or a group."""

    threshold: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy file says; `quorum` is b"none", or the name of a witness or group."""

    logs: tuple[LogLine, ...]
    witnesses: Mapping[bytes, Witness]
    groups: Mapping[bytes, Group]
    quorum: bytes

    def met_by(self, cosigned: frozenset[bytes]) -> bool:
        """Say whether the witnesses of these names meet the quorum."""
        reached = {NONE, *cosigned}
        for name, group in self.groups.items():  # a group names only what stands before it
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(name)
        return self.quorum in reached


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a head has to show for itself under a policy."""

    log: VerifierKey | None
    cosignatures: tuple[Cosignature, ...]
    quorum_met: bool
    names: tuple[bytes, ...] = ()  # in the policy, of those who cosigned, in its order: the k
    of: int = 0  # how many witnesses the policy names: the n

    @property
    def admitted(self) -> bool:
        """Whether the policy admits the head."""
        return self.log is not None and self.quorum_met


def witnessed(note: Note, policy: Policy) -> Witnessed:
    """Return which log signed a checkpoint, who cosigned it when, and whether that suffices.

    A log's key must bear the name of the checkpoint's origin. Raises TamperSuspected where a known
    key's signature fails, InvalidInput where the note is no checkpoint.
    """
    origin = parse_checkpoint(note.text).origin
    logs = [line.key for line in policy.logs if line.key.name == origin]
    signed = [key for key in logs if check_note(note, key)]
    found = {name: check_cosignature(note, one.key) for name, one in policy.witnesses.items()}
    cosigned = {name: one for name, one in found.items() if one is not None}
    return Witnessed(
        signed[0] if signed else None,
        tuple(cosigned.values()),
        policy.met_by(frozenset(cosigned)),
        tuple(cosigned),
        len(policy.witnesses),
    )


def parse_policy(data: bytes) -> Policy:
    """Return what a policy file says; raises InvalidInput and names the line."""
    if not _ALLOWED.fullmatch(data) or (data and not data.endswith(b"\n")):
        message = "a policy is lines of text, each ended by a newline, without control characters"
        raise InvalidInput(message, code="policy.form")
    draft = _Draft()
    for number, line in enumerate(data.split(b"\n"), 1):
        words = [word for word in _SPACE.split(line) if word]
        if words and not words[0].startswith(b"#"):
            try:
                draft.add(words)
            except (ValueError, InvalidInput) as error:
                message = f"line {number} of the policy: {error}"
                raise InvalidInput(message, code="policy.line") from None
    if draft.quorum is None:
        message = "a policy says its quorum, and be it `quorum none`"
        raise InvalidInput(message, code="policy.quorum")
    return Policy(tuple(draft.logs), draft.witnesses, draft.groups, draft.quorum)


@dataclass(slots=True)
class _Draft:
    """A policy while its lines are read; ValueError says what is wrong with one."""

    logs: list[LogLine] = field(default_factory=list["LogLine"])
    witnesses: dict[bytes, Witness] = field(default_factory=dict[bytes, "Witness"])
    groups: dict[bytes, Group] = field(default_factory=dict[bytes, "Group"])
    quorum: bytes | None = None
    members: set[bytes] = field(default_factory=set[bytes])

    def add(self, words: list[bytes]) -> None:
        kinds: dict[bytes, Callable[[list[bytes]], None]] = {
            b"log": self._log,
            b"witness": self._witness,
            b"group": self._group,
            b"quorum": self._quorum,
        }
        if words[0] not in kinds:
            message = "it begins with none of log, witness, group, quorum"
            raise ValueError(message)
        kinds[words[0]](words[1:])

    def _log(self, words: list[bytes]) -> None:
        if not 1 <= len(words) <= 2:  # noqa: PLR2004 - a key and perhaps an address
            message = "a log has a key and perhaps an address"
            raise ValueError(message)
        key = _key(words[0], ED25519, [line.key for line in self.logs])
        self.logs.append(LogLine(key, _address(words[1:])))

    def _witness(self, words: list[bytes]) -> None:
        if not 2 <= len(words) <= 3:  # noqa: PLR2004 - a name, a key and perhaps an address
            message = "a witness has a name, a key and perhaps an address"
            raise ValueError(message)
        self._require_free(words[0])
        key = _key(words[1], COSIGNATURE_V1, [one.key for one in self.witnesses.values()])
        self.witnesses[words[0]] = Witness(key, _address(words[2:]))

    def _group(self, words: list[bytes]) -> None:
        if len(words) < 3:  # noqa: PLR2004 - a name, a threshold and a member
            message = "a group has a name, a threshold and members"
            raise ValueError(message)
        name, threshold, *members = words
        self._require_free(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                message = "a member of the group is not defined before it"
                raise ValueError(message)
            if member in self.members:
                message = "a member of the group was listed before"
                raise ValueError(message)
            self.members.add(member)
        self.groups[name] = Group(_threshold(threshold, len(members)), tuple(members))

    def _quorum(self, words: list[bytes]) -> None:
        known = {NONE, *self.witnesses, *self.groups}
        if len(words) != 1 or words[0] not in known or self.quorum is not None:
            message = "there is one quorum: none, or a witness or group defined before"
            raise ValueError(message)
        self.quorum = words[0]

    def _require_free(self, name: bytes) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            message = "the name is taken"
            raise ValueError(message)


def _key(word: bytes, kind: int, others: list[VerifierKey]) -> VerifierKey:
    key = VerifierKey.parse(word.decode("utf-8", "surrogateescape"))
    if key.type != kind:
        message = f"its key must be of type 0x{kind:02x}, not 0x{key.type:02x}"
        raise ValueError(message)
    if key.public in [other.public for other in others]:
        message = "its public key stands in an earlier line"
        raise ValueError(message)
    return key


def _threshold(word: bytes, count: int) -> int:
    if word in (b"all", b"any"):
        return count if word == b"all" else 1
    if not _THRESHOLD.fullmatch(word) or int(word) > count:
        message = f"its threshold is all, any, or a number from 1 to {count}"
        raise ValueError(message)
    return int(word)


def _address(words: list[bytes]) -> str:
    return words[0].decode("utf-8", "backslashreplace") if words else ""
