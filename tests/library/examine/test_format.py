"""What two identifiers say of the bytes, held against the name."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from muniment.examine.api import Media, Outcome
from muniment.examine.examiner import Examiner
from muniment.examine.format import Format
from muniment.sandbox import Ending, Output, Unreadable
from muniment.testing.examination import confinement_here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.examine.conftest import Examine

PNG = io.BytesIO()
Image.new("RGB", (2, 2)).save(PNG, "PNG")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("a.txt", "a")
    return written.getvalue()


REAL = [
    (PNG.getvalue(), "a.png", Outcome.SUPPORTS, "The bytes are image/png, as the name says."),
    (PNG.getvalue(), "a.jpg", Outcome.CONTRADICTS, "says image/jpeg, but the bytes are image/png"),
    (PNG.getvalue(), "a", Outcome.INCONCLUSIVE, "image/png; the name claims no type"),
    (PNG.getvalue(), "a.xyz", Outcome.INCONCLUSIVE, "image/png; the name claims no type"),
    (b"", "a.jpg", Outcome.CONTRADICTS, "The file is empty."),
    (b"", "a", Outcome.INCONCLUSIVE, "The file is empty."),
    (b"\x00\x01\x02\xfe" * 99, "a.bin", Outcome.INCONCLUSIVE, "not recognised as any known"),
    ("Свідчення\n".encode(), "a.txt", Outcome.SUPPORTS, "text/plain, as the name says"),
    (b"a;b\n1;2\n", "a.csv", Outcome.SUPPORTS, "text/plain, which text/csv is"),
    (b"{broken", "a.json", Outcome.INCONCLUSIVE, "can carry the application/json"),
    (archive(), "a.zip", Outcome.SUPPORTS, "application/zip, as the name says"),
    (archive(), "a.docx", Outcome.INCONCLUSIVE, f"can carry the {WORD}"),
    (b"MZ" + bytes(400), "photo.jpg", Outcome.CONTRADICTS, "The name says image/jpeg"),
    (b"#!/bin/sh\nrm -rf /\n", "video.mp4", Outcome.CONTRADICTS, "The name says video/mp4"),
]


@pytest.mark.parametrize(("data", "name", "outcome", "words"), REAL)
def test_real_bytes_under_a_name(
    data: bytes, name: str, outcome: Outcome, words: str, examine: Examine
) -> None:
    finding = examine(Format(), data, name)
    assert words in finding.summary
    assert finding.outcome is outcome
    assert "libmagic 5" in finding.version
    assert "siegfried 1" in finding.version
    assert "DROID_SignatureFile" in finding.version


def test_a_very_large_file_is_answered_by_one_and_that_is_said(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(PNG.getvalue())
    os.truncate(source, 5 << 30)  # sparse
    media = Media("a.png", "image/png", 5 << 30, "0" * 64)
    examined = Examiner([Format()], confinement_here()).examine(source, media)
    (finding,) = examined.findings
    assert finding.outcome is Outcome.SUPPORTS
    assert "PRONOM: not asked about a file of this size" in finding.basis
    assert examined.media.detected == "image/png"


def answer(magic: str, pronom: str, more: dict[str, object] | None = None) -> Output:
    match = {"id": "fmt/1", "format": "F", "version": "", "mime": pronom, "basis": "byte match"}
    document = {
        "libmagic": {"version": "5.44", "media_type": magic, "description": "d"},
        "pronom": {"version": "1", "signatures": "s", "matches": [match] if pronom else []},
        **(more or {}),
    }
    return Output(Ending.EXITED, stdout=json.dumps(document).encode())


def read(declared: str, magic: str, pronom: str) -> tuple[Outcome, str, str]:
    media = Media("name", declared, 10, "0" * 64)
    reading = Format().read(media, answer(magic, pronom))
    return reading.outcome, reading.summary, reading.detected


def test_two_that_disagree_conclude_nothing_where_the_name_sides_with_one() -> None:
    outcome, summary, detected = read("image/jpeg", "image/jpeg", "application/zip")
    assert outcome is Outcome.INCONCLUSIVE
    assert "the two disagree. The name says image/jpeg." in summary
    assert detected == "image/jpeg"


def test_two_that_disagree_contradict_a_name_that_neither_supports() -> None:
    outcome, summary, _ = read("video/mp4", "image/jpeg", "application/zip")
    assert outcome is Outcome.CONTRADICTS
    assert "disagree" in summary


@pytest.mark.parametrize(
    ("declared", "magic", "pronom"),
    [
        ("video/mp4", "video/mp4", "application/mp4"),
        ("audio/wav", "audio/x-wav", "audio/vnd.wave"),
        ("image/bmp", "image/x-ms-bmp", "image/bmp"),
        ("application/xml", "text/xml", "application/xml"),
        ("image/svg+xml", "image/svg+xml", "application/xml"),
        (WORD, "application/zip", WORD),
        ("application/json", "application/json", "text/plain"),
        ("video/x-msvideo", "video/x-msvideo", "video/avi"),
        ("image/heic", "image/heic", "image/heif"),
    ],
)
def test_other_names_of_one_type_agree(declared: str, magic: str, pronom: str) -> None:
    assert read(declared, magic, pronom)[0] is Outcome.SUPPORTS


@pytest.mark.parametrize(
    ("magic", "pronom", "detected"),
    [
        ("application/zip", WORD, WORD),
        (WORD, "application/zip", WORD),
        ("application/octet-stream", "image/png", "image/png"),
        ("image/png", "", "image/png"),
        ("application/octet-stream", "", ""),
    ],
)
def test_the_narrower_of_two_that_agree_is_detected(magic: str, pronom: str, detected: str) -> None:
    assert read("application/octet-stream", magic, pronom)[2] == detected


def test_one_identifier_that_is_missing_is_said() -> None:
    media = Media("a.png", "image/png", 10, "0" * 64)
    reading = Format().read(media, answer("image/png", "", {"pronom": {"missing": True}}))
    assert reading.outcome is Outcome.SUPPORTS
    assert "siegfried not installed" in reading.version


def test_without_either_there_is_no_reading() -> None:
    media = Media("a.png", "image/png", 10, "0" * 64)
    missing = {"missing": True}
    nothing = answer("", "", {"pronom": missing, "libmagic": missing})
    with pytest.raises(Unreadable, match="Neither"):
        Format().read(media, nothing)
