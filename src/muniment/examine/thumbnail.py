"""A small viewing copy of a picture, made from its pixels alone.

- Inside the sandbox Pillow decodes; only width, height and raw pixels cross over, and they are
  encoded here. A decoder that is taken over can choose pixels and nothing else: no encoded byte,
  profile, comment or polyglot of the original reaches a browser.
- The original is never touched; the copy names it, the tool, its version and the parameters.
- A picture that cannot be decoded, or is larger than the limit, gets no copy and a finding.
"""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.examine.api import (
    MAX_RENDITION,
    Fact,
    Outcome,
    Reading,
    Rendition,
    Stage,
    number_at,
    shown,
    text_at,
)
from muniment.sandbox import SOURCE, Limits, Script, Unreadable, parse_object

if TYPE_CHECKING:
    from muniment.examine.api import Media
    from muniment.sandbox import Output

LONGEST_SIDE: Final = 512
QUALITY: Final = 80
_SCRIPT: Final = Script(
    Path(__file__).with_name("inside") / "thumbnail.py",
    packages=("PIL",),
    arguments=(SOURCE, str(LONGEST_SIDE)),
    limits=Limits(output=LONGEST_SIDE * LONGEST_SIDE * 3 + 1024),
)
_HEADER_BYTES: Final = 1024
_LARGEST_SIDE: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """Makes a viewing copy."""

    name: str = "thumbnail"
    version: str = "1"
    tool: str = "Pillow"
    stage: Stage = Stage.EXAMINE

    def applies(self, media: Media) -> bool:
        """To pictures, by name or by bytes; what Pillow may not decode it says."""
        return media.is_of("image/")

    @property
    def program(self) -> Script:
        """Pillow with an allow-list of formats and limits on pixels."""
        return _SCRIPT

    def read(self, media: Media, output: Output) -> Reading:
        """Encodes the pixels, or says why there are none."""
        if not output.ended_well:
            raise Unreadable(f"It ended with status {output.code}. {output.message}")
        version: str = importlib.import_module("PIL").__version__
        line, newline, pixels = output.stdout.partition(b"\n")
        if not newline or len(line) > _HEADER_BYTES:
            raise Unreadable("The answer has no header line.")
        header = parse_object(line)
        if refused := text_at(header, "refused"):
            summary = f"No viewing copy: {shown(refused)}."
            return Reading(Outcome.INCONCLUSIVE, summary, "Pillow's own error.", version)
        width, height = _side(header, "width"), _side(header, "height")
        if len(pixels) != width * height * 3:
            raise Unreadable("The answer's pixels do not fill its size.")
        size = f"{_plain(header, 'original_width')} by {_plain(header, 'original_height')} pixels"
        form = shown(text_at(header, "format"), 20)
        parameters = (
            ("longest side", str(LONGEST_SIDE)),
            ("encoding", f"JPEG, quality {QUALITY}"),
            ("orientation", "applied"),
            ("colour", "sRGB, transparency on white"),
            ("frame", "first"),
        )
        copy = Rendition(
            "thumbnail", "image/jpeg", _jpeg(width, height, pixels), media.sha256, self.tool,
            version, parameters,
        )  # fmt: skip
        frames = _plain(header, "frames")
        return Reading(
            Outcome.INCONCLUSIVE,
            f"The picture can be decoded: {form}, {size}. A viewing copy was made from its pixels.",
            f"Pillow decoded it to {width} by {height}.",
            version,
            facts=(Fact("Size in pixels", size), Fact("Frames", str(frames))),
            renditions=(copy,),
        )


def _plain(header: dict[str, object], key: str) -> int:
    value = number_at(header, key)
    if not 1 <= value <= _LARGEST_SIDE:
        raise Unreadable(f"The answer's {key} is not the side of a picture.")
    return value


def _side(header: dict[str, object], key: str) -> int:
    value = _plain(header, key)
    if value > LONGEST_SIDE:
        raise Unreadable(f"The answer's {key} is larger than was asked for.")
    return value


def _jpeg(width: int, height: int, pixels: bytes) -> bytes:
    image = importlib.import_module("PIL.Image")
    written = io.BytesIO()
    image.frombytes("RGB", (width, height), pixels).save(
        written, "JPEG", quality=QUALITY, optimize=True
    )
    if written.tell() > MAX_RENDITION:
        raise Unreadable("The viewing copy is larger than its original deserves.")
    return written.getvalue()
