"""Time tokens kept with the heads that they stamp (custody-log §1), below `log/tsa`.

    <size>/<k>/note          what was stamped: the head's text and the log's own signature lines
    <size>/<k>/query.tsq     what was asked
    <size>/<k>/token.tsr     the reply as it came: the token is in it, byte for byte
    <size>/<k>/token.pem     its path, signer first, root last
    <size>/<k>/token.crl     what was said of revocation then, where it was said; and token.ocsp
    <size>/<k>/about.json    who was asked, what is known of them, what was found, and `entries`
    refused/<size>-<k>/      a reply that does not hold: note, query, reply, about.json

- A token appears whole or not at all and is never changed. It comes back with the archive.
- `entries` is how long the log was when the token was kept, taken while the head is locked. So an
  export knows for ever which tokens were there when it was made: those kept at or before its act.
- Of what does not hold, one reply is kept for each head, authority and finding.

Not its job: asking (`time_queue`), judging again (`time_check`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import hashes
from cryptography.x509 import load_der_x509_certificate

from muniment.archive.layout import REFUSED, TOKENS, Layout
from muniment.archive.publication import publish_folder
from muniment.errors import InvalidInput, MunimentError, TamperSuspected, Unavailable
from muniment.evidence.canonical import canonical, parse_canonical
from muniment.evidence.instant import parse, to_micros, to_seconds
from muniment.seal.rfc3161 import Finding, Qualification, Standing, kept_files
from muniment.seal.rfc3161.authority import is_demonstration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from muniment.evidence.canonical import Json
    from muniment.seal.rfc3161.client import Stamp

ABOUT: Final = "about.json"
NOTE: Final = "note"
_MOST_IN_BUNDLE: Final = 9
_HANDED_ON: Final = (".tsr", ".pem", ".crl", ".ocsp")


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token that held when it came: over which head, its time, and whose it is.

    `root` is the SHA-256 of the root's certificate; `demonstration` says that it proves nothing.
    """

    size: int
    number: int
    at: datetime
    authority: str
    qualification: Qualification
    root: str
    entries: int
    demonstration: bool

    @property
    def path(self) -> str:
        """Its folder below the archive."""
        return token_path(self.size, self.number)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is said of a stamp when it is kept: when it came, how long the log was, who was asked.

    `url` is where the authority was asked.
    """

    received: datetime
    entries: int
    url: str


def token_path(size: int, number: int) -> str:
    """Return the folder of a token below the archive."""
    return f"log/{TOKENS}/{size}/{number}"


def keep_stamp(archive: Path, size: int, stamp: Stamp, keeping: Keeping) -> str:
    """Keep a stamp over the head of that size, durably, and return where, below the archive.

    What does not hold is set apart; where the same was kept already, nothing is returned. The
    caller lets nobody else keep one meanwhile. Raises Unavailable, TamperSuspected.
    """
    about = _about(stamp, keeping)
    files = {"query.tsq": stamp.query, ABOUT: canonical(about)}
    if stamp.verdict.holds:
        place = token_path(size, len(_numbers(archive, size)) + 1)
        for name, data in kept_files(size, [stamp]).items():
            inside = NOTE if name.endswith(".note") else f"token{os.path.splitext(name)[1]}"
            files[inside] = data
    else:
        known = list(refusals(archive, size))
        if any((one["authority"], one["finding"]) == (stamp.authority, about["finding"])
               for one in known):  # fmt: skip
            return ""
        place = f"log/{TOKENS}/{REFUSED}/{size}-{len(known) + 1}"
        files |= {NOTE: stamp.stamped, "token.tsr": stamp.reply}
    publish_folder(Layout(archive), place, files)
    return place


def stamped_sizes(archive: Path) -> tuple[int, ...]:
    """Return the sizes of the heads that have a token, in order."""
    folder = os.path.join(Layout(archive).log, TOKENS)
    try:
        state = os.stat(folder)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _unreadable(folder, error) from error
    return _sizes(folder, state.st_mtime_ns, state.st_nlink, state.st_ino)


def tokens_over(archive: Path, size: int, entries: int | None = None) -> list[KeptToken]:
    """Return the tokens over the head of a size, in the order in which they were kept.

    With `entries` only those that were kept before the log was longer than that. Raises
    TamperSuspected (`time.damaged`) for one that cannot be read, Unavailable.
    """
    found = (_read(archive, size, number) for number in range(1, len(_numbers(archive, size)) + 1))
    if entries is None:
        return list(found)
    return list(takewhile(lambda one: one.entries <= entries, found))


def first_stamped(archive: Path, index: int, entries: int | None = None) -> list[KeptToken]:
    """Return the tokens over the first stamped head that covers an entry; none where none is."""
    for size in stamped_sizes(archive):
        if size > index and (found := tokens_over(archive, size, entries)):
            return found
    return []


def newest_token(archive: Path, authority: str) -> KeptToken | None:
    """Return the token of an authority over the largest head, the last of several."""
    for size in reversed(stamped_sizes(archive)[-_LOOKED_THROUGH:]):
        for one in reversed(tokens_over(archive, size)):
            if one.authority == authority:
                return one
    return None


def bundle_files(archive: Path, size: int, entries: int) -> dict[str, bytes]:
    """Return the files of the tokens over a head for `custody/tsa`, by name (custody-log §7).

    Of more than nine, the first and the last eight. Raises as `tokens_over`.
    """
    found = tokens_over(archive, size, entries)
    if len(found) > _MOST_IN_BUNDLE:
        found = [found[0], *found[1 - _MOST_IN_BUNDLE :]]
    files: dict[str, bytes] = {}
    for number, token in enumerate(found, 1):
        held = read_files(archive, token.path)
        files[f"{size}.note"] = held[NOTE]
        for ending in _HANDED_ON:
            if f"token{ending}" in held:
                files[f"{size}-{number}{ending}"] = held[f"token{ending}"]
    return files


def refusals(archive: Path, size: int) -> Iterator[dict[str, Json]]:
    """Give what is said of the replies about a head that did not hold."""
    folder = os.path.join(Layout(archive).log, TOKENS, REFUSED)
    number = 1
    while os.path.isdir(os.path.join(folder, f"{size}-{number}")):
        path = f"log/{TOKENS}/{REFUSED}/{size}-{number}"
        yield read_about(path, read_files(archive, path))
        number += 1


def read_files(archive: Path, path: str) -> dict[str, bytes]:
    """Return the files of a token's folder by name; raises Unavailable."""
    folder = os.path.join(archive, path)
    try:
        with os.scandir(folder) as found:
            names = [one.name for one in found]
        files: dict[str, bytes] = {}
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                files[name] = file.read()
    except OSError as error:
        raise _unreadable(path, error) from error
    return files


