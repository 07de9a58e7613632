"""Time tokens (RFC 3161): by when a head of the log was there (custody-log §7, §8 step 9).

- `custody/tsa/<size>.note` is what was stamped: the text of a head in this bundle and the log's
  own signature lines. `<size>-<k>.tsr` is the k-th token over it, as it came, `<size>-<k>.pem` its
  path, signer first, root last; `.crl` and `.ocsp` beside them are what was said of revocation
  then, which this reader does not judge.
- A token must hold: granted, SHA-512 imprint of the note, a signer for time stamping alone, a path
  in order and in its time at the time that the token states, and its signature.
- Everybody can make a root. So the verdict is `proved` only under a root that the reader brought;
  otherwise it is `absent`, with the time and the root that the token names.

A token whose DER is not strict is not read here; `openssl ts -verify` reads it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from muniment.errors import InvalidInput
from muniment.verify.fault import Fault, about, as_given, shown
from muniment.verify.layout import TIME_TOKEN
from muniment.verify.report import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from muniment.verify.canonical import Json
    from muniment.verify.note import Head

_SHA512: Final = "2.16.840.1.101.3.4.2.3"
_LARGEST: Final = 1 << 20
_UNREADABLE: Final = (
    LookupError,
    TypeError,
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class Stamped:
    """A head that a token was found to cover, the token's time, and the root it leads to."""

    size: int
    at: datetime
    root: x509.Certificate


def existed_before(
    files: Mapping[str, bytes],
    named: Sequence[Json],
    heads: Sequence[Head],
    firsts: Sequence[int],
    roots: Sequence[x509.Certificate],
) -> Verdict:
    """The verdict on the token files of a bundle, given by path.

    `named` is what the selection says of tokens, `heads` are the checkpoint and the old heads,
    `firsts` the index of each item's first entry, `roots` those that the reader brought. `Fault`
    where something about the tokens is not as it must be.
    """
    if not files and not named:
        return Verdict(State.ABSENT, "there is no time token in the bundle")
    sizes = [size for size in named if isinstance(size, int) and not isinstance(size, bool)]
    if len(sizes) != len(named) or sizes != sorted(set(sizes)):
        raise Fault("the selection's tokens are not sizes of heads in order")
    numbers = _numbers(files, sizes)
    found: list[Stamped] = []
    for size in sizes:
        note = files[f"custody/tsa/{size}.note"]
        if note not in [_stamped(head) for head in heads if head.size == size]:
            raise Fault(f"custody/tsa/{size}.note is not a head of the log in this bundle")
        for number in numbers[size]:
            name = f"custody/tsa/{size}-{number}"
            with about(f"{name}.tsr"):
                path = _path(files[f"{name}.pem"])
                found.append(Stamped(size, _checked(files[f"{name}.tsr"], note, path), path[-1]))
    return _verdict(found, firsts, roots)


def _verdict(
    found: Sequence[Stamped], firsts: Sequence[int], roots: Sequence[x509.Certificate]
) -> Verdict:
    brought = [one for one in found if one.root in roots]
    words = "; ".join(_words(one) for one in (brought or found))
    if not brought:
        return Verdict(State.ABSENT, f"{words}: give that root, from elsewhere, as --time-root")
    if not all(any(first < one.size for one in brought) for first in firsts):
        return Verdict(State.ABSENT, f"{words}: not every item is under it")
    return Verdict(State.PROVED, words)


def _words(one: Stamped) -> str:
    names = one.root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    root = shown(names[0].value if names else "a root without a name")
    mark = one.root.fingerprint(hashes.SHA256()).hex()
    return (
        f"the head of size {one.size} was there by {one.at:%Y-%m-%dT%H:%M:%SZ}, under {root} {mark}"
    )


