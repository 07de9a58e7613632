"""A credential that checks, one that does not, one that expired, one elsewhere, and none."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from muniment.examine.api import Media, Outcome, Reading
from muniment.examine.credentials import Credentials
from muniment.sandbox import Ending, Output, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.examine.conftest import Examine

UNTRUSTED = {"code": "signingCredential.untrusted", "why": "signing certificate untrusted"}


def picture(form: str = "PNG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), (120, 80, 40)).save(written, form)
    return written.getvalue()


def read(state: str, *failures: str, bad_ingredients: int = 0) -> Reading:
    credential = {
        "state": state,
        "failures": [UNTRUSTED, *({"code": code, "why": "why"} for code in failures)],
        "ingredients": 1,
        "bad_ingredients": bad_ingredients,
        "signer": "Nonesuch Camera",
        "signed_at": "2026-03-09T12:00:00Z",
        "time_checked": False,
    }
    document = {"version": "0.91", "format": "image/jpeg", "credential": credential}
    media = Media("a.jpg", "image/jpeg", 10, "0" * 64)
    return Credentials().read(media, Output(Ending.EXITED, 0, json.dumps(document).encode()))


def test_none_proves_nothing(examine: Examine) -> None:
    finding = examine(Credentials(), picture(), "a.png")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "has no content credentials. That proves nothing" in finding.summary


def test_one_kept_elsewhere_is_named_and_not_fetched(examine: Examine) -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' dcterms:provenance="https://manifests.invalid/m.c2pa"/></rdf:RDF></x:xmpmeta>'
    )
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "JPEG", xmp=packet.encode())
    finding = examine(Credentials(), written.getvalue(), "a.jpg")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "kept elsewhere; they were not fetched" in finding.summary
    assert "https://manifests.invalid/m.c2pa" in finding.summary


@pytest.mark.parametrize("position", [5_000, 60_000, 130_000])
def test_one_flipped_bit_of_a_signed_picture_contradicts(
    position: int, shared: Path, examine: Examine
) -> None:
    data = bytearray((shared / "samples" / "adobe-20220124-C.jpg").read_bytes())
    data[position] ^= 1
    finding = examine(Credentials(), bytes(data), "a.jpg")
    assert finding.outcome is not Outcome.SUPPORTS
    assert "checks" not in finding.summary


def test_a_signed_picture_under_another_name_still_checks(shared: Path, examine: Examine) -> None:
    data = (shared / "samples" / "adobe-20220124-C.jpg").read_bytes()
    assert examine(Credentials(), data, "a.png").outcome is Outcome.SUPPORTS


def test_a_credential_that_only_lacks_a_list_of_trusted_signers_supports() -> None:
    reading = read("Valid")
    assert reading.outcome is Outcome.SUPPORTS
    assert "Who holds that key was not established" in reading.summary
    assert "(unchecked)" in reading.summary


@pytest.mark.parametrize(
    "code",
    [
        "assertion.dataHash.mismatch",
        "assertion.hashedURI.mismatch",
        "claimSignature.mismatch",
        "assertion.missing",
        "assertion.undeclared",
        "a.code.nobody.knows",
    ],
)
def test_what_does_not_match_contradicts_whatever_else_is_wrong(code: str) -> None:
    for failures in ((code,), (code, "signingCredential.expired"), ("timeStamp.mismatch", code)):
        reading = read("Invalid", *failures)
        assert reading.outcome is Outcome.CONTRADICTS
        assert code in reading.summary


def test_a_state_that_says_valid_beside_a_failure_is_not_believed() -> None:
    assert read("Valid", "assertion.dataHash.mismatch").outcome is Outcome.CONTRADICTS


@pytest.mark.parametrize("code", ["signingCredential.revoked", "algorithm.unsupported"])
def test_what_cannot_be_relied_on_leaves_it_open(code: str) -> None:
    reading = read("Invalid", code)
    assert reading.outcome is Outcome.INCONCLUSIVE
    assert code in reading.summary


def test_an_expired_certificate_is_named() -> None:
    reading = read("Invalid", "signingCredential.expired")
    assert reading.outcome is Outcome.INCONCLUSIVE
    assert "had expired" in reading.summary
    assert "The bytes are those that were signed" in reading.summary


def test_an_invalid_one_without_a_reason_contradicts() -> None:
    assert read("Invalid").outcome is Outcome.CONTRADICTS


def test_an_ingredient_that_does_not_check_is_said() -> None:
    reading = read("Valid", bad_ingredients=2)
    assert reading.outcome is Outcome.SUPPORTS
    assert "Credentials of 2 of its ingredients do not check." in reading.summary


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"format": ""}, "No content credentials are looked for"),
        (
            {"format": "image/jpeg", "remote": "Remote: at x"},
            "kept elsewhere; they were not fetched",
        ),
        ({"format": "image/jpeg", "error": "Other: broken"}, "could not be looked for"),
    ],
)
def test_what_was_not_checked_is_left_open(document: dict[str, object], words: str) -> None:
    media = Media("a.jpg", "image/jpeg", 10, "0" * 64)
    output = Output(Ending.EXITED, 0, json.dumps({"version": "1", **document}).encode())
    reading = Credentials().read(media, output)
    assert reading.outcome is Outcome.INCONCLUSIVE
    assert words in reading.summary


def test_an_answer_without_a_credential_is_unreadable() -> None:
    media = Media("a.jpg", "image/jpeg", 10, "0" * 64)
    stdout = json.dumps({"format": "image/jpeg", "credential": []}).encode()
    with pytest.raises(Unreadable):
        Credentials().read(media, Output(Ending.EXITED, 0, stdout))
