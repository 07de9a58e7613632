"""The signer of a log: its keys, and the memory of the last head they signed.

- A head is signed only if it extends the last one signed; otherwise `TamperSuspected`. Whoever
  takes over the application can then append lies, and not rewrite what was shown.
- The head is durable in the memory before its signature leaves: after a crash the signer knows at
  least what the world knows.
- A key without its memory signs nothing: both are made together, and a lost memory is restored
  from a published head, on purpose, never silently.

Not its job: making heads, publishing notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from muniment.custody.checkpoint import Checkpoint, parse_checkpoint
from muniment.custody.head_signature import sign_head
from muniment.custody.note import check_note
from muniment.custody.proof import verify_consistency
from muniment.errors import InvalidInput, TamperSuspected
from muniment.seal.key_file import create_log_keys, read_key, read_keys
from muniment.seal.memory import create_memory, open_memory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from muniment.custody.keys import VerifierKey
    from muniment.custody.note import Note


class Signer(Protocol):
    """Whatever signs the heads of one log and remembers the last: files, or another process."""

    @property
    def verifier(self) -> VerifierKey:
        """The public Ed25519 key of the log."""
        ...

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every public key of the log: the Ed25519 key first, then that of ML-DSA-44, if any."""
        ...

    def last(self) -> Checkpoint | None:
        """Return the last head signed, None before the first: the next proof starts at its size."""
        ...

    def sign(self, head: Checkpoint, consistency: Sequence[bytes] = ()) -> Note:
        """Return the head signed by every key of the log.

        `consistency` is the RFC 9162 proof from the size of `last()` to this head. None is needed
        for the first head, after an empty one, and for the same head again. Raises TamperSuspected
        for a head that does not extend the last, InvalidInput for one of another log, Unavailable
        where the signer cannot remember it.
        """
        ...


class FileSigner:
    """A signer whose keys and memory are two files of this machine; processes may share it."""

    def __init__(self, key_path: Path, memory_path: Path) -> None:
        """Read the keys and check that the memory is there; raises what `read_keys` does."""
        self._keys = read_keys(key_path)
        self._origin = self._keys[0].name
        self._memory_path = memory_path
        self.last()

    @classmethod
    def create(cls, key_path: Path, memory_path: Path, origin: str) -> FileSigner:
        """Make new keys and their empty memory, durably; raises Conflict where one is in use."""
        create_memory(memory_path, origin)
        create_log_keys(key_path, origin)
        return cls(key_path, memory_path)

    @classmethod
    def restore(cls, key_path: Path, memory_path: Path, published: Note) -> FileSigner:
        """Give a key whose memory is lost a new one, from the newest head known to be published.

        Raises InvalidInput where this key did not sign that head, Conflict where a memory exists.
        """
        key = read_key(key_path).verifier
        head = parse_checkpoint(published.text)
        if head.origin != key.name or not check_note(published, key):
            message = f"this head is not signed by the key of {key.name}"
            raise InvalidInput(message, code="signer.restore")
        create_memory(memory_path, head.origin, head)
        return cls(key_path, memory_path)

    @property
    def verifier(self) -> VerifierKey:
        """The public Ed25519 key of the log."""
        return self._keys[0].verifier

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every public key of the log, the Ed25519 key first."""
        return tuple([key.verifier for key in self._keys])

    def last(self) -> Checkpoint | None:
        """Return the last head signed, or None before the first."""
        with open_memory(self._memory_path, self._origin) as memory:
            return memory.last

    def sign(self, head: Checkpoint, consistency: Sequence[bytes] = ()) -> Note:
        """Return the signed head, as `Signer` promises."""
        if head.origin != self._origin:
            message = f"this key signs heads of {self._origin}, not of {head.origin}"
            raise InvalidInput(message, code="signer.origin")
        with open_memory(self._memory_path, self._origin) as memory:
            if memory.last == head:
                memory.settle()
            else:
                _require_extension(memory.last, head, consistency)
                memory.remember(head)
        return sign_head(head, self._keys)


def _require_extension(
    last: Checkpoint | None, head: Checkpoint, consistency: Sequence[bytes]
) -> None:
    """Raise TamperSuspected unless the head extends the last one signed."""
    if last is None or last.size == 0:
        return
    if head.size <= last.size:
        message = f"the log key signed a log of {last.size} leaves and was asked for " + (
            "another one" if head.size == last.size else f"a shorter one of {head.size}"
        )
        hint = "An old copy was put back, or history was rewritten. Do not continue; find out."
        raise TamperSuspected(message, code="signer.fork", hint=hint)
    verify_consistency(last.size, last.root, head.size, head.root, consistency)
