"""The files under `custody/`: what the log says, checked once more before it leaves.

- Every leaf is proved under the one checkpoint, every old head leads to it, both are signed by the
  log's key, and the last entry discloses exactly the selection that was prepared.
- A contradiction is an alarm: nothing is written.

Not its job: whether the chains are whole, which is what the readers of the bundle find out.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.keys import VerifierKey
from muniment.custody.leaf import leaf_hash, parse_leaf
from muniment.custody.lines import base64_text
from muniment.custody.note import check_note, parse_note
from muniment.custody.proof import LogProof, format_proof, verify_consistency, verify_inclusion
from muniment.errors import TamperSuspected
from muniment.evidence.canonical import canonical
from muniment.evidence.disclosure import open_disclosure
from muniment.export.exhibit.selection import heads_of, tokens_of, watched_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.evidence.canonical import Json
    from muniment.export.api import Custody, Entry, OldHead


_TOKEN_FILE: Final = re.compile(
    r"([1-9][0-9]{0,15})(?:\.note|-[1-9]\.(?:tsr|pem|crl|ocsp))", re.ASCII
)


def custody_files(custody: Custody, selection: Mapping[str, Json]) -> dict[str, bytes]:
    """Return the custody files by path; raises TamperSuspected or InvalidInput."""
    key = VerifierKey.parse(custody.keys[0]) if custody.keys else None
    if key is None or not custody.entries:
        raise _alarm("An export without a log key or without entries proves nothing.")
    head = _signed(custody.checkpoint, key)
    files = {
        "custody/checkpoint": custody.checkpoint,
        "custody/entries.jsonl": b"".join([_line(entry) for entry in custody.entries]),
        "custody/keys": "".join([f"{text}\n" for text in custody.keys]).encode(),
        "custody/policy": custody.policy,
    }
    for entry in custody.entries:
        files[f"custody/proofs/{entry.index}.tlog-proof"] = _proof(entry, custody, head)
    for old in custody.old_heads:
        path, data = _consistency(old, key, head)
        files[path] = data
    files |= _token_files(custody, selection)
    _check_order(custody)
    _check_heads(custody, selection)
    _check_policy(custody, selection)
    _check_selection(custody.entries[-1], selection)
    return files


def _signed(note: bytes, key: VerifierKey) -> Checkpoint:
    parsed = parse_note(note)
    head = parse_checkpoint(parsed.text)
    if head.origin != key.name or not check_note(parsed, key):
        raise _alarm(f"The head at {head.size} entries is not signed by the log's key.")
    return head


def _line(entry: Entry) -> bytes:
    value: dict[str, Json] = {
        "disclosures": list(entry.disclosures),
        "index": entry.index,
        "leaf": base64_text(entry.leaf),
    }
    return canonical(value) + b"\n"


def _proof(entry: Entry, custody: Custody, head: Checkpoint) -> bytes:
    hashes = custody.proofs.get(entry.index, ())
    if parse_leaf(entry.leaf).origin != head.origin:
        raise _alarm(f"Entry {entry.index} belongs to another log.")
    verify_inclusion(leaf_hash(entry.leaf), entry.index, head.size, hashes, head.root)
    return format_proof(LogProof(entry.index, hashes, custody.checkpoint))


def _consistency(old: OldHead, key: VerifierKey, head: Checkpoint) -> tuple[str, bytes]:
    then = _signed(old.note, key)
    verify_consistency(then.size, then.root, head.size, head.root, old.proof)
    lines = "".join([f"{base64_text(one)}\n" for one in old.proof])
    return f"custody/consistency/{then.size}-{head.size}", old.note + b"\n" + lines.encode()


def _token_files(custody: Custody, selection: Mapping[str, Json]) -> dict[str, bytes]:
    """The time tokens that the export act names, each over a head that the bundle proves."""
    notes = [custody.checkpoint, *(old.note for old in custody.old_heads)]
    texts = {parse_checkpoint(text).size: text for text in (parse_note(one).text for one in notes)}
    stamped: list[int] = []
    for name, data in custody.tokens.items():
        form = _TOKEN_FILE.fullmatch(name)
        if not form:
            raise _alarm(f"{name!r} is no file of a time token.")
        if name.endswith(".note"):
            stamped.append(int(form[1]))
            if parse_note(data).text != texts.get(int(form[1])):
                raise _alarm(f"{name} is not a head of the log that is exported.")
        elif f"{form[1]}.note" not in custody.tokens:
            raise _alarm(f"{name} has no note that it stamps.")
    if sorted(stamped) != tokens_of(selection):
        raise _alarm("The time tokens are not those that the export act names.")
    return {f"custody/tsa/{name}": data for name, data in custody.tokens.items()}


def _check_order(custody: Custody) -> None:
    indices = [entry.index for entry in custody.entries]
    if indices != sorted(set(indices)) or set(indices) != set(custody.proofs):
        raise _alarm("The entries are not in order, or their proofs are not theirs.")


def _check_heads(custody: Custody, selection: Mapping[str, Json]) -> None:
    sizes = sorted([parse_checkpoint(parse_note(old.note).text).size for old in custody.old_heads])
    if sizes != heads_of(selection):
        raise _alarm("The old heads are not those that the export act names.")


def _check_policy(custody: Custody, selection: Mapping[str, Json]) -> None:
    watched = watched_of(selection)
    if watched is not None and sha256(custody.policy).hexdigest() != watched.policy:
        raise _alarm("The witness policy is not the one that the export act names.")


def _check_selection(last: Entry, selection: Mapping[str, Json]) -> None:
    for text in last.disclosures:
        opened = open_disclosure(text)
        if opened.name == "selection":
            if canonical(opened.value) == canonical(selection):
                return
            raise _alarm("The export act names another selection than the one prepared.")
    raise _alarm("The last entry is not the end of an export: it discloses no selection.")


def _alarm(message: str) -> TamperSuspected:
    return TamperSuspected(message, code="exhibit.custody", hint="Run `muniment check`.")
