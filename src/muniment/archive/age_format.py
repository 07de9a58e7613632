"""The age file format (age-encryption.org/v1) with X25519 keys, at the rate of the processor.

- What is sealed here any age program opens with the identity, and the other way round.
- The payload is chunks of 64 KiB, each with its own tag, so that a reader may begin anywhere and
  believes nothing that was changed, cut or moved.
- OpenSSL does the work and lets other threads run meanwhile: several times the rate of `pyrage`,
  which seals backups (`age`) and is the second reader of this in the tests.

Not its job: files and folders; which key is used for what (`keyring`).
"""

from __future__ import annotations

import hmac
import os
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from muniment.archive.bech32 import decode_bech32, encode_bech32
from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Sequence

CHUNK: Final = 1 << 16
TAG: Final = 16
NONCE: Final = 16
LONGEST_HEADER: Final = 4096

_KEY: Final = 32
_FILE_KEY: Final = 16
_INTRO: Final = b"age-encryption.org/v1\n"
_STANZA: Final = re.compile(
    rb"-> (?:X25519 ([A-Za-z0-9+/]{43})\n([A-Za-z0-9+/]{43})\n"
    rb"|(?!X25519[ \n])[!-~]+(?: [!-~]+)*\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63}\n))"
)
_END: Final = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_LABEL: Final = b"age-encryption.org/v1/X25519"
_NO_NONCE: Final = bytes(12)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key to which anyone can seal."""

    public: bytes

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Return the key of `age1…`; raises InvalidInput."""
        return cls(_of_length(decode_bech32("age", text)))

    @property
    def text(self) -> str:
        """The key as age writes it, `age1…`."""
        return encode_bech32("age", self.public)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key, which opens what was sealed to its recipient."""

    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> Identity:
        """Return a new one."""
        return cls(os.urandom(_KEY))

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Return the key of `AGE-SECRET-KEY-1…`; raises InvalidInput."""
        return cls(_of_length(decode_bech32("age-secret-key-", text)))

    @property
    def text(self) -> str:
        """The key as age writes it, `AGE-SECRET-KEY-1…`."""
        return encode_bech32("age-secret-key-", self.secret).upper()

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        return Recipient(X25519PrivateKey.from_private_bytes(self.secret).public_key()
                         .public_bytes_raw())  # fmt: skip


class Payload:
    """The chunks of one sealed file, by number, under its own key."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        """`nonce` is the 16 bytes that stand between header and chunks."""
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))

    def seal(self, number: int, data: bytes | memoryview, *, last: bool) -> bytes:
        """Return a chunk sealed: 16 bytes longer. All but the last hold 64 KiB."""
        return self._cipher.encrypt(_place(number, last=last), data, None)

    def open(self, number: int, data: bytes | memoryview, *, last: bool) -> bytes:
        """Return what a chunk holds; raises TamperSuspected unless it was sealed as this one."""
        try:
            return self._cipher.decrypt(_place(number, last=last), data, None)
        except InvalidTag:
            raise damaged() from None


def new_header(recipients: Sequence[Recipient]) -> tuple[bytes, Payload]:
    """Return header and nonce of a new sealed file, and what seals its chunks."""
    file_key = os.urandom(_FILE_KEY)
    stanzas = b"".join([_stanza(file_key, one) for one in recipients])
    header = _INTRO + stanzas + b"---"
    nonce = os.urandom(NONCE)
    header += b" " + _text(_mac(file_key, header)) + b"\n" + nonce
    return header, Payload(file_key, nonce)


def read_header(start: bytes, identities: Sequence[Identity]) -> tuple[int, Payload]:
    """Return where the chunks begin and what opens them, from the first bytes of a sealed file.

    Raises TamperSuspected where it is no whole header, or was sealed to none of the identities.
    """
    place = len(_INTRO) if start.startswith(_INTRO) else len(start)
    found: list[tuple[bytes, bytes]] = []
    while stanza := _STANZA.match(start, place):
        if stanza[1]:
            found.append((_bytes(stanza[1]), _bytes(stanza[2])))
        else:  # of another kind: well formed, and passed over
            _bytes(stanza[3].replace(b"\n", b""))
        place = stanza.end()
    end = _END.match(start, place)
    if end is None or len(start) < end.end() + NONCE:
        raise damaged()
    for identity in identities:
        for share, body in found:
            file_key = _unwrapped(identity, share, body)
            if file_key is not None:
                if not hmac.compare_digest(_mac(file_key, start[: place + 3]), _bytes(end[1])):
                    raise damaged()
                begin = end.end() + NONCE
                return begin, Payload(file_key, start[end.end() : begin])
    raise damaged()


def seal_bytes(data: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return bytes sealed to all of these recipients."""
    header, payload = new_header(recipients)
    view = memoryview(data)
    starts = range(0, max(len(data), 1), CHUNK)
    sealed = [
        payload.seal(number, view[start : start + CHUNK], last=start + CHUNK >= len(data))
        for number, start in enumerate(starts)
    ]
    return b"".join([header, *sealed])


