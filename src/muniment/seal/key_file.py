"""The private keys of a log or a witness in a file of their own: mode 0600, a line each (§6).

- A witness has one key. A log has an Ed25519 key and, beside it, one of ML-DSA-44; logs of before
  that have the first alone.
- Made whole or not at all, and never over another one.
- Not used while other users of the machine may read it.

Not its job: signing; the memory of what was signed.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muniment.custody.keys import COSIGNATURE_V1, ED25519, ML_DSA_44, SigningKey
from muniment.errors import Conflict, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from muniment.custody.keys import VerifierKey

_OTHERS = 0o077
_MODE = 0o600


def create_log_keys(path: Path, origin: str) -> tuple[VerifierKey, ...]:
    """Make the two new keys of a log, durably, and return their public halves.

    Raises Conflict where the file exists, Unavailable where it cannot be written.
    """
    return _create(path, origin, (ED25519, ML_DSA_44))


def create_key(path: Path, name: str, kind: int = ED25519) -> VerifierKey:
    """Make one new key, durably, and return its public half; raises as `create_log_keys`."""
    return _create(path, name, (kind,))[0]


def _create(path: Path, name: str, kinds: Sequence[int]) -> tuple[VerifierKey, ...]:
    keys = [SigningKey.generate(name, kind) for kind in kinds]
    try:
        place_new(path, "".join([f"{key.text}\n" for key in keys]).encode())
    except FileExistsError:
        message = f"there is a key at {path} already"
        raise Conflict(message, code="key.exists", hint="A key is never overwritten.") from None
    except OSError as error:
        message = f"the key cannot be written to {path}: {error.strerror}"
        raise Unavailable(message, code="key.write") from None
    return tuple([key.verifier for key in keys])


def read_key(path: Path) -> SigningKey:
    """Return the first key in a file: a witness's own, or a log's of Ed25519; see `read_keys`."""
    return read_keys(path)[0]


def read_keys(path: Path) -> tuple[SigningKey, ...]:
    """Return the keys in a file, all of one name and each of another type.

    Raises NotFound, InvalidInput for a file that others may read or that holds anything else, and
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
    return parse_private_keys(content, path)


def parse_private_keys(content: bytes, path: Path) -> tuple[SigningKey, ...]:
    """Return the keys that stood in a file, whoever could read it; raises InvalidInput."""
    try:
        lines = content.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        message = f"{path} is not a key"
        raise InvalidInput(message, code="key.form") from None
    keys = tuple([SigningKey.from_text(line) for line in lines])
    types = [key.type for key in keys]
    if len({key.name for key in keys}) > 1 or types not in _TOGETHER:
        message = f"the keys in {path} do not belong together"
        raise InvalidInput(message, code="key.form")
    return keys


_LONGEST = 4096
_TOGETHER = ([ED25519], [COSIGNATURE_V1], [ED25519, ML_DSA_44])


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
