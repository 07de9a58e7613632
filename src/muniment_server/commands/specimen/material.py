"""Makes the specimen files: photographs with place and time, a clip, a page, a statement.

- SPECIMEN stands in every picture, page and text; nobody may ever mistake one for evidence.
- Pictures carry Exif written here: the times and the place are invented, the place is open sea.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1280, 960
LATITUDE_E7, LONGITUDE_E7, ERROR_M = 5_000_000, -305_000_000, 40
_PAPER, _INK, _SKY, _WALL, _HOLE = "#f4f1ea", "#1c1b19", "#b9c4c9", "#d8cfbd", "#3b3733"
_FRAMES = 48

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>SPECIMEN · Lissem Courier</title>
<h1>SPECIMEN · Lissem Courier</h1>
<p><b>SPECIMEN: this page, the paper, the town and the people in it are invented.</b></p>
<article><h2>Hospital struck during agreed pause</h2>
<p>LISSEM, 14 May. Three people died when the district hospital was hit on Thursday afternoon, the
regional administration of Calderra said. The pause agreed the day before was to last until six in
the evening.</p>
<p>The ministry of defence of Norvost denies the attack. The building, its spokeswoman said, "had
been emptied of patients and was used by armed men".</p></article></html>
"""

STATEMENT = """SPECIMEN. THIS STATEMENT IS INVENTED, AND SO IS WHOEVER MAKES IT.

First account of a nurse of the Lissem district hospital, Calderra, taken on 15 May.

I was on the second floor. At about ten to three I heard an aircraft, then one explosion, very
close. The windows of the children's ward came in. I saw no soldiers in the building that day. I had
been told in the morning that there was to be no shelling until six. I carried out two people. I
counted five who were dead in the yard, but I did not know all of them, and it may have been fewer.

Asked whether there was a vehicle in the yard: yes, one lorry, grey, I do not know whose.
"""

ORDER = """SPECIMEN. THIS PAPER IS INVENTED. NORVOST DOES NOT EXIST.

4th Air Regiment of Norvost, operations room. Copy 2 of 3.
14 May, 13:05. To: flight lead. Targets for the afternoon as on the list of the morning. The
building at the east road, Lissem, is to be struck as ordered by the regiment's commander.
Signed for the commander, Colonel D. Varrow.
"""


@dataclass(frozen=True, slots=True)
class Made:
    """The files of the story, by what they are."""

    before: Path
    after: Path
    altered: Path
    page: Path
    statement: Path
    order: Path
    clip: Path | None

    def all(self) -> list[Path]:
        """Every file there is, in the order in which it is added."""
        files = [self.before, self.after, self.altered, self.page, self.statement, self.order]
        return files if self.clip is None else [*files, self.clip]


def make(folder: Path) -> Made:
    """Write every specimen file into a folder; the clip only where ffmpeg is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    before = folder / "specimen-hospital-before.jpg"
    after = folder / "specimen-hospital-after.jpg"
    altered = folder / "specimen-hospital-after-copy.jpg"
    _save(_scene(hole=False), before, "2031:05:13 10:12:00")
    _save(_scene(hole=True), after, "2031:05:14 15:21:00")
    changed = _scene(hole=True)
    _lorries(changed)
    _save(changed, altered, "2031:05:14 15:21:00", software="SPECIMEN editor")
    texts = {"page.html": PAGE, "statement.txt": STATEMENT, "order.txt": ORDER}
    for name, text in texts.items():
        (folder / f"specimen-{name}").write_text(text, encoding="utf-8")
    return Made(
        before=before,
        after=after,
        altered=altered,
        page=folder / "specimen-page.html",
        statement=folder / "specimen-statement.txt",
        order=folder / "specimen-order.txt",
        clip=_clip(folder / "specimen-yard.mp4"),
    )


def _scene(*, hole: bool) -> Image:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (WIDTH, HEIGHT), _SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 640, WIDTH, HEIGHT), fill="#9aa08f")
    draw.rectangle((260, 300, 1040, 700), fill=_WALL, outline=_INK, width=4)
    for row in range(3):
        for column in range(8):
            left, top = 300 + column * 92, 330 + row * 110
            draw.rectangle((left, top, left + 52, top + 66), fill="#7c8f98", outline=_INK, width=2)
    draw.rectangle((620, 590, 700, 700), fill="#6d5f4c")
    draw.polygon([(560, 300), (740, 300), (650, 220)], fill=_WALL, outline=_INK)
    draw.rectangle((636, 244, 664, 292), fill="#a33a32")
    draw.rectangle((626, 256, 674, 280), fill="#a33a32")
    if hole:
        draw.polygon([(780, 300), (990, 300), (1000, 470), (900, 520), (800, 430)], fill=_HOLE)
        for left in range(760, 1080, 36):
            draw.ellipse((left, 690, left + 30, 716), fill="#8b8478", outline=_INK)
    _mark(draw, hole=hole)
    return picture


def _mark(draw: ImageDraw, *, hole: bool) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=64)
    small = ImageFont.load_default(size=28)
    for top in (40, 840):
        draw.rectangle((0, top - 8, WIDTH, top + 76), fill=_PAPER)
        draw.text((40, top), "SPECIMEN   SPECIMEN   SPECIMEN", font=font, fill="#9d2b2b")
    when = "after" if hole else "before"
    caption = f"Invented: Lissem district hospital, Calderra, {when}. No such place exists."
    draw.text((44, 780), caption, font=small, fill=_INK)


def _lorries(picture: Image) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    for left in (90, 200):
        draw.rectangle((left, 650, left + 90, 700), fill="#4a5240", outline=_INK, width=2)
        draw.ellipse((left + 10, 692, left + 30, 712), fill=_INK)
        draw.ellipse((left + 60, 692, left + 80, 712), fill=_INK)


def _save(picture: Image, path: Path, taken: str, software: str = "SPECIMEN camera") -> None:
    picture.save(path, quality=88, exif=_exif(taken, software))


def _exif(taken: str, software: str) -> bytes:
    from PIL import ExifTags, Image

    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SPECIMEN"
    exif[ExifTags.Base.Model] = "SPECIMEN 1"
    exif[ExifTags.Base.Software] = software
    exif[ExifTags.Base.ImageDescription] = "SPECIMEN: an invented place"
    detail: dict[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.DateTimeOriginal] = taken
    detail[ExifTags.Base.OffsetTimeOriginal] = "-02:00"
    place: dict[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (0.0, 30.0, 0.0)
    place[ExifTags.GPS.GPSLongitudeRef] = "W"
    place[ExifTags.GPS.GPSLongitude] = (30.0, 30.0, 0.0)
    return exif.tobytes()


def _clip(path: Path) -> Path | None:
    """Write a clip of two seconds, or nothing where ffmpeg is missing."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    command = [
        *(program, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{WIDTH // 2}x{HEIGHT // 2}", "-r", "24", "-i", "-"),
        *("-metadata", "title=SPECIMEN", "-metadata", "creation_time=2031-05-14T17:22:00Z"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", os.fspath(path)),
    ]
    frame = _scene(hole=True).resize((WIDTH // 2, HEIGHT // 2))
    frames = b"".join(_panned(frame, place).tobytes() for place in range(_FRAMES))
    done = subprocess.run(command, input=frames, capture_output=True, check=False)
    return path if done.returncode == 0 else None


def _panned(frame: Image, place: int) -> Image:
    from PIL import ImageChops

    return ImageChops.offset(frame, place, 0)
