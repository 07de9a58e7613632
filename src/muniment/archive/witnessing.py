"""What outside observers said of our heads: asked for, checked, and kept with the head.

- A cosignature stands under the log's own signature at `checkpoints/<size>`, for ever; the
  published checkpoint and everything that was time-stamped stay as they were (custody-log §1).
- Only what checks is kept, and only of witnesses whom the policy names. One line of each.
- A head that bears our signature and cosignatures and is no earlier state of this log is an alarm.

Whoever adds lines holds a lock of the kept heads. Not its job: publishing, transport.
"""

from __future__ import annotations

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from muniment.archive.layout import KEPT, Layout, kept_checkpoint
from muniment.archive.log_files import (
    kept_sizes,
    published_size,
    read_cosigned,
    read_kept,
    read_published,
)
from muniment.archive.publication import differs, publish_files, replace_file
from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.cosignature import check_cosignature
from muniment.custody.note import Note, check_note, names, parse_note
from muniment.custody.policy import NONE, Policy, parse_policy, witnessed
from muniment.custody.proof import consistency_proof
from muniment.custody.tiles import TileReader
from muniment.egress import Rule
from muniment.errors import InvalidInput, MunimentError, NotFound, TamperSuspected, Unavailable
from muniment.seal.witness_client import ask
from muniment.seal.witness_request import Submission, submission

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from muniment.archive.outside import Outside
    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import NoteSignature
    from muniment.custody.policy import Witness, Witnessed
    from muniment.seal.witness_client import Transport

_AT_ONCE = 8
_NEWEST = 256  # kept heads looked through for the last cosigned one before a witness is asked


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of cosignatures on a head: whose were new, and what the head shows now."""

    size: int
    added: tuple[bytes, ...]
    witnessed: Witnessed


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking the witnesses came to: an error by name for those who did not cosign."""

    kept: Kept
    failed: Mapping[bytes, MunimentError]


def read_policy(path: Path, log: VerifierKey) -> Policy:
    """Return the policy in a file, which names this log or none.

    Raises NotFound where there is none, InvalidInput for one that cannot be used, Unavailable.
    """
    try:
        policy = parse_policy(path.read_bytes())
    except FileNotFoundError:
        message = f"there is no witness policy at {path}"
        raise NotFound(
            message,
            code="policy.missing",
            hint="Write one: witness lines, a group, a quorum (c2sp.org/tlog-policy).",
        ) from None
    except OSError as error:
        message = f"the witness policy at {path} cannot be read: {error.strerror}"
        raise Unavailable(message, code="policy.unreadable") from None
    if policy.logs and log not in [line.key for line in policy.logs]:
        message = f"the witness policy at {path} is for another log"
        raise InvalidInput(
            message, code="policy.log", hint="Its log line is what `muniment log key` prints."
        )
    return policy


def published_head(archive: Path) -> Note:
    """Return the published head as the log signed it; raises NotFound where there is none."""
    note = read_published(archive)
    if note is None:
        raise NotFound(
            "nothing is published yet",
            code="log.not_published",
            hint="Any command that writes publishes before it ends.",
        )
    return parse_note(read_kept(archive, parse_checkpoint(note.text).size))


def request_for(archive: Path, old: int) -> Submission:
    """Return the request that asks for a cosignature on the published head, by file.

    `old` is the size the witness cosigned last, 0 for none. Raises NotFound, InvalidInput.
    """
    note = published_head(archive)
    head = parse_checkpoint(note.text)
    proof = consistency_proof(_reader(archive, head.size), old, head.size) if old else []
    return submission(old, proof, note)


def last_cosigned(archive: Path, witness: VerifierKey, among: int | None = None) -> int:
    """Return the size of the newest kept head that bears a line of this witness, or 0.

    Looks at no more than the newest `among` heads.
    """
    sizes = kept_sizes(archive)
    for size in reversed(sizes[-among:] if among else sizes):
        if any(names(line, witness) for line in read_cosigned(archive, size).signatures):
            return size
    return 0


def judged(archive: Path, size: int, policy: Policy) -> Witnessed:
    """Return who of the policy cosigned the kept head of a size, and whether that is a quorum."""
    return witnessed(read_cosigned(archive, size), policy)


def head_for_bundle(archive: Path, size: int, policy: Policy, lines: int | None = None) -> bytes:
    """Return a kept head with the lines of the log and of the policy's witnesses, no others.

    With `lines` only so many of the witnesses', those that came first: what comes later changes no
    bundle. Readers of a bundle refuse a line by a key that its policy does not name. Raises as
    `read_kept`.
    """
    own = parse_note(read_kept(archive, size)).signatures
    text = read_cosigned(archive, size).text
    return Note(text, (*own, *_lines(archive, size, policy)[:lines])).to_bytes()


def lines_to_quorum(archive: Path, size: int, policy: Policy) -> int:
    """Return how many lines of the policy's witnesses on a kept head, as they came, made a quorum.

    0 where they make none, or the policy asks for none. Raises as `judged`.
    """
    if policy.quorum == NONE or not judged(archive, size, policy).quorum_met:
        return 0
    found = {name: one.key for name, one in policy.witnesses.items()}
    seen: set[bytes] = set()
    for count, line in enumerate(_lines(archive, size, policy), 1):
        seen |= {name for name, key in found.items() if names(line, key)}
        if policy.met_by(frozenset(seen)):
            return count
    return 0