def read_about(path: str, files: dict[str, bytes]) -> dict[str, Json]:
    """Return what is said of a token; raises TamperSuspected (`time.damaged`)."""
    try:
        about = parse_canonical(files.get(ABOUT, b""))
    except InvalidInput:
        raise damaged(path) from None
    if not isinstance(about, dict):
        raise damaged(path)
    return about


def damaged(path: str) -> TamperSuspected:
    """Return the alarm for a kept token that is not as it was kept."""
    message = f"{path} is not a time token as it was kept"
    hint = "Run `muniment check`, and put the folder back from a copy."
    return TamperSuspected(message, code="time.damaged", hint=hint)


_LOOKED_THROUGH: Final = 1024  # stamped heads; an authority that was silent for longer is asked


def _about(stamp: Stamp, keeping: Keeping) -> dict[str, Json]:
    token, path = stamp.verdict.token, [load_der_x509_certificate(one) for one in stamp.chain]
    return {
        "at": to_seconds(token.at) if token else "",
        "authority": stamp.authority,
        "basis": stamp.qualification.basis,
        "demonstration": any(is_demonstration(one) for one in path),
        "detail": stamp.verdict.detail,
        "entries": keeping.entries,
        "finding": stamp.verdict.finding.value,
        "missing": list(stamp.revocation.missing),
        "received": to_micros(keeping.received),
        "root": path[-1].fingerprint(hashes.SHA256()).hex() if path else "",
        "schema": 1,
        "standing": stamp.qualification.standing.value,
        "url": keeping.url,
    }


def _read(archive: Path, size: int, number: int) -> KeptToken:
    path = token_path(size, number)
    try:
        with open(os.path.join(archive, path, ABOUT), "rb") as file:
            about = read_about(path, {ABOUT: file.read()})
    except FileNotFoundError:
        raise damaged(path) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    return token_of(size, number, about)


def token_of(size: int, number: int, about: dict[str, Json]) -> KeptToken:
    """Return the token that is spoken of; raises TamperSuspected (`time.damaged`)."""
    match about:
        case {
            "at": str(at),
            "authority": str(authority),
            "basis": str(basis),
            "demonstration": bool(demonstration),
            "entries": int(entries),
            "finding": Finding.HOLDS.value,
            "root": str(root),
            "standing": str(standing),
        } if standing in [*Standing]:
            try:
                known = Qualification(Standing(standing), basis)
                return KeptToken(
                    size, number, parse(at), authority, known, root, entries, demonstration
                )
            except MunimentError:
                raise damaged(token_path(size, number)) from None
        case _:
            raise damaged(token_path(size, number))


def _numbers(archive: Path, size: int) -> list[int]:
    """The numbers of the tokens over a head; they have no gaps where nothing was taken away."""
    folder = os.path.join(Layout(archive).log, TOKENS, str(size))
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(folder, error) from error
    return sorted([int(name) for name in names if is_number(name)])


@lru_cache(maxsize=4)
def _sizes(folder: str, *_changed: int) -> tuple[int, ...]:
    """List a folder that is listed often and changes seldom."""
    return tuple(sorted([int(name) for name in os.listdir(folder) if is_number(name)]))


def is_number(name: str) -> bool:
    """Whether a name is a number as this archive writes it."""
    return name.isascii() and name.isdecimal() and not name.startswith("0")


def _unreadable(path: str, error: OSError) -> Unavailable:
    return Unavailable(
        f"{path} cannot be read: {error.strerror}",
        code="archive.unreadable",
        hint="Check who owns the archive, and its disk.",
    )
