"""Content credentials (C2PA) in a JPEG, read by c2pa-python under a root that the reader brought.

One picture of the evidence is the whole package; its two members here are the picture without its
credential and the credential's segments (JPEG APP11). Wishes about several files, names or history
have no meaning in it; no time authority is asked, so there is no token to replay.
"""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from muniment.testing.tampering.format import EVIDENCE, Claims, Files, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_JPEG: Final = "image/jpeg"
_PICTURE, _CREDENTIAL = "IMG_0871.jpg", "credential"
_APP0: Final = b"\xff\xe0"
_APP11: Final = b"\xff\xeb"
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_END: Final = datetime(2046, 1, 1, tzinfo=UTC)
_EMAIL: Final = "1.3.6.1.5.5.7.3.4"  # the purpose that c2pa-python's own examples use
_CLAIM: Final = {
    "claim_generator_info": [{"name": "SPECIMEN camera", "version": "1"}],
    "title": "SPECIMEN",
    "format": _JPEG,
    "assertions": [
        {
            "label": "c2pa.actions",
            "data": {
                "actions": [
                    {
                        "action": "c2pa.created",
                        "when": "2026-03-09T15:00:00Z",
                        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
                        "digitalCapture",
                    }
                ]
            },
        }
    ],
}


class ContentCredentials(Format):
    """A picture signed by a camera's certificate."""

    name: ClassVar[str] = "c2pa"
    claims: ClassVar[Claims] = Claims(
        detects=frozenset(
            {"flip", "flip-record", "truncate", "re-manifest", "back-date", "swap-keys",
             "strip-digests"}
        ),
        words=(
            "... merely whether the assertions included within can be validated as associated with "
            "the underlying asset, correctly formed, and free from tampering."
        ),
        source="C2PA Technical Specification 2.1, 1.2 (https://spec.c2pa.org/)",
        read="2026-11-21",
    )  # fmt: skip

    def __init__(self) -> None:
        """A root, a camera, and its picture."""
        self._camera = _Camera()
        self._whole = _taken_apart(self._camera.signed(EVIDENCE[_PICTURE]))

    @property
    def version(self) -> str:
        """The reader."""
        return f"c2pa-python {version('c2pa-python')}"

    def whole(self) -> Files:
        """The picture and its credential."""
        return self._whole

    def accepts(self, files: Files) -> bool:
        """Whether the credential is there, holds for the picture, and is trusted."""
        settings = {
            "trust": {"trust_anchors": self._camera.root.decode(), "trust_config": _EMAIL},
            "verify": {"verify_trust": True},
        }
        picture = files[_PICTURE]
        at = _place(picture)
        data = picture[:at] + files.get(_CREDENTIAL, b"") + picture[at:]
        try:
            context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
            found = c2pa.Reader(_JPEG, io.BytesIO(data), context=context).get_validation_state()
        except Exception:  # noqa: BLE001 - a reader that fails does not accept
            return False
        return str(found) == "Trusted"

    def contents(self, files: Files) -> dict[str, bytes]:
        """The picture without its credential."""
        return {_PICTURE: files[_PICTURE]}

    def with_contents(self, files: Files, contents: Files) -> Files:
        """Another picture with the same credential; there is always one picture."""
        return {**files, _PICTURE: contents.get(_PICTURE, files[_PICTURE])}

    def resealed(self, files: Files) -> Files:
        """Nothing: every digest stands under the signature."""
        return files

    def new_name(self, name: str) -> str | None:
        """A file's name is no part of it."""
        del name
        return None

    def earlier(self, files: Files) -> Iterator[Files]:
        """When it says it was taken."""
        said = files[_CREDENTIAL]
        yield {**files, _CREDENTIAL: said.replace(b"2026-03-09", b"2024-03-09")}

    def digests(self, files: Files) -> Iterable[Iterable[str]]:
        """The credential."""
        del files
        return [[_CREDENTIAL]]

    def rekeyed(self, files: Files) -> Iterator[Files]:
        """Another picture, signed under certificates with the same names."""
        del files
        yield _taken_apart(_Camera().signed(_other_picture()))
        yield _taken_apart(_Camera().signed(EVIDENCE[_PICTURE]))

    def stolen(self, files: Files) -> Iterator[Files]:
        """Another picture, signed by the same camera."""
        del files
        yield _taken_apart(self._camera.signed(_other_picture()))


class _Camera:
    """A key with a certificate under a root of its own."""

    def __init__(self) -> None:
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root = _certificate("SPECIMEN root", root_key, None, root_key)
        own = _certificate("SPECIMEN camera", key, root, root_key)
        self.root = root.public_bytes(Encoding.PEM)
        self._signer = c2pa.Signer.from_info(
            c2pa.C2paSignerInfo(
                alg=b"es256",
                sign_cert=own.public_bytes(Encoding.PEM) + self.root,
                private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
                ta_url=None,
            )
        )

    def signed(self, picture: bytes) -> bytes:
        """The picture with a credential."""
        out = io.BytesIO()
        c2pa.Builder(json.dumps(_CLAIM)).sign(self._signer, _JPEG, io.BytesIO(picture), out)
        return out.getvalue()


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    above = issuer_key.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_START)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above), critical=False)
        .add_extension(_usage(signing=issuer is not None), critical=True)
    )
    if issuer is not None:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(purpose, critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signing, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=not signing,
        crl_sign=not signing, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _other_picture() -> bytes:
    """The same picture with another comment in it: other bytes, and a JPEG all the same."""
    picture = EVIDENCE[_PICTURE]
    comment = b"SPECIMEN of another scene"
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    return picture[: _place(picture)] + segment + picture[_place(picture) :]


def _place(picture: bytes) -> int:
    """Where a credential stands: behind the JFIF header, if the picture has one."""
    header = picture[2:4] == _APP0
    return 4 + int.from_bytes(picture[4:6], "big") if header else 2


def _taken_apart(data: bytes) -> Files:
    """A signed JPEG as the picture and its credential: segments from the start to the scan."""
    picture, credential = bytearray(data[:2]), bytearray()
    place = 2
    while data[place : place + 2] != b"\xff\xda":
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place:end]
        (credential if segment.startswith(_APP11) else picture).extend(segment)
        place = end
    return {_PICTURE: bytes(picture) + data[place:], _CREDENTIAL: bytes(credential)}
