"""A witness of logs: it cosigns a head that extends every head it cosigned before, and says when.

- The rules of C2SP tlog-witness `add-checkpoint`, in its order. How refusals become statuses is in
  `STATUSES`; nothing here knows of HTTP: a file from a partner without network goes the same way.
- One lock for each log from looking at its last head to keeping the next, across processes: two
  requests at once never cosign two histories, and never an older head after a newer one.
- The head is durable before it is signed. Whoever is killed in between knows more than the world.
- The times it signs never go backwards. Where the clock does, by over a minute, it signs nothing.

Not its job: keeping (`witness_state`), transport (`witness_server`), ML-DSA-44 cosignatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from muniment.custody.checkpoint import Checkpoint, parse_head_lines
from muniment.custody.cosignature import check_cosignature, cosign
from muniment.custody.keys import ED25519
from muniment.custody.merkle import EMPTY_ROOT
from muniment.custody.note import Note, NoteSignature, check_note, names
from muniment.custody.proof import verify_consistency
from muniment.errors import InvalidInput, NotFound, NotPermitted, TamperSuspected, Unavailable
from muniment.evidence.instant import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from muniment.custody.keys import VerifierKey
    from muniment.seal.memory import Memory
    from muniment.seal.witness_request import Submission
    from muniment.seal.witness_state import WitnessState

_BACKWARDS = timedelta(minutes=1)

STATUSES = {
    "witness.request": 400,
    "witness.old_size": 400,
    "witness.unsigned": 403,
    "witness.signature": 403,
    "witness.unknown_log": 404,
    "witness.inconsistent": 422,
}


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The checkpoint with the log's own signatures and the cosignature, and the latter alone."""

    note: Note
    cosignature: NoteSignature


@dataclass(frozen=True, slots=True)
class OtherSize:
    """The last head cosigned has another size than the request supposes: begin again from it."""

    size: int


class Witness:
    """A witness that watches the logs of these keys."""

    def __init__(
        self,
        state: WitnessState,
        log_keys: Iterable[VerifierKey],
        clock: Callable[[], datetime] = now,
    ) -> None:
        """Begin to watch. Raises InvalidInput for a key that cannot be a log's here.

        Raises TamperSuspected where the memory of a log was lost, Unavailable.
        """
        self._state = state
        self._clock = clock
        self._keys: dict[str, list[VerifierKey]] = {}
        for key in log_keys:
            if key.type != ED25519:
                message = f"the key of {key.name} is not the Ed25519 key of a log"
                raise InvalidInput(message, code="witness.log_key")
            self._keys.setdefault(key.name, []).append(key)
        for origin in self._keys:
            state.watch(origin)

    @property
    def verifier(self) -> VerifierKey:
        """The public key of the witness."""
        return self._state.key.verifier

    @property
    def origins(self) -> list[str]:
        """The logs it watches."""
        return list(self._keys)

    def last(self, origin: str) -> Checkpoint | None:
        """Return the last head cosigned for a log that is watched, or None; raises NotFound."""
        self._keys_of(origin)
        with self._state.memory(origin) as memory:
            return memory.last

    def latest(self, origin_id: str) -> bytes | None:
        """Return the last cosigned checkpoint by the id of its log, or None."""
        return self._state.latest(origin_id)

    def add_checkpoint(self, request: Submission) -> Cosigned | OtherSize:
        """Cosign a checkpoint, or say which size was last cosigned where `old` is another.

        Raises NotFound for a log that is not watched, NotPermitted where no key of it signed,
        TamperSuspected where a signature is false or the head does not follow, InvalidInput where
        `old` is above its size; with the codes of `STATUSES`. Raises Unavailable where nothing
        can be kept or the clock cannot be right.
        """
        head = request.head
        lines = self._signed_lines(request)
        if request.old > head.size:
            message = f"a log of {head.size} leaves does not extend one of {request.old}"
            raise InvalidInput(message, code="witness.old_size")
        with self._state.memory(head.origin) as memory:
            before = self._before(head.origin, memory.last)
            size = 0 if memory.last is None else memory.last.size
            if request.old != size:
                return OtherSize(size)
            self._require_growth(memory.last, request)
            time = self._time(head.origin, before)
            _remember(memory, Checkpoint(head.origin, head.size, head.root))
            line = cosign(request.note, self._state.key, time)
            cosigned = Note(request.note.text, (*lines, line))
            self._state.keep(head.origin, cosigned)
        return Cosigned(cosigned, line)

    def _keys_of(self, origin: str) -> list[VerifierKey]:
        if origin not in self._keys:
            message = f"this witness does not watch the log {origin[:80]!r}"
            raise NotFound(
                message,
                code="witness.unknown_log",
                hint="Give the witness the log's key; `muniment log key` prints it.",
            )
        return self._keys[origin]

    def _signed_lines(self, request: Submission) -> list[NoteSignature]:
        """Return the signature lines of the log's known keys; all others mean nothing."""
        keys = self._keys_of(request.head.origin)
        try:
            signed = [key for key in keys if check_note(request.note, key)]
        except TamperSuspected as error:
            raise TamperSuspected(error.message, code="witness.signature") from None
        if not signed:
            message = f"no known key of {request.head.origin} signed this checkpoint"
            raise NotPermitted(message, code="witness.unsigned")
        lines = dict.fromkeys(request.note.signatures)
        return [line for line in lines if any(names(line, key) for key in signed)]

    def _require_growth(self, last: Checkpoint | None, request: Submission) -> None:
        """Raise TamperSuspected unless the head follows the last one (RFC 6962 2.1.2)."""
        head = request.head
        if request.old == 0 or last is None:  # the empty log begins every log: no proof
            follows = not request.proof and (head.size > 0 or head.root == EMPTY_ROOT)
        else:
            try:
                verify_consistency(last.size, last.root, head.size, head.root, request.proof)
                follows = True
            except TamperSuspected:
                follows = False
        if follows:
            return
        if last is not None and last.size == head.size and last.root != head.root:
            self._state.keep_contradiction(head.origin, head.size, request.note)
        message = (
            f"the checkpoint of {head.size} leaves is not shown to extend that of {request.old}"
        )
        raise TamperSuspected(
            message,
            code="witness.inconsistent",
            hint="The proof is wrong, or the log shows two histories. Ask its keeper.",
        )

    def _before(self, origin: str, last: Checkpoint | None) -> datetime | None:
        """Return when this log was cosigned last, or None; the memory must know of that head.

        A memory drops its last line where a crash tore it. What was answered is kept twice.
        """
        note = self._state.latest_note(origin)
        if note is None:
            return None
        found = check_cosignature(note, self.verifier)
        shown = parse_head_lines(note.text)
        size, root = (0, EMPTY_ROOT) if last is None else (last.size, last.root)
        if found is None or shown.size > size or (shown.size == size and shown.root != root):
            message = f"the memory of the witness for {origin} is not that of what it cosigned"
            raise TamperSuspected(
                message,
                code="witness.no_memory",
                hint="Make a new witness with a new key; this one may cosign a second history.",
            )
        return found.time

    def _time(self, origin: str, before: datetime | None) -> datetime:
        """Return the time to sign: now, and never before the last one signed for this log."""
        time = self._clock()
        if before is None or before <= time:
            return time
        if before - time > _BACKWARDS:
            message = f"the clock of the witness stands before its last cosignature for {origin}"
            raise Unavailable(
                message,
                code="witness.clock",
                hint="Set the clock. Had it been ahead before, make a new witness.",
            )
        return before


def _remember(memory: Memory, head: Checkpoint) -> None:
    if memory.last == head:
        memory.settle()
    else:
        memory.remember(head)
