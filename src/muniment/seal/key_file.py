"""The private key of a log or a witness in a file of its own: mode 0600, one line (custody-log §6).

- Made whole or not at all, and never over another one.
- Not used while other users of the machine may read it.

Not its job: signing; the memory of what was signed.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.custody.keys import ED25519, SigningKey
from muniment.errors import Conflict, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from muniment.custody.keys import VerifierKey

_OTHERS = 0o077
_MODE = 0o600


def create_key(path: Path, name: str, kind: int = ED25519) -> VerifierKey:
    """Make a new Ed25519 key for a log or a witness, durably, and return its public half.

    Raises Conflict where the file exists, Unavailable where it cannot be written.
    """
    key = SigningKey.generate(name, kind)
    try:
        place_new(path, key.text.encode() + b"\n")
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


def place_new(path: Path, content: bytes) -> None:
    """Make a file of its owner's alone, whole or not at all, durably.

    Raises FileExistsError where there is one, OSError.
    """
    with _draft(path, content) as draft:
        os.link(draft, path)
    sync_folder(path.parent)


def put_in_place(path: Path, content: bytes) -> None:
    """Put a file of its owner's alone where another one may be, durably; raises OSError."""
    with _draft(path, content) as draft:
        draft.replace(path)
    sync_folder(path.parent)


@contextmanager
def _draft(path: Path, content: bytes) -> Generator[Path]:
    """Give a whole and durable file beside a path, and leave none behind."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        write_new(draft, content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet, for its owner alone, and make its bytes durable."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        if os.write(file, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
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