def _numbers(files: Mapping[str, bytes], sizes: Sequence[int]) -> dict[int, list[int]]:
    """The numbers of the tokens of each size; `Fault` for a file too many or too few."""
    numbers: dict[int, list[int]] = {size: [] for size in sizes}
    needed: set[str] = set()
    for size in sizes:
        while f"custody/tsa/{size}-{len(numbers[size]) + 1}.tsr" in files:
            numbers[size].append(len(numbers[size]) + 1)
        stems = [f"custody/tsa/{size}-{number}" for number in numbers[size] or [1]]
        needed |= {f"custody/tsa/{size}.note"}
        needed |= {f"{stem}{ending}" for stem in stems for ending in (".tsr", ".pem")}
    missing = needed - set(files)
    if missing:
        raise Fault(f"{min(missing)} is missing")
    for path in sorted(set(files) - needed):
        form = TIME_TOKEN.fullmatch(path)
        beside = form and path.rpartition(".")[0] + ".tsr" in needed
        if not beside or not path.endswith((".crl", ".ocsp")):
            raise Fault(f"{path} belongs to no time token that the selection names")
    return numbers


def _stamped(head: Head) -> bytes:
    """What of a head is stamped: its text, a blank line, the log's own signature lines."""
    lines = [
        f"\N{EM DASH} {one.name} {base64.b64encode(one.key_id + one.value).decode()}\n"
        for one in head.signatures
        if one.name == head.origin
    ]
    return f"{head.text}\n{''.join(lines)}".encode()


def _path(data: bytes) -> list[x509.Certificate]:
    try:
        path = x509.load_pem_x509_certificates(data)
        if data != b"".join(map(_pem, path)):
            raise Fault("its certificates are not written as they must be")
        for subject, issuer in pairwise(path):
            subject.verify_directly_issued_by(issuer)
            basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
            if not basic.ca:
                raise Fault("its path leads over a certificate that may issue none")
    except InvalidSignature:
        raise Fault("its path is broken") from None
    except (x509.ExtensionNotFound, *_UNREADABLE):
        raise Fault("its path cannot be read") from None
    return path


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _checked(reply: bytes, note: bytes, path: Sequence[x509.Certificate]) -> datetime:
    """The time that a token states, all else about it being as it must be."""
    if len(reply) > _LARGEST:
        raise Fault("it is larger than a reply is")
    try:
        response = decode_timestamp_response(reply)
        said = response.tst_info
        at, imprint = said.gen_time, said.message_imprint
        signers = [*response.signed_data.signer_infos]
        named = [(one.issuer, one.serial_number) for one in signers]
        signer = path[0]
        is_signers = named == [(signer.issuer, signer.serial_number)]
        carried = bool(response.signed_data.certificates)
    except _UNREADABLE:
        raise Fault("it is no time-stamp reply in strict DER") from None
    if imprint.hash_algorithm.dotted_string != _SHA512 or (
        imprint.message != hashlib.sha512(note).digest()
    ):
        raise Fault("it is for other bytes")
    if not is_signers:
        raise Fault("its signer's certificate is not the first of its path")
    _demand_purpose(signer)
    if not all(one.not_valid_before_utc <= at < one.not_valid_after_utc for one in path):
        raise Fault("a certificate on its path was not valid at the time it states")
    judge = VerifierBuilder(
        roots=[path[-1]],
        intermediates=[*path[1:-1]],
        tsa_certificate=None if carried else signer,
    )
    try:
        judge.build().verify_message(response, note)
    except (VerificationError, *_UNREADABLE):
        raise Fault("its signature does not hold") from None
    return at


def _demand_purpose(signer: x509.Certificate) -> None:
    """RFC 3161 2.3: time stamping alone, critically."""
    try:
        purpose = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, *_UNREADABLE):
        raise Fault("its signer's certificate has no purpose") from None
    if not purpose.critical or [*purpose.value] != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise Fault("its signer's certificate is not for time stamping alone")


def read_time_roots(text: str) -> tuple[x509.Certificate, ...]:
    """What `--time-root` was given: a file of certificates in PEM; raises `InvalidInput`."""
    try:
        with Path(text).open("rb") as file:
            return tuple(x509.load_pem_x509_certificates(file.read(_LARGEST)))
    except (OSError, *_UNREADABLE):
        raise InvalidInput(
            f"'{as_given(text)}' is no readable file of certificates in PEM.",
            code="verify.time_root",
            hint="Give the root of a time authority as you had it from the authority.",
        ) from None
