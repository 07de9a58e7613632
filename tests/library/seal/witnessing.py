"""A witness, the true history of a log for it to watch, and a second history that forks from it."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import ED25519, SigningKey
from muniment.custody.note import Note, sign_note
from muniment.custody.proof import consistency_proof
from muniment.custody.tiles import TileEdge, TileReader
from muniment.seal.witness import Witness
from muniment.seal.witness_request import format_submission, submission
from muniment.seal.witness_server import listen
from muniment.seal.witness_state import WitnessState
from tests.library.seal.history import LEAVES, ORIGIN, READER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from muniment.seal.witness_server import WitnessServer

LOG = SigningKey(ORIGIN, ED25519, b"L" * 32)
OTHER_LOG = SigningKey("specimen.muniment.invalid/other-0123abcd", ED25519, b"O" * 32)
TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
FORKED_AT = 100  # the first leaf that differs
FORK = TileReader(
    TileEdge().grown([*LEAVES[:FORKED_AT], *reversed(LEAVES[FORKED_AT:])]).files.__getitem__,
    len(LEAVES),
)


def note(size: int, reader: TileReader = READER, key: SigningKey = LOG) -> Note:
    return sign_note(Checkpoint(key.name, size, reader.root(size)).text, key)


def proof(old: int, new: int, reader: TileReader = READER) -> list[bytes]:
    return consistency_proof(reader, old, new) if 0 < old <= new else []


def body(old: int, new: int, reader: TileReader = READER) -> bytes:
    """An honest request, or an honest one of the fork."""
    return asked(old, proof(old, new, reader), note(new, reader))


def asked(old: int, hashes: Sequence[bytes], checkpoint: Note) -> bytes:
    return format_submission(submission(old, hashes, checkpoint))


def new_witness(folder: Path, name: str = "witness.example/w1") -> Witness:
    WitnessState.create(folder, name)
    return opened(folder)


def opened(folder: Path, time: datetime = TIME) -> Witness:
    """The witness in a folder, as after a restart, its clock standing still."""
    return Witness(WitnessState(folder), [LOG.verifier, OTHER_LOG.verifier], lambda: time)


@contextlib.contextmanager
def serving(witness: Witness, said: list[str] | None = None) -> Iterator[WitnessServer]:
    """The witness at a port of loopback, for as long as the block lasts."""
    lines = [] if said is None else said
    with listen("127.0.0.1", 0, witness, lines.append) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=30)


def address(server: WitnessServer) -> tuple[str, int]:
    """Where a server of ours listens."""
    host, port = server.server_address[:2]
    return str(host), port
