"""Whether a file's content credentials (C2PA) are there, and hold for these bytes.

- A credential that checks says: these bytes are the ones its holder signed. It does not say who
  that is (no list of trusted signers is used) nor that what is shown is true.
- A credential that does not check because the bytes, an assertion or the signature differ
  contradicts the file. One that had merely expired, or relies on what is not here, leaves it open.
- No credential proves nothing: most cameras write none, and platforms remove them.

Nothing is fetched: a credential kept elsewhere is reported as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.examine.api import Fact, Outcome, Reading, Stage, list_at, shown, text_at
from muniment.sandbox import Limits, Script

if TYPE_CHECKING:
    from muniment.examine.api import Media
    from muniment.sandbox import Output

_SCRIPT: Final = Script(
    Path(__file__).with_name("inside") / "credentials.py",
    packages=("c2pa",),
    limits=Limits(seconds=60.0, processor_seconds=60, output=1 << 20),  # it hashes whole films
)
_CARRIERS: Final = ("image/", "video/", "audio/", "application/pdf", "application/mp4")
_UNTRUSTED: Final = "signingCredential.untrusted"
_EXPIRED: Final = "signingCredential.expired"
# C2PA 2.2, 15.2.2: failures that leave open whether the content is what was signed.
_LEAVE_OPEN: Final = (
    "signingCredential.", "timeStamp.", "algorithm.unsupported", "assertion.inaccessible",
    "manifest.inaccessible", "claim.missing", "general.error", "manifest.unknownProvenance",
)  # fmt: skip
_SHOWN: Final = (
    ("issuer", "Issuer of the certificate"),
    ("signer", "Name in the certificate"),
    ("signed_at", "Time of signature"),
    ("generator", "Written by"),
    ("title", "Title"),
    ("actions", "Actions"),
    ("ingredients", "Ingredients"),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Checks content credentials."""

    name: str = "credentials"
    version: str = "1"
    tool: str = "c2pa"
    stage: Stage = Stage.EXAMINE

    def applies(self, media: Media) -> bool:
        """To pictures, video, sound and PDF."""
        return media.is_of(*_CARRIERS)

    @property
    def program(self) -> Script:
        """The C2PA library, offline, without a list of trusted signers."""
        return _SCRIPT

    def read(self, media: Media, output: Output) -> Reading:
        """Valid, invalid and why, expired, kept elsewhere, or absent."""
        del media
        document = output.document()
        version = shown(text_at(document, "version"), 100)
        if not text_at(document, "format"):
            return _open("No content credentials are looked for in this kind of file.", version)
        if remote := text_at(document, "remote"):
            return _open("The file names content credentials kept elsewhere; they were not fetched"
                         f" and nothing was checked. {shown(remote)}", version)  # fmt: skip
        if text_at(document, "absent"):
            return _open("The file has no content credentials. That proves nothing: most cameras"
                         " write none, and many platforms remove them.", version)  # fmt: skip
        if error := text_at(document, "error"):
            return _open(f"Content credentials could not be looked for: {shown(error)}", version)
        credential = document.get("credential")
        return _read_credential(credential, _failures(credential), version)


def _read_credential(credential: object, failures: dict[str, str], version: str) -> Reading:
    failed = {code: why for code, why in failures.items() if code != _UNTRUSTED}
    signer = shown(text_at(credential, "signer") or "an unnamed signer", 100)
    ground = "; ".join(f"{code} ({why})" for code, why in failures.items())
    basis = f"State: {text_at(credential, 'state')}. Failures: {ground or 'none'}."
    if not failed and text_at(credential, "state") in {"Valid", "Trusted"}:
        outcome = Outcome.SUPPORTS
        summary = (
            f"The content credential checks: these are the bytes signed as {signer}"
            f"{_when(credential)}. Who holds that key was not established, and it does not say"
            " that the content is true."
        )
    elif set(failed) == {_EXPIRED}:
        outcome = Outcome.INCONCLUSIVE
        summary = (
            f"The certificate of the content credential ({signer}) had expired and no trusted time"
            " shows that it was used before. The bytes are those that were signed."
        )
    elif failed and all(code.startswith(_LEAVE_OPEN) for code in failed):
        outcome = Outcome.INCONCLUSIVE
        summary = f"The content credential ({signer}) could not be relied on: {_reasons(failed)}."
    else:
        outcome = Outcome.CONTRADICTS
        reasons = _reasons(failed) or "the C2PA library says that it is not valid"
        summary = (
            f"The content credential ({signer}) does not hold for these bytes: {reasons}."
            " The file, or its credential, was changed after it was signed."
        )
    if (bad := text_at(credential, "bad_ingredients")) != "0":
        summary += f" Credentials of {shown(bad, 10)} of its ingredients do not check."
    facts = [Fact(label, shown(text_at(credential, key))) for key, label in _SHOWN]
    kept = tuple(fact for fact in facts if fact.value)
    return Reading(outcome, summary, shown(basis, 1000), version, facts=kept)


def _failures(credential: object) -> dict[str, str]:
    listed = list_at(credential, "failures")
    return {shown(text_at(each, "code"), 100): shown(text_at(each, "why")) for each in listed}


def _reasons(failed: dict[str, str]) -> str:
    named = (f"{why or 'no reason given'} ({code})" for code, why in failed.items())
    return shown("; ".join(named), 500)


def _when(credential: object) -> str:
    time = shown(text_at(credential, "signed_at"), 40)
    if not time:
        return ""
    return f" at {time}" + ("" if text_at(credential, "time_checked") == "True" else " (unchecked)")


def _open(summary: str, version: str) -> Reading:
    return Reading(Outcome.INCONCLUSIVE, summary, "What the C2PA library found.", version)
