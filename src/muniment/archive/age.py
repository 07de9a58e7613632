"""Sealing bytes to a key with age (X25519, age-encryption.org/v1), and opening them again.

- A key file has the form of `age-keygen`, so that `age -d -i FILE` opens what was sealed here.
- What is opened is whole and unchanged, or an error: age authenticates every chunk and the end.

Not its job: which key is used for what.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyrage as _untyped  # pyright: ignore[reportMissingTypeStubs]  # ships no types

from muniment.archive.durability import cannot_write
from muniment.errors import Conflict, InvalidInput, NotFound, TamperSuspected, Unavailable
from muniment.seal.key_file import sync_folder, write_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UNREADABLE = "age.source"

pyrage: Final[Any] = _untyped

_OTHERS = 0o077
_SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - how every such key begins


class Reader(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...


class Writer(Protocol):
    """Where bytes go to."""

    def write(self, data: bytes, /) -> int:
        """Take bytes; raises OSError."""
        ...


class AgeKey:
    """A private key that opens what was sealed to it."""

    def __init__(self, secret: str) -> None:
        """`secret` is an `AGE-SECRET-KEY-1…`; raises InvalidInput for anything else."""
        try:
            self._identity = pyrage.x25519.Identity.from_str(secret)
        except pyrage.IdentityError as error:
            raise InvalidInput(
                "this is no age key", code="age.key", hint="It begins with AGE-SECRET-KEY-1."
            ) from error
        self.secret = secret

    @property
    def recipient(self) -> str:
        """The public half, `age1…`, to which anyone can seal."""
        return str(self._identity.to_public())

    def open(self, source: Reader, target: Writer) -> None:
        """Write what was sealed to this key.

        Raises TamperSuspected where it was changed or cut, or sealed to another key; Unavailable
        where it cannot be read or written. What was written before an error is not to be used.
        """
        into = _Watched(target)
        try:
            pyrage.decrypt_io(source, into, [self._identity])
        except (pyrage.DecryptError, OSError) as error:
            if into.failure is not None:
                raise cannot_write(into.failure) from error
            raise TamperSuspected(
                "this was sealed to another key, or it was changed or cut",
                code="age.damaged",
                hint="Use the key that belongs to it; otherwise take another copy.",
            ) from error


def seal(source: Reader, target: Writer, recipients: Sequence[str]) -> None:
    """Seal bytes so that the key of any of these recipients opens them.

    Raises InvalidInput for a recipient that is none, Unavailable where nothing can be written;
    whatever `source` raises ends as Unavailable too.
    """
    try:
        parsed = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as error:
        raise InvalidInput(
            "this is no public age key", code="age.recipient", hint="It begins with age1."
        ) from error
    into = _Watched(target)
    try:
        pyrage.encrypt_io(source, into, parsed)
    except (pyrage.EncryptError, OSError) as error:
        if into.failure is not None:
            raise cannot_write(into.failure) from error
        raise Unavailable(
            f"the bytes to seal cannot be read: {error}",
            code=UNREADABLE,
            hint="Check the disk and its log.",
        ) from error


def create_age_key(path: Path) -> AgeKey:
    """Make a new key in a file of its owner's alone, durably; raises Conflict, Unavailable."""
    key = AgeKey(str(pyrage.x25519.Identity.generate()))
    text = f"# public key: {key.recipient}\n{key.secret}\n"
    try:
        write_new(path, text.encode())
        sync_folder(path.parent)
    except FileExistsError:
        raise Conflict(
            f"there is a key at {path} already", code="key.exists", hint="It is never overwritten."
        ) from None
    except OSError as error:
        raise cannot_write(error) from error
    return key


def read_age_key(path: Path) -> AgeKey:
    """Return the key in a file; raises NotFound, InvalidInput, Unavailable."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(4096).decode("ascii", "replace")
    except FileNotFoundError:
        raise NotFound(
            f"there is no key at {path}",
            code="key.missing",
            hint="Take it from where you keep it apart from the copies.",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"the key at {path} cannot be read: {error.strerror}", code="key.read"
        ) from None
    if mode & _OTHERS:
        raise InvalidInput(
            f"other users of this machine may read the key at {path}",
            code="key.mode",
            hint=f"chmod 600 {path}",
        )
    lines = [line.strip() for line in text.splitlines()]
    return AgeKey(next((line for line in lines if line.startswith(_SECRET)), ""))


class _Watched:
    """A writer that remembers why it failed: age says only that it did."""

    def __init__(self, target: Writer) -> None:
        self._target = target
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        left = memoryview(data)
        try:
            while left:
                left = left[self._target.write(bytes(left)) :]
        except OSError as error:
            self.failure = error
            raise
        return len(data)

    def flush(self) -> None:
        with suppress(AttributeError):
            self._target.flush()  # type: ignore[attr-defined]  # not every writer has one
