"""Which authorities are asked for time, and what is known of each beforehand.

- The roots are chosen beforehand and come from elsewhere than the authority's replies.
- Qualified (eIDAS Art. 42) is a legal status that no certificate proves by itself: it is said with
  its basis, such as the entry in a national trusted list and the day it was looked up, or not said.
- A configuration value: it goes to JSON and back unchanged.

Not its job: asking (`client`), judging (`checking`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from muniment.evidence.canonical import Json

DEMONSTRATION: Final = "demonstration, proves nothing"
_NAME: Final = re.compile(r"\S(?:.{0,98}\S)?")
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+", re.ASCII)
_TOLERANCE: Final = timedelta(minutes=5)


def is_demonstration(certificate: x509.Certificate) -> bool:
    """Whether a certificate says in its own name that what it signs proves nothing."""
    return DEMONSTRATION in certificate.subject.rfc4514_string().replace("\\", "")


class Standing(StrEnum):
    """Whether an authority is a qualified trust service; NOT_KNOWN where nobody looked."""

    QUALIFIED = "qualified"
    NOT_QUALIFIED = "not qualified"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Qualification:
    """The standing of an authority, and on what that statement rests: needed unless not known."""

    standing: Standing = Standing.NOT_KNOWN
    basis: str = ""

    def __post_init__(self) -> None:
        """Refuse a status without a basis."""
        if self.standing is not Standing.NOT_KNOWN and not self.basis.strip():
            message = "whether an authority is qualified is said with its basis or not at all"
            raise InvalidInput(message, code="authority.basis")


@dataclass(frozen=True, slots=True)
class TimeAuthority:
    """An authority: its name to people, its address, and what its tokens must lead to.

    `roots` and `intermediates` are certificates; `policies` are the policies that are accepted, any
    where there are none. `tolerance` is how far its clock and ours may differ on a fresh token.
    `needs_revocation` refuses a token whose status is not known.
    """

    name: str
    url: str
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    policies: frozenset[str] = frozenset()
    qualification: Qualification = field(default_factory=Qualification)
    tolerance: timedelta = _TOLERANCE
    needs_revocation: bool = False

    def __post_init__(self) -> None:
        """Refuse what could never be checked."""
        if not _NAME.fullmatch(self.name) or not self.name.isprintable():
            raise InvalidInput("a time authority has a name", code="authority.name")
        if not self.roots:
            message = f"the time authority {self.name} has no root to lead to"
            raise InvalidInput(message, code="authority.roots")
        if not all(_OID.fullmatch(policy) for policy in self.policies):
            message = f"the policies of {self.name} are written like 1.3.6.1.4.1.1"
            raise InvalidInput(message, code="authority.policy")

    def to_json(self) -> Json:
        """Return the value as it stands in a configuration."""
        return {
            "intermediates": [_pem(each) for each in self.intermediates],
            "name": self.name,
            "needs_revocation": self.needs_revocation,
            "policies": sorted(self.policies),
            "qualification": {
                "basis": self.qualification.basis,
                "standing": self.qualification.standing.value,
            },
            "roots": [_pem(each) for each in self.roots],
            "tolerance": int(self.tolerance.total_seconds()),
            "url": self.url,
        }

    @classmethod
    def from_json(cls, value: Json) -> TimeAuthority:
        """Return the authority of a configuration; raises InvalidInput (`authority.*`)."""
        match value:
            case {
                "name": str(name),
                "url": str(url),
                "roots": list(roots),
                "intermediates": list(between),
                "policies": list(policies),
                "qualification": {"standing": str(standing), "basis": str(basis)},
                "tolerance": int(tolerance),
                "needs_revocation": bool(needed),
            } if standing in [*Standing]:
                return cls(
                    name,
                    url,
                    tuple(_certificate(each) for each in roots),
                    tuple(_certificate(each) for each in between),
                    frozenset(str(each) for each in policies),
                    Qualification(Standing(standing), basis),
                    timedelta(seconds=tolerance),
                    needed,
                )
            case _:
                pass
        message = "this is not the configuration of a time authority"
        raise InvalidInput(message, code="authority.form")


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _certificate(value: Json) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(str(value).encode())
    except ValueError:
        message = "a certificate of the time authority cannot be read"
        raise InvalidInput(message, code="authority.certificate") from None
