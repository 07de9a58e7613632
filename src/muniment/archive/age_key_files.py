"""Files that hold age keys: whole or not at all, for their owner alone, never overwritten.

Not its job: which key is used for what (`keyring`); overwriting at the end (`key_store`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from muniment.archive.age_format import Identity
from muniment.archive.durability import cannot_write
from muniment.errors import Conflict, InvalidInput, NotFound, Unavailable
from muniment.seal.key_file import sync_folder, write_new

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS: Final = 0o077
_LONGEST: Final = 4096
_SECRET: Final = "AGE-SECRET-KEY-1"  # noqa: S105 - how every such key begins


def write_key_file(path: Path, data: bytes) -> None:
    """Write a new file durably; raises Conflict where there is one, Unavailable."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.unlink(missing_ok=True)
        write_new(draft, data)
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except FileExistsError:
        raise Conflict(f"there is a key at {path} already", code="key.exists") from None
    except OSError as error:
        raise cannot_write(error) from error


def write_identity(path: Path, key: Identity) -> Identity:
    """Write a private key in the form of `age-keygen`, and return it; raises as above."""
    write_key_file(path, f"# public key: {key.recipient.text}\n{key.text}\n".encode())
    return key


def read_identity(path: Path) -> Identity:
    """Return the private key in a file.

    Raises NotFound where there is none, or one that was overwritten and is about to go;
    InvalidInput for a file that others may read or that holds no key; Unavailable.
    """
    text = read_key_file(path)
    if not text.strip("\0"):
        raise NotFound(f"the key at {path} was overwritten", code="key.missing")
    lines = [line.strip() for line in text.splitlines()]
    return Identity.parse(next((line for line in lines if line.startswith(_SECRET)), ""))


def read_key_file(path: Path, *, private: bool = True) -> str:
    """Return the text of a file that holds a key; raises as `read_identity`."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LONGEST).decode("ascii", "replace")
    except FileNotFoundError:
        raise NotFound(
            f"there is no key at {path}",
            code="key.missing",
            hint="Put the keys folder back, or use `muniment keys recover`.",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"the key at {path} cannot be read: {error.strerror}", code="key.read"
        ) from None
    if private and mode & _OTHERS:
        raise InvalidInput(
            f"other users of this machine may read the key at {path}",
            code="key.mode",
            hint=f"chmod 600 {path}",
        )
    return text
