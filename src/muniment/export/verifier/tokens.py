# SPDX-License-Identifier: 0BSD
"""Time tokens (RFC 3161), as far as the standard library reaches: for which bytes, of which time.

- `custody/tsa/<size>.note` is what was stamped: a head in this bundle with the log's own signature
  lines. `<size>-<k>.tsr` is a token over it, `<size>-<k>.pem` the certificates on its path.
- A token for other bytes fails the bundle. Whether a token was signed by whom it says, Python alone
  cannot check: under a root that the reader brought, openssl is asked where it is installed. For
  everybody else the report gives the command, and the verdict stays `absent`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.fault import Fault, demand
from muniment.export.verifier.openssl import StampedNote, has_openssl, openssl_accepts, root_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from muniment.export.verifier.jcs import Json
    from muniment.export.verifier.notes import Head

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")  # 1.2.840.113549.1.9.16.1.4
_SHA512 = bytes.fromhex("608648016503040203")  # 2.16.840.1.101.3.4.2.3
_INTEGER, _OCTETS, _OID, _GENERALIZED_TIME, _SEQUENCE, _FIRST = 2, 4, 6, 24, 48, 160
_LONG = 0x80
_MOST_LENGTH_BYTES = 4
_INSTANT = re.compile(r"(\d{14})(?:\.\d*[1-9])?Z")


class _Value(NamedTuple):
    """A value in BER or DER: its tag and what it holds."""

    tag: int
    content: bytes


def judge_tokens(
    files: Mapping[str, bytes],
    named: Sequence[Json],
    heads: Sequence[Head],
    firsts: Sequence[int],
    roots: bytes,
) -> tuple[bool, str]:
    """Whether the tokens prove when every item was there, and what they state in words.

    `files` are those under `custody/tsa/` by path; `named` is what the selection says of tokens;
    `heads` are the checkpoint and the older heads of the bundle; `firsts` the index of each item's
    first entry; `roots` the certificates that the reader brought, in PEM, empty where none. `Fault`
    where something about the tokens is not as it must be.
    """
    tokens = _read_tokens(files, named, heads)
    if not tokens:
        return False, "there is no time token in the bundle"
    if roots:
        _demand_that_they_hold(tokens)
    accepted = {path: size for path, (size, token) in tokens.items()
                if roots and openssl_accepts(token, roots)}  # fmt: skip
    if not accepted:
        why = ""
        if roots and has_openssl():
            why = "openssl accepts no token under the root that you brought: "
        elif roots:
            why = "openssl is not installed here: "
        found = [_command(path, size, token) for path, (size, token) in tokens.items()]
        return False, why + "; ".join(found)
    words = "; ".join(
        f"the head of size {size} was there by {tokens[path][1].at}, says {path}, which openssl "
        f"accepts under the root that you brought"
        for path, size in accepted.items()
    )
    if not all(any(first < size for size in accepted.values()) for first in firsts):
        return False, f"{words}: not every item is under it"
    return True, words


def _demand_that_they_hold(tokens: Mapping[str, tuple[int, StampedNote]]) -> None:
    """`Fault` for a token that openssl refuses even under the root that it brings itself."""
    for path, (_, token) in tokens.items():
        refused = openssl_accepts(token, root_of(token.path)) is False
        demand(not refused, f"openssl refuses {path}: it does not hold under its own root either")


def _read_tokens(
    files: Mapping[str, bytes], named: Sequence[Json], heads: Sequence[Head]
) -> dict[str, tuple[int, StampedNote]]:
    """The tokens by path, each with the size of its head, for the right bytes as far as read."""
    if not files and not named:
        return {}
    sizes = [size for size in named if isinstance(size, int) and not isinstance(size, bool)]
    proper = len(sizes) == len(named) and sizes == sorted(set(sizes))
    demand(proper, "the selection's tokens are not sizes of heads in order")
    demand_token_files(files, sizes)
    found: dict[str, tuple[int, StampedNote]] = {}
    for size in sizes:
        note = files[f"custody/tsa/{size}.note"]
        fits = any(note == _stamped_part(head) for head in heads if head.size == size)
        demand(fits, f"custody/tsa/{size}.note is not a head of the log in this bundle")
        for path in sorted(files):
            if path.startswith(f"custody/tsa/{size}-") and path.endswith(".tsr"):
                at = _stated_time(files[path], note, path)
                chain = files[f"{path[:-4]}.pem"]
                found[path] = size, StampedNote(note, files[path], chain, at)
    return found


def _command(path: str, size: int, token: StampedNote) -> str:
    return (
        f"{path} states {token.at} for the head of size {size}: check with openssl ts "
        f"-verify -data custody/tsa/{size}.note -in {path} -untrusted {path[:-4]}.pem "
        f"-CAfile ROOT.pem, the root as you had it from the authority"
    )


def demand_token_files(files: Mapping[str, bytes], sizes: Sequence[int]) -> None:
    """Each named head has its note and tokens, each token its path, and nothing else is there."""
    needed: set[str] = set()
    for size in sizes:
        last = 1
        while f"custody/tsa/{size}-{last + 1}.tsr" in files:
            last += 1
        needed.add(f"custody/tsa/{size}.note")
        for number in range(1, last + 1):
            needed |= {f"custody/tsa/{size}-{number}{end}" for end in (".tsr", ".pem")}
    missing = needed - set(files)
    demand(not missing, f"{min(missing, default='')} is missing")
    for path in sorted(set(files) - needed):
        beside = path.endswith((".crl", ".ocsp")) and path.rpartition(".")[0] + ".tsr" in needed
        demand(beside, f"{path} belongs to no time token that the selection names")


def _stamped_part(head: Head) -> bytes:
    """What of a head is stamped: its text, a blank line, the log's own signature lines."""
    lines = [
        f"\N{EM DASH} {name} {base64.b64encode(key_id + signature).decode()}\n"
        for (name, key_id), signature in head.signatures.items()
        if name == head.origin
    ]
    return f"{head.text}\n{''.join(lines)}".encode()


