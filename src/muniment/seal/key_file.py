"""The private key of a log or a witness in a file of its own: mode 0600, one line (custody-log §6).

- Made whole or not at all, and never over another one.
- Not used while other users of the machine may read it.

Not its job: signing; the memory of what was signed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from muniment.custody.keys import ED25519, SigningKey
from muniment.errors import Conflict, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.custody.keys import VerifierKey

_OTHERS = 0o077
_MODE = 0o600


def create_key(path: Path, name: str, kind: int = ED25519) -> VerifierKey:
    """Make a new Ed25519 key for a log or a witness, durably, and return its public half.

    Raises Conflict where the file exists, Unavailable where it cannot be written.
    """
    key = SigningKey.generate(name, kind)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with suppress(FileNotFoundError):
            draft.unlink()
        write_new(draft, key.text.encode() + b"\n")
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except FileExistsError:
        message = f"there is a key at {path} already"
        raise Conflict(message, code="key.exists", hint="A key is never overwritten.") from None
    except OSError as error:
        message = f"the key cannot be written to {path}: {error.strerror}"
        raise Unavailable(message, code="key.write") from None
    return key.verifier


def read_key(path: Path) -> SigningKey:
    """Return the key in a file.

    Raises NotFound, InvalidInput for a file that others may read or that holds no key, and
    Unavailable where it cannot be read.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST + 1)
    except FileNotFoundError:
        message = f"there is no key at {path}"
        raise NotFound(message, code="key.missing") from None
    except OSError as error:
        message = f"the key at {path} cannot be read: {error.strerror}"
        raise Unavailable(message, code="key.read") from None
    if mode & _OTHERS:
        message = f"other users of this machine may read the key at {path}"
        raise InvalidInput(message, code="key.mode", hint=f"chmod 600 {path}")
    try:
        return SigningKey.from_text(content.decode().removesuffix("\n"))
    except UnicodeDecodeError:
        message = f"{path} is not a key"
        raise InvalidInput(message, code="key.form") from None


_LONGEST = 4096


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, for its owner alone, and make its bytes durable."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        os.write(file, content)
        os.fsync(file)
    finally:
        os.close(file)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
