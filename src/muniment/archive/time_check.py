"""Checking the kept time tokens against the heads they stamp, each under the root kept with it.

- A token must still hold for the bytes that are a head of this log, at the time it states; what is
  said of it must be what it says; what was refused must be what was refused.
- Whether that root is one to believe is not decided here: who relies on a token brings the root.
"""

from __future__ import annotations

import os
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from muniment.archive.layout import REFUSED, TOKENS
from muniment.archive.log_files import read_kept
from muniment.archive.problem import Problem
from muniment.archive.time_tokens import (
    NOTE,
    damaged,
    is_number,
    read_about,
    read_files,
    token_of,
    token_path,
)
from muniment.errors import MunimentError
from muniment.evidence.instant import now
from muniment.seal.rfc3161 import RevocationData, TimeAuthority, check_token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from muniment.archive.layout import Layout
    from muniment.seal.rfc3161 import Verdict

_KNOWN: Final = frozenset(
    {"about.json", NOTE, "query.tsq", "token.crl", "token.ocsp", "token.pem", "token.tsr"}
)
_REFUSED_FILES: Final = ["about.json", NOTE, "query.tsq", "token.tsr"]


def check_tokens(layout: Layout) -> list[Problem]:
    """Return what is wrong with the time tokens that an archive keeps."""
    problems: list[Problem] = []
    folder = os.path.join(layout.log, TOKENS)
    for name in _names(folder):
        if name == REFUSED:
            problems.extend(_check_refused(layout, os.path.join(folder, name)))
        elif is_number(name):
            problems.extend(_check_head(layout, int(name), _names(os.path.join(folder, name))))
        else:
            problems.append(Problem("time.stray", f"log/{TOKENS}/{name}", "this is no time token"))
    return problems


def reread(path: str, files: dict[str, bytes], at: datetime) -> Verdict:
    """Return the verdict on a kept token under its own root, with the clock at that time.

    Raises TamperSuspected (`time.damaged`) where its files cannot be read.
    """
    try:
        chain = x509.load_pem_x509_certificates(files["token.pem"])
        authority = TimeAuthority("kept", "", (chain[-1],), tuple(chain[:-1]))
        told = RevocationData(
            ocsp=tuple(_ders(files.get("token.ocsp", b""))),
            crls=tuple(_ders(files.get("token.crl", b""))),
        )
        return check_token(files["token.tsr"], files[NOTE], authority, now=at, revocation=told)
    except (LookupError, ValueError):
        raise damaged(path) from None


def _check_head(layout: Layout, size: int, names: list[str]) -> Iterator[Problem]:
    """Check the tokens over one head."""
    try:
        head = read_kept(layout.root, size)
    except MunimentError as error:
        path = f"log/{TOKENS}/{size}"
        yield Problem("time.head", path, f"the head that it stamps is not there: {error.message}")
        return
    numbers = sorted(int(name) for name in names if is_number(name))
    if len(numbers) != len(names) or numbers != [*range(1, len(numbers) + 1)]:
        yield Problem("time.stray", f"log/{TOKENS}/{size}", "a token is missing, or one too many")
    for number in numbers:
        path = token_path(size, number)
        try:
            files = read_files(layout.root, path)
            token = token_of(size, number, read_about(path, files))
            verdict = reread(path, files, now())
        except MunimentError as error:
            yield Problem(error.code, path, error.message)
            continue
        root = verdict.path[-1].fingerprint(hashes.SHA256()).hex() if verdict.path else ""
        stated = verdict.token.at.replace(microsecond=0) if verdict.token else None
        if files.get(NOTE) != head:
            yield Problem("time.head", path, "what it stamps is not this head of the log")
        elif not verdict.holds:
            yield Problem("time.token", path, f"the token does not hold: {verdict.detail}")
        elif (stated, root) != (token.at, token.root) or set(files) - _KNOWN:
            yield Problem("time.damaged", path, "what is said of the token is not what it says")


def _check_refused(layout: Layout, folder: str) -> Iterator[Problem]:
    for name in _names(folder):
        path = f"log/{TOKENS}/{REFUSED}/{name}"
        try:
            files = read_files(layout.root, path)
            read_about(path, files)
        except MunimentError as error:
            yield Problem(error.code, path, error.message)
            continue
        if sorted(files) != _REFUSED_FILES:
            yield Problem("time.damaged", path, "this is not a refused reply as it was kept")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        return [""]


def _ders(data: bytes) -> Iterator[bytes]:
    """What stands in PEM armour (RFC 7468), one after another."""
    for part in data.split(b"-----END ")[:-1]:
        yield b64decode(part.rpartition(b"-----\n")[2])
