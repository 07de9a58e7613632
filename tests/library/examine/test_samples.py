"""Real photographs with content credentials: what is known of them is what is found."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from muniment.examine.api import Finding, Outcome
from muniment.examine.examiner import Examiner, on_disk
from muniment.plugins import examiners
from muniment.testing.examination import confinement_here
from tests.library.examine.conftest import media_of

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED = {
    "adobe-20220124-C.jpg": (Outcome.SUPPORTS, "The content credential checks"),
    "adobe-20220124-CA.jpg": (Outcome.SUPPORTS, "The content credential checks"),
    "adobe-20220124-E-dat-CA.jpg": (Outcome.CONTRADICTS, "assertion.dataHash.mismatch"),
    "nikon-20221019-building.jpeg": (Outcome.INCONCLUSIVE, "had expired"),
}


def examined(path: Path) -> dict[str, Finding]:
    data = path.read_bytes()
    examiner = Examiner(examiners().values(), confinement_here())
    with on_disk(lambda: path.open("rb")) as source:
        found = examiner.examine(source, media_of(data, path.name))
    assert found.media.detected == "image/jpeg"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == found.media.sha256
    return {finding.examination: finding for finding in found.findings}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_told_apart(name: str, shared: Path) -> None:
    found = examined(shared / "samples" / name)
    outcome, words = EXPECTED[name]
    assert list(found) == ["format", "credentials", "image_metadata", "thumbnail"]
    assert found["format"].outcome is Outcome.SUPPORTS
    assert found["credentials"].outcome is outcome
    assert words in found["credentials"].summary
    (copy,) = found["thumbnail"].renditions
    assert copy.data.startswith(b"\xff\xd8\xff")
    assert not any(finding.summary.startswith("Not examined") for finding in found.values())


def test_an_altered_file_is_not_called_true_anywhere(shared: Path) -> None:
    finding = examined(shared / "samples" / "adobe-20220124-E-dat-CA.jpg")["credentials"]
    assert "does not hold for these bytes" in finding.summary
    assert "changed after it was signed" in finding.summary


def test_a_camera_names_time_place_and_device(shared: Path) -> None:
    finding = examined(shared / "samples" / "nikon-20221019-building.jpeg")["image_metadata"]
    facts = {fact.name: fact.value for fact in finding.facts}
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert facts["Taken"] == "2022:10:25 11:27:32"
    assert facts["Position"] == "+40.736435, -73.993160"
    assert facts["Device"] == "NIKON Z 9"
    assert facts["Time by GPS"].startswith("2022:10:25 16:27:32")
    assert "can be written by anyone" in finding.summary
