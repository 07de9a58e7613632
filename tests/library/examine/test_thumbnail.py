"""A viewing copy is pixels and nothing else; no picture, or too much of one, has none."""

from __future__ import annotations

import io
import json
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageCms

from muniment.examine.api import Media, Outcome
from muniment.examine.thumbnail import LONGEST_SIDE, Thumbnail
from muniment.sandbox import Ending, Output, Unreadable
from tests.library.examine.conftest import media_of

if TYPE_CHECKING:
    from muniment.examine.api import Finding
    from tests.library.examine.conftest import Examine

RED, WHITE = (220, 20, 20), (255, 255, 255)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def copy_of(finding: Finding) -> Image.Image:
    (rendition,) = finding.renditions
    assert rendition.media_type == "image/jpeg"
    return Image.open(io.BytesIO(rendition.data))


def near(colour: object, expected: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= 6 for one, other in zip(colour, expected, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_a_picture_gets_a_small_copy_that_names_its_original(form: str, examine: Examine) -> None:
    data = saved(Image.new("RGB", (1600, 800), RED), form)
    finding = examine(Thumbnail(), data, f"a.{form.lower()}")
    copy = copy_of(finding)
    assert copy.size == (512, 256)
    assert near(copy.getpixel((5, 5)), RED)
    (rendition,) = finding.renditions
    assert rendition.parent_sha256 == media_of(data, "a").sha256
    assert (rendition.tool, rendition.purpose) == ("Pillow", "thumbnail")
    assert rendition.version == finding.version != ""
    assert ("longest side", str(LONGEST_SIDE)) in rendition.parameters
    assert "1600 by 800 pixels" in finding.summary


def test_nothing_but_pixels_comes_through(examine: Examine) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (40, 40), RED)
    data = saved(picture, "JPEG", exif=exif, icc_profile=profile, comment=b"SECRET comment")
    data += b"<script>SECRET</script>PK\x03\x04"
    copy = copy_of(examine(Thumbnail(), data, "a.jpg"))
    (rendition,) = examine(Thumbnail(), data, "a.jpg").renditions
    assert b"SECRET" not in rendition.data
    assert not copy.getexif()
    assert {"icc_profile", "comment", "exif"} & set(copy.info) == set()


def test_a_picture_is_turned_as_its_camera_said(examine: Examine) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (60, 20), WHITE)
    picture.paste(RED, (0, 0, 20, 20))
    copy = copy_of(examine(Thumbnail(), saved(picture, "JPEG", exif=exif), "a.jpg"))
    assert copy.size == (20, 60)
    assert near(copy.getpixel((10, 4)), RED)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_pixel_becomes_visible(mode: str, examine: Examine) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new("L", (20, 20), 0).convert("RGB" if mode == "P" else "L")
    made = Image.new(mode, (20, 20)) if mode in {"RGBA", "LA", "I;16"} else picture.convert(mode)
    copy = copy_of(examine(Thumbnail(), saved(made, form), f"a.{form.lower()}"))
    assert copy.mode == "RGB"
    if mode in {"RGBA", "LA"}:  # nothing there: the paper shows
        assert near(copy.getpixel((5, 5)), WHITE)


def test_of_many_frames_the_first_is_shown(examine: Examine) -> None:
    frames = [Image.new("RGB", (30, 30), colour) for colour in (RED, WHITE, (0, 0, 0))]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    finding = examine(Thumbnail(), data, "a.gif")
    assert near(copy_of(finding).getpixel((5, 5)), RED)
    assert {fact.name: fact.value for fact in finding.facts}["Frames"] == "3"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of very many black pixels in very few bytes."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packed = rows + packer.flush()
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def gif_extent() -> bytes:
    return b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x00\x00\x00" + b"," + bytes(20) + b";"


def lying_jpeg() -> bytes:
    data = bytearray(saved(Image.new("RGB", (64, 64), RED), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 65500, 65500)
    return bytes(data)


BOMBS = {
    "2.5 gigapixels": (bomb(50_000, 50_000), "a.png"),
    "more than is decoded, less than is refused by its header": (bomb(10_000, 10_000), "a.png"),
    "a GIF's extent": (gif_extent(), "a.gif"),
    "a JPEG's header": (lying_jpeg(), "a.jpg"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_and_that_is_said(name: str, examine: Examine) -> None:
    finding = examine(Thumbnail(), *BOMBS[name])
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.renditions == ()
    assert "No viewing copy: " in finding.summary
    if name != "a GIF's extent":
        assert "too many pixels" in finding.summary


@pytest.mark.parametrize(
    "data",
    [
        saved(Image.new("RGB", (64, 64), RED), "JPEG")[:200],
        saved(Image.new("RGB", (64, 64), RED), "PNG")[:60],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        saved(Image.new("RGB", (8, 8)), "PCX"),  # not on the list
        b"P6 9 9 255 " + bytes(243),  # nor this
    ],
)
def test_what_cannot_be_decoded_has_no_copy(data: bytes, examine: Examine) -> None:
    finding = examine(Thumbnail(), data, "a.png")
    assert finding.renditions == ()
    assert finding.summary.startswith("No viewing copy: ")


def header(**changed: object) -> bytes:
    values = {
        "format": "PNG", "frames": 1, "height": 2, "width": 2, "original_height": 2,
        "original_width": 2, **changed,
    }  # fmt: skip
    return json.dumps(values).encode() + b"\n"


@pytest.mark.parametrize(
    "stdout",
    [
        header() + bytes(11),
        header() + bytes(13),
        header(width=513, height=1) + bytes(513 * 3),
        header(width=0) + b"",
        header(width=-2, height=-2) + bytes(12),
        header(width=True, height=4) + bytes(12),
        header(width="2") + bytes(12),
        header(original_width=0) + bytes(12),
        header(frames=None) + bytes(12),
        header()[:-1],
        b"\xff\xd8\xff\xe0" + bytes(100),
        b" " * 2000 + header() + bytes(12),
    ],
)
def test_pixels_that_are_not_what_was_announced_are_refused(stdout: bytes) -> None:
    """A decoder that was taken over can say what it likes; only pixels are taken from it."""
    media = Media("a.png", "image/png", 10, "0" * 64)
    with pytest.raises(Unreadable):
        Thumbnail().read(media, Output(Ending.EXITED, 0, stdout))
    assert Thumbnail().read(media, Output(Ending.EXITED, 0, header() + bytes(12))).renditions
