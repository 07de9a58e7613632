"""Decodes a picture and answers with its pixels, scaled down: nothing encoded crosses over.

One JSON line, then width * height * 3 bytes of sRGB. Formats are an allow-list; a picture larger
than the limit is refused by its header; profile, metadata and every frame but the first stay here.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import warnings
from typing import Any, cast

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

_FORMATS = {"AVIF": "Avif", "BMP": "Bmp", "GIF": "Gif", "JPEG": "Jpeg", "PNG": "Png",
            "TIFF": "Tiff", "WEBP": "WebP"}  # fmt: skip
_LARGEST_HEADER = 256_000_000  # pixels; a telephone's 200-megapixel JPEG is decoded at an eighth
_LARGEST_DECODED = 90_000_000
_WHITE = (255, 255, 255)


class _RefusedError(Exception):
    """Not a picture that is decoded here, in one sentence."""


def _opened(source: str) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = _LARGEST_HEADER
    for plugin in _FORMATS.values():  # by name: looking for one that is absent would load all
        importlib.import_module(f"PIL.{plugin}ImagePlugin")
    try:
        picture = Image.open(source, formats=tuple(_FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _RefusedError("too many pixels") from error
    except UnidentifiedImageError as error:
        raise _RefusedError("not one of the formats that are decoded here") from error
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Colours by the embedded profile where it is usable; transparency on white."""
    profile = picture.info.get("icc_profile")
    if picture.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, _WHITE)
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    if isinstance(profile, bytes) and picture.mode in {"RGB", "CMYK", "L"}:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.ImageCmsProfile(cast("Any", ImageCms).createProfile("sRGB"))
            changed = ImageCms.profileToProfile(picture, given, srgb, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            changed = None
        picture = changed or picture
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _reduced(source: str, longest: int) -> tuple[dict[str, object], bytes]:
    with _opened(source) as picture:
        header: dict[str, object] = {
            "format": picture.format or "",
            "frames": int(getattr(picture, "n_frames", 1)),
            "original_height": picture.height,
            "original_width": picture.width,
        }
        picture.draft("RGB", (longest * 2, longest * 2))
        if picture.width * picture.height > _LARGEST_DECODED:
            raise _RefusedError("too many pixels")
        picture.thumbnail((longest, longest))
        upright = _in_srgb(ImageOps.exif_transpose(picture))
        return {**header, "height": upright.height, "width": upright.width}, upright.tobytes()


def main() -> None:
    """Answers with a header line and pixels, or with a header line that says why not."""
    source, longest = sys.argv[1], int(sys.argv[2])
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    pixels = b""
    try:
        header, pixels = _reduced(source, longest)
    except _RefusedError as refused:
        header = {"refused": str(refused)}
    # What Pillow raises for malformed pictures is as varied as they are (a fuzzer's experience).
    except (ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError,
            RuntimeError, SyntaxError, TypeError, ValueError) as error:  # fmt: skip
        header = {"refused": f"{type(error).__name__}: {error}"[:300]}
    sys.stdout.buffer.write(json.dumps(header).encode("ascii") + b"\n" + pixels)


main()