def _stated_time(reply: bytes, note: bytes, path: str) -> str:
    """The time that a reply states for this note; `Fault` if it is none, or for other bytes."""
    try:
        algorithm, imprint, time = _read_reply(reply)
    except (ValueError, IndexError) as error:
        raise Fault(f"{path} is no time-stamp reply") from error
    same = algorithm == _SHA512 and imprint == hashlib.sha512(note).digest()
    demand(same, f"{path} is for other bytes")
    return time


def _read_reply(reply: bytes) -> tuple[bytes, bytes, str]:
    """Digest algorithm, imprint and time in a reply (RFC 3161 2.4.2); ValueError, IndexError."""
    (whole,) = _values(reply)
    status, token = _values(_held(whole, _SEQUENCE))
    if _held(_values(_held(status, _SEQUENCE))[0], _INTEGER) != b"\0":
        raise ValueError("the authority granted nothing")
    kind, wrapped = _values(_held(token, _SEQUENCE))
    (signed,) = _values(_held(wrapped, _FIRST))
    _, _, content, *_ = _values(_held(signed, _SEQUENCE))
    inner, boxed = _values(_held(content, _SEQUENCE))
    if (_held(kind, _OID), _held(inner, _OID)) != (_SIGNED_DATA, _TST_INFO):
        raise ValueError("it holds something else")
    (octets,) = _values(_held(boxed, _FIRST))
    (info,) = _values(_held(octets, _OCTETS))
    _, _, imprint, _, time, *_ = _values(_held(info, _SEQUENCE))
    algorithm, digest = _values(_held(imprint, _SEQUENCE))
    named = _values(_held(algorithm, _SEQUENCE))[0]
    return _held(named, _OID), _held(digest, _OCTETS), _instant(_held(time, _GENERALIZED_TIME))


def _instant(data: bytes) -> str:
    """A GeneralizedTime as RFC 3161 writes it, in RFC 3339 without its fraction."""
    found = _INSTANT.fullmatch(data.decode("ascii"))
    if not found:
        raise ValueError("it states no time")
    return datetime.strptime(found[1], "%Y%m%d%H%M%S").strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # written in UTC


def _held(value: _Value, tag: int) -> bytes:
    if value.tag != tag:
        raise ValueError("another kind of value stands there")
    return value.content


def _values(data: bytes) -> list[_Value]:
    """The values that stand one after another; ValueError unless they fill the bytes."""
    found: list[_Value] = []
    at = 0
    while at < len(data):
        length, start = data[at + 1], at + 2
        if length & _LONG:
            count = length & ~_LONG
            if not 1 <= count <= _MOST_LENGTH_BYTES:
                raise ValueError("a length is not definite, or too long")
            length, start = int.from_bytes(data[start : start + count], "big"), start + count
        if start + length > len(data):
            raise ValueError("it is cut off")
        found.append(_Value(data[at], data[start : start + length]))
        at = start + length
    return found