def outward(policy: Policy, outside: Outside) -> Rule:
    """Return the rule for asking: what the settings allow, and the ports of the addresses named.

    Raises InvalidInput for an address or a network that cannot be used.
    """
    try:
        ports = {urlsplit(one.url).port for one in policy.witnesses.values()}
        networks = tuple([ip_network(one) for one in outside.networks])
        own = tuple([ip_network(one) for one in outside.own])
    except ValueError as error:
        message = f"an address or a network cannot be used: {error}"
        raise InvalidInput(message, code="witness.address") from None
    named = {port for port in ports if port}
    return Rule(networks=networks, ports=Rule().ports | named | set(outside.ports), own=own)


def keep(archive: Path, note: Note, policy: Policy, log: VerifierKey) -> Kept:
    """Keep the policy's cosignatures on a head of this log.

    Raises InvalidInput where the log did not sign the note, TamperSuspected where a line of a named
    witness does not check or the head is no state of this log, Unavailable.
    """
    head = parse_checkpoint(note.text)
    if head.origin != log.name or not check_note(note, log):
        message = f"this checkpoint is not signed by the key of {log.name}"
        raise InvalidInput(message, code="witness.not_ours")
    found = {name: _line(note, witness) for name, witness in policy.witnesses.items()}
    lines = {name: line for name, line in found.items() if line is not None}
    layout = Layout(archive)
    with _locked(layout):
        kept = _kept(archive, note, head)
        new = {name: line for name, line in lines.items() if not _bears(kept, policy, name)}
        if new:
            cosigned = Note(kept.text, (*kept.signatures, *new.values()))
            replace_file(layout, f"log/{kept_checkpoint(head.size)}", cosigned.to_bytes())
    return Kept(head.size, tuple(new), judged(archive, head.size, policy))


def ask_all(archive: Path, policy: Policy, log: VerifierKey, transport: Transport) -> Asked:
    """Ask every witness of the policy that has an address to cosign the published head.

    Those who have are not asked again. One that fails does not keep the others from being kept.
    Raises NotFound where nothing is published.
    """
    note = published_head(archive)
    head = parse_checkpoint(note.text)
    reader = _reader(archive, head.size)
    done = judged(archive, head.size, policy).names
    asked = {name: one for name, one in policy.witnesses.items() if one.url and name not in done}

    def one(witness: Witness) -> NoteSignature | MunimentError:
        try:
            return ask(
                transport,
                witness.url,
                witness.key,
                note,
                lambda size: consistency_proof(reader, size, head.size),
                last_cosigned(archive, witness.key, _NEWEST),
                lambda: published_size(archive),
            )
        except MunimentError as error:
            return error

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        replies = dict(zip(asked, pool.map(one, asked.values()), strict=True))
    failed = {name: reply for name, reply in replies.items() if isinstance(reply, MunimentError)}
    lines = [reply for reply in replies.values() if not isinstance(reply, MunimentError)]
    return Asked(keep(archive, Note(note.text, (*note.signatures, *lines)), policy, log), failed)


def _line(note: Note, witness: Witness) -> NoteSignature | None:
    """Return the line of a witness, checked; the earliest where there are several."""
    if check_cosignature(note, witness.key) is None:
        return None
    lines = [one for one in note.signatures if names(one, witness.key)]
    return min(lines, key=lambda one: one.signature[:8])


def _lines(archive: Path, size: int, policy: Policy) -> list[NoteSignature]:
    """Return the lines of the policy's witnesses on a kept head, in the order they were kept."""
    keys = [one.key for one in policy.witnesses.values()]
    own = parse_note(read_kept(archive, size)).signatures
    lines = read_cosigned(archive, size).signatures
    return [one for one in lines if one not in own and any(names(one, key) for key in keys)]


def _bears(note: Note, policy: Policy, name: bytes) -> bool:
    return any(names(line, policy.witnesses[name].key) for line in note.signatures)


def _kept(archive: Path, note: Note, head: Checkpoint) -> Note:
    """Return the kept head of this size, which says the same; keep it now if it was not."""
    path = f"log/{kept_checkpoint(head.size)}"
    if head.size in kept_sizes(archive):
        kept = read_cosigned(archive, head.size)
        if kept.text != note.text:
            raise differs(path)
        return kept
    size = published_size(archive)
    if head.size > size:
        message = f"this head covers {head.size} entries, and this log has {size}"
        raise TamperSuspected(
            message,
            code="witness.ahead",
            hint="An old copy was put back or entries were removed. Stop, and find out.",
        )
    if _reader(archive, size).root(head.size) != head.root:
        raise differs(path)
    own = Note(note.text, tuple([one for one in note.signatures if one.name == head.origin]))
    publish_files(Layout(archive), {path: own.to_bytes()})
    return own


def _reader(archive: Path, size: int) -> TileReader:
    return TileReader(lambda path: (archive / "log" / path).read_bytes(), size)


@contextmanager
def _locked(layout: Layout) -> Generator[None]:
    """Hold the lock of the kept heads."""
    try:
        folder = os.open(
            os.path.join(layout.log, KEPT), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        )
    except OSError as error:
        message = f"the kept heads cannot be opened: {error.strerror}"
        raise Unavailable(message, code="archive.unreadable") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
