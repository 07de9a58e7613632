"""Requests that may come twice: the same key and the same bytes are acted on once.

- Whoever asks makes a key of 128 bits before asking, and asks again with it when no answer came:
  committed but unacknowledged acts are found again by it (custody-log §4).
- The same key with other bytes is a conflict, and changes nothing.
- `once` is for what one transaction does: act, receipt and answer are committed together.
  `resumed` is for what takes several: its steps must be such that doing them again adds nothing.
- A receipt is a local row, kept for `LIFETIME`. The answer is encrypted with the key, of which only
  a digest is kept: answers may hold what is told only once, such as a token.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput
from muniment.evidence.identifiers import is_id
from muniment.evidence.instant import now
from muniment_server.custody import queries
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger import sealing
from muniment_server.custody.models import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

LIFETIME: Final = timedelta(days=30)
_NONCE: Final = 12  # bytes, AES-GCM


F = TypeVar("F", bound="Callable[..., object]")


def by_itself(view: F) -> F:
    """Mark a view or operation that looks after its key itself, as its work takes several steps."""
    view.looks_after_itself = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def looks_after_itself(view: Callable[..., object]) -> bool:
    """Say whether a view or operation bears the mark of `by_itself`."""
    return bool(getattr(view, "looks_after_itself", False))


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that bears a key: whose it is, the key, and the digest of what it asks."""

    by: UUID
    key: bytes
    digest: str


class NothingDone(Exception):
    """What was asked was answered without an act; nothing is kept, and it may be asked again."""


def sent(by: UUID, key: str, parts: Iterable[bytes]) -> Sent:
    """Return a request with its key and a digest over the parts that make it what it is.

    Raises `InvalidInput` for a key that is not 128 bits, as 32 hexadecimal digits or a UUID.
    """
    plain = key.strip().strip('"').replace("-", "").lower()
    if not is_id(plain):
        raise InvalidInput(
            _("the key of this request is not 128 bits"),
            code="key.form",
            hint=_("Make 32 random hexadecimal digits, or a UUID, for each thing you ask."),
        )
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return Sent(by, bytes.fromhex(plain), whole.hexdigest())


def once(request: Sent, make: Callable[[], bytes]) -> bytes:
    """Do what `make` does in one transaction; return its answer, or that of the first time.

    What `make` calls a success is committed with the answer, and signed; raise `NothingDone` from
    it to take everything back. Raises `Conflict` for a key that was used for something else, and
    what `make` raises.
    """
    if (known := _known(request)) is None:
        try:
            with working() as work:
                work.placing = True
                receipt = _begin(request)
                answer = make()
                if work.spoiled:
                    raise NothingDone
                receipt.answer = _closed(request, answer)
                receipt.save(force_update=True)
        except _TakenError:
            known = _known(request)
        else:
            return answer
    sealing.seal()  # who died between commit and signature left a head without one
    if known is None or known.answer is None:
        raise _used_otherwise()
    return _opened(request, bytes(known.answer))


def resumed(request: Sent, run: Callable[[int], bytes]) -> bytes:
    """Do what `run` does in its own transactions, or go on with it, and return its answer.

    `run` is told how many acts the log held when the key was first used. Raises as `once`.
    """
    known = _known(request)
    if known is None:
        try:
            with working():
                known = _begin(request)
        except _TakenError:
            known = _known(request)
    if known is not None and known.answer is not None:
        sealing.seal()
        return _opened(request, bytes(known.answer))
    answer = run(0 if known is None else known.start)
    ours = Receipt.objects.filter(by=request.by, key=_name(request), answer__isnull=True)
    ours.update(answer=_closed(request, answer))
    return answer


class _TakenError(Exception):
    """Somebody began with the same key between our look and our row."""


def _name(request: Sent) -> str:
    return hashlib.sha256(b"muniment receipt\n" + request.key).hexdigest()


def _known(request: Sent) -> Receipt | None:
    """Return the receipt of a key; raises `Conflict` where it stands for other bytes."""
    found = Receipt.objects.filter(by=request.by, key=_name(request)).first()
    if found is not None and found.digest != request.digest:
        raise _used_otherwise()
    return found


def _used_otherwise() -> Conflict:
    return Conflict(
        _("this key was used before, for something else"),
        code="key.used",
        hint=_("Nothing was recorded. Ask with a new key, or send what was sent the first time."),
    )


def _begin(request: Sent) -> Receipt:
    """Write the row of a key in the transaction that is open, and drop rows past their time."""
    begun = now()
    Receipt.objects.filter(begun__lt=begun - LIFETIME).delete()
    row, made = Receipt.objects.get_or_create(
        by=request.by,
        key=_name(request),
        defaults={
            "digest": request.digest,
            "begun": begun,
            "start": queries.custody_head().size,
        },
    )
    if not made:
        raise _TakenError
    return row


def _cipher(request: Sent) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=b"muniment receipt answer").derive(request.key)
    return AESGCM(derived)


def _closed(request: Sent, answer: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(request).encrypt(nonce, answer, request.digest.encode("ascii"))


def _opened(request: Sent, kept: bytes) -> bytes:
    return _cipher(request).decrypt(kept[:_NONCE], kept[_NONCE:], request.digest.encode("ascii"))
