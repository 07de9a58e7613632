"""The files in which the tokens of a head are kept and handed on (custody-log §7, `custody/tsa`).

- `<size>.note` is what was stamped; for each token, numbered from 1 in the order given,
  `<size>-<k>.tsr` is the reply as it came, `<size>-<k>.pem` the path from its signer to the root,
  `.crl` and `.ocsp` what was said of revocation: all in forms that `openssl` reads.
- Only tokens that hold are handed on. A reply that does not is kept elsewhere, raw.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.seal.rfc3161.client import Stamp

_MOST: Final = 9
_LINE: Final = 64


def kept_files(size: int, stamps: Sequence[Stamp]) -> dict[str, bytes]:
    """Return the files of the tokens over the head of that size, by name.

    Raises InvalidInput (`token.not_kept`) for no token, too many, one that does not hold, or tokens
    over different bytes.
    """
    stamped = {one.stamped for one in stamps}
    if len(stamped) != 1 or len(stamps) > _MOST or not all(one.verdict.holds for one in stamps):
        message = f"these are not one to {_MOST} tokens that hold, over one head"
        raise InvalidInput(message, code="token.not_kept")
    files = {f"{size}.note": stamped.pop()}
    for number, stamp in enumerate(stamps, 1):
        stem = f"{size}-{number}"
        files[f"{stem}.tsr"] = stamp.reply
        files[f"{stem}.pem"] = b"".join(
            x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM) for each in stamp.chain
        )
        for ending, label, answers in (
            ("crl", "X509 CRL", stamp.revocation.crls),
            ("ocsp", "OCSP RESPONSE", stamp.revocation.ocsp),
        ):
            if answers:
                files[f"{stem}.{ending}"] = b"".join(_pem(label, each) for each in answers)
    return files


def _pem(label: str, data: bytes) -> bytes:
    """RFC 7468 armour."""
    text = b64encode(data).decode("ascii")
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()