def open_bytes(sealed: bytes, identities: Sequence[Identity]) -> bytes:
    """Return what was sealed to one of these identities; raises TamperSuspected."""
    begin, payload = read_header(sealed[:LONGEST_HEADER], identities)
    view = memoryview(sealed)[begin:]
    plain_size(len(sealed), begin)
    step = CHUNK + TAG
    return b"".join([
        payload.open(number, view[start : start + step], last=start + step >= len(view))
        for number, start in enumerate(range(0, len(view), step))
    ])  # fmt: skip


def sealed_size(size: int, header: int) -> int:
    """Return the size of a sealed file of so many bytes, its header and nonce being so long."""
    return header + size + TAG * max(-(-size // CHUNK), 1)


def plain_size(size: int, header: int) -> int:
    """Return how many bytes a sealed file of this size holds; raises TamperSuspected."""
    whole, rest = divmod(size - header, CHUNK + TAG)
    if size < header + TAG or 0 < rest < TAG or (rest == TAG and whole):
        raise damaged()
    return whole * CHUNK + (rest - TAG if rest else 0)


def damaged() -> TamperSuspected:
    """Return the error for bytes that do not open."""
    return TamperSuspected(
        "this was sealed to another key, or it was changed or cut",
        code="age.damaged",
        hint="Use the key that belongs to it; otherwise take another copy.",
    )


def _of_length(key: bytes) -> bytes:
    if len(key) != _KEY:
        raise InvalidInput("this age key has another length", code="age.key")
    return key


def _stanza(file_key: bytes, recipient: Recipient) -> bytes:
    ours = X25519PrivateKey.generate()
    share = ours.public_key().public_bytes_raw()
    shared = ours.exchange(X25519PublicKey.from_public_bytes(recipient.public))
    key = _derived(shared, share + recipient.public, _LABEL)
    body = ChaCha20Poly1305(key).encrypt(_NO_NONCE, file_key, None)
    return b"-> X25519 " + _text(share) + b"\n" + _text(body) + b"\n"


def _unwrapped(identity: Identity, share: bytes, body: bytes) -> bytes | None:
    private = X25519PrivateKey.from_private_bytes(identity.secret)
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:  # a share of low order, which no honest writer makes
        return None
    key = _derived(shared, share + identity.recipient.public, _LABEL)
    try:
        return ChaCha20Poly1305(key).decrypt(_NO_NONCE, body, None)
    except InvalidTag:
        return None


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 of one block (RFC 5869)."""
    extracted = hmac.digest(salt or bytes(32), secret, sha256)
    return hmac.digest(extracted, info + b"\x01", sha256)


def _mac(file_key: bytes, header: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), header, sha256)


def _place(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _text(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    """Decode the one spelling that these bytes have; raises TamperSuspected for any other."""
    try:
        data = b64decode(text + b"=" * (-len(text) % 4))
    except ValueError:
        raise damaged() from None
    if _text(data) != text:
        raise damaged()
    return data
