"""What a picture says of itself is reported, and believed no further than it can be."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from muniment.examine.api import Finding, Media, Outcome, Reading
from muniment.examine.image_metadata import ImageMetadata
from muniment.sandbox import Ending, Output, Unreadable

if TYPE_CHECKING:
    from tests.library.examine.conftest import Examine

IFD_EXIF, IFD_GPS = 0x8769, 0x8825
TAKEN, CHANGED, WIDTH, HEIGHT = 0x9003, 0x0132, 0xA002, 0xA003


def photograph(
    taken: str = "2026:03:09 14:20:00",
    changed: str = "2026:03:09 14:20:00",
    by_gps: tuple[str, tuple[float, float, float]] = ("2026:03:09", (12.0, 20.0, 0.0)),
    size: tuple[int, int] = (64, 48),
) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[CHANGED] = "Nonesuch", "Model 3", changed
    exif.get_ifd(IFD_EXIF).update({TAKEN: taken, WIDTH: size[0], HEIGHT: size[1]})
    exif.get_ifd(IFD_GPS).update(
        {1: "N", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 24.0), 7: by_gps[1], 29: by_gps[0]}
    )
    written = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 90, 90)).save(written, "JPEG", exif=exif)
    return written.getvalue()


def facts(finding: Finding) -> dict[str, str]:
    return {fact.name: fact.value for fact in finding.facts}


def test_time_place_and_device_are_read_and_support_nothing(examine: Examine) -> None:
    finding = examine(ImageMetadata(), photograph(), "a.jpg")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert facts(finding)["Position"] == "+50.450000, +30.523333"
    assert facts(finding)["Taken"] == "2026:03:09 14:20:00"
    assert "with Nonesuch Model 3" in finding.summary
    assert "can be written by anyone" in finding.summary
    assert finding.version.startswith("12") or finding.version.startswith("13")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (photograph(changed="2026:03:07 10:00:00"), "before it was taken"),
        (photograph(by_gps=("2026:03:01", (1.0, 2.0, 3.0))), "2026-03-01 01:02:03 UTC by GPS"),
        (photograph(size=(6400, 4800)), "the camera recorded 6400 by 4800 pixels"),
    ],
)
def test_values_that_cannot_both_be_true_contradict(
    data: bytes, words: str, examine: Examine
) -> None:
    finding = examine(ImageMetadata(), data, "a.jpg")
    assert finding.outcome is Outcome.CONTRADICTS
    assert words in finding.summary


@pytest.mark.parametrize(
    "data",
    [
        photograph(changed="2026:03:08 14:20:00"),  # another time zone could be the reason
        photograph(changed="2027:01:01 00:00:00"),  # later is not a contradiction
        photograph(taken="0000:00:00 00:00:00"),
        photograph(taken="    :  :     :  :  "),
        photograph(size=(48, 64)),  # turned
        photograph(size=(0, 0)),
    ],
)
def test_what_may_be_innocent_is_not_called_a_contradiction(data: bytes, examine: Examine) -> None:
    assert examine(ImageMetadata(), data, "a.jpg").outcome is Outcome.INCONCLUSIVE


def test_a_picture_without_metadata_proves_nothing(examine: Examine) -> None:
    written = io.BytesIO()
    Image.new("RGB", (4, 4)).save(written, "PNG")
    finding = examine(ImageMetadata(), written.getvalue(), "a.png")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "That proves nothing" in finding.summary


def test_what_is_no_picture_is_said(examine: Examine) -> None:
    finding = examine(ImageMetadata(), b"\x00" * 100, "a.jpg")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "ExifTool cannot read this as a picture" in finding.summary


def test_hostile_text_is_made_visible(examine: Examine) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A\x1b[31m\u202eB<script>\n|cmd"
    written = io.BytesIO()
    Image.new("RGB", (4, 4)).save(written, "JPEG", exif=exif)
    finding = examine(ImageMetadata(), written.getvalue(), "a.jpg")
    assert finding.summary.isprintable()
    assert all(fact.value.isprintable() for fact in finding.facts)


def read(document: object, code: int = 0) -> Reading:
    media = Media("a.jpg", "image/jpeg", 10, "0" * 64)
    output = Output(Ending.EXITED, code, json.dumps([document]).encode() + b"\n")
    return ImageMetadata().read(media, output)


def test_the_first_group_that_has_a_tag_wins_and_the_rest_is_not_lost() -> None:
    reading = read({"IFD0:Make": "A", "XMP-tiff:Make": "B", "ExifTool:Warning": "odd"})
    assert {fact.name: fact.value for fact in reading.facts} == {"Maker": "A", "Warning": "odd"}


@pytest.mark.parametrize("stdout", [b"", b"{}", b"[]", b"[{},{}]", b"[[]]", b"[{]}", b'["a"]'])
def test_an_answer_of_another_form_is_unreadable(stdout: bytes) -> None:
    media = Media("a.jpg", "image/jpeg", 10, "0" * 64)
    with pytest.raises(Unreadable):
        ImageMetadata().read(media, Output(Ending.EXITED, 0, stdout))
