"""Who signs the heads of a workspace's logs: the key in its own folder, or a process apart.

- Where `muniment.toml` names a signer (`[signer] socket`), it signs every log whose key does not
  stand in the workspace. The custody log's must not: a key with two memories signs two histories.

Not its job: signing (`muniment.seal`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment.seal.key_file import read_keys
from muniment.seal.signer import FileSigner
from muniment.seal.signer_client import SocketSigner

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey
    from muniment.seal.signer import Signer


def open_signer(workspace: Workspace, origin: str, key: Path, memory: Path) -> Signer:
    """Return the signer of the log of this origin; `key` and `memory` are its own files, if any.

    Raises what `FileSigner` and `SocketSigner` raise, InvalidInput where both would sign.
    """
    socket = _signer_of(workspace, key)
    if socket is None:
        return FileSigner(key, memory)
    return SocketSigner(socket, origin)


def log_key(workspace: Workspace) -> VerifierKey:
    """Return the Ed25519 key of the custody log; raises as `public_keys`."""
    return public_key(workspace, workspace.origin, workspace.log_key)


def public_key(workspace: Workspace, origin: str, key: Path) -> VerifierKey:
    """Return the Ed25519 key of the log of this origin; raises as `public_keys`."""
    return public_keys(workspace, origin, key)[0]


def public_keys(workspace: Workspace, origin: str, key: Path) -> tuple[VerifierKey, ...]:
    """Return the public keys of the log of this origin: of its own file, or as its signer says.

    The Ed25519 key is the first. Raises NotFound, InvalidInput or Unavailable as `read_keys` and
    `SocketSigner` do.
    """
    socket = _signer_of(workspace, key)
    if socket is None:
        return tuple([one.verifier for one in read_keys(key)])
    return SocketSigner(socket, origin).verifiers


def _signer_of(workspace: Workspace, key: Path) -> Path | None:
    """Return where the signer of a log listens, or None where its key is here."""
    here = key.exists()
    if here and workspace.signer is not None and key == workspace.log_key:
        message = f"{workspace.signer} signs for this workspace, and its key is still at {key}"
        raise InvalidInput(
            message,
            code="signer.key_here",
            hint="Move the key and its memory to the signer, or take [signer] out of the settings.",
        )
    return None if here else workspace.signer
