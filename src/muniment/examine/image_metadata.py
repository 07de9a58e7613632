"""What a picture's metadata say of when, where and with what it was taken (ExifTool).

- Metadata can be written by anyone, so they support nothing by themselves; values that cannot both
  be true contradict the picture as it is now.
- Pictures without metadata are the rule on platforms that remove them; that proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from muniment.examine.api import MAX_FACTS, Fact, Outcome, Reading, Stage, shown
from muniment.sandbox import SOURCE, Command, Ending, Limits, Unreadable, parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.examine.api import Media
    from muniment.sandbox import Output

_COMMAND: Final = Command(
    "exiftool",
    ("-config", "", "-json", "-G1", "-c", "%+.6f", "-sep", ", ", "--System:all", SOURCE),
    Limits(output=2 << 20),
)
# In the order in which a reader wants them; the first group that has a tag wins.
_TAGS: Final = (
    ("DateTimeOriginal", "Taken"), ("OffsetTimeOriginal", "Time zone"), ("CreateDate", "Created"),
    ("ModifyDate", "Changed"), ("GPSDateTime", "Time by GPS"), ("GPSPosition", "Position"),
    ("GPSHPositioningError", "Error of position in metres"), ("GPSAltitude", "Altitude"),
    ("GPSImgDirection", "Direction"), ("Make", "Maker"), ("Model", "Device"),
    ("LensModel", "Lens"), ("SerialNumber", "Serial number"), ("Software", "Software"),
    ("CreatorTool", "Written by"), ("HistorySoftwareAgent", "Edited with"),
    ("HistoryAction", "Edits"), ("Artist", "Author"), ("Creator", "Author"),
    ("Copyright", "Copyright"), ("ImageDescription", "Description"), ("Description", "Description"),
    ("Caption-Abstract", "Caption"), ("UserComment", "Comment"), ("Keywords", "Keywords"),
    ("DigitalSourceType", "Kind of source"), ("DocumentID", "Document"),
    ("OriginalDocumentID", "Original document"), ("FileType", "Kind of file"),
    ("ImageSize", "Size in pixels"), ("Orientation", "Orientation"), ("Warning", "Warning"),
)  # fmt: skip
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
# No two clocks on Earth differ by more: UTC-12 and UTC+14.
_ZONES_APART: Final = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class ImageMetadata:
    """Reads the metadata of pictures."""

    name: str = "image_metadata"
    version: str = "1"
    tool: str = "ExifTool"
    stage: Stage = Stage.EXAMINE

    def applies(self, media: Media) -> bool:
        """To pictures, by name or by bytes."""
        return media.is_of("image/")

    @property
    def program(self) -> Command:
        """ExifTool without a configuration file, every tag once, coordinates as decimal degrees."""
        return _COMMAND

    def read(self, media: Media, output: Output) -> Reading:
        """What the metadata say, and whether they contradict themselves."""
        del media
        tags = _tags(output)
        version = shown(tags.get("ExifTool:ExifToolVersion", ""), 40)
        if error := tags.get("ExifTool:Error", ""):
            summary = f"ExifTool cannot read this as a picture: {shown(error)}."
            return Reading(Outcome.INCONCLUSIVE, summary, "ExifTool's own error.", version)
        facts = tuple(_facts(tags))
        contradictions = tuple(_contradictions(tags))
        said = _sentence(tags)
        if contradictions:
            summary = f"The metadata contradict themselves: {'; '.join(contradictions)}. {said}"
            return Reading(
                Outcome.CONTRADICTS, summary, "; ".join(contradictions), version, facts=facts
            )
        basis = f"{len(tags)} values in the file; none rules out another."
        return Reading(Outcome.INCONCLUSIVE, said, basis, version, facts=facts)


def _tags(output: Output) -> dict[str, str]:
    """ExifTool's list of one object, with its own exit status: 1 where it knows nothing."""
    if output.ending is not Ending.EXITED or not output.stdout.strip():
        raise Unreadable(f"ExifTool gave no answer (status {output.code}). {output.message}")
    body = output.stdout.strip()
    if not (body.startswith(b"[{") and body.endswith(b"}]")):
        raise Unreadable("ExifTool's answer is not a list of one object.")
    document = parse_object(body[1:-1])
    return {key: str(value) for key, value in document.items() if value not in ("", None)}


def _valued(tags: dict[str, str], name: str) -> str:
    """The value of the first tag of that name, whatever its group."""
    return next((value for key, value in tags.items() if key.rpartition(":")[2] == name), "")


def _facts(tags: dict[str, str]) -> Iterator[Fact]:
    seen: set[str] = set()
    for name, label in _TAGS:
        value = _valued(tags, name)
        if value and label not in seen and len(seen) < MAX_FACTS:
            seen.add(label)
            yield Fact(label, shown(value))


def _moment(text: str) -> datetime | None:
    found = _TIME.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # EXIF has none
    except ValueError:  # 0000:00:00 and the like: a clock that was not set
        return None


def _contradictions(tags: dict[str, str]) -> Iterator[str]:
    taken = _moment(_valued(tags, "DateTimeOriginal"))
    changed = _moment(tags.get("IFD0:ModifyDate", ""))
    if taken and changed and taken - changed > _ZONES_APART:
        yield f"changed at {changed}, before it was taken at {taken}"
    satellites = _moment(_valued(tags, "GPSDateTime"))
    if taken and satellites and abs(taken - satellites) > _ZONES_APART:
        yield f"taken at {taken} by the camera's clock, at {satellites} UTC by GPS"
    recorded = (tags.get("ExifIFD:ExifImageWidth", ""), tags.get("ExifIFD:ExifImageHeight", ""))
    present = (tags.get("File:ImageWidth", ""), tags.get("File:ImageHeight", ""))
    sizes = [*recorded, *present]
    known = all(size.isdecimal() and int(size) > 0 for size in sizes)
    if known and sorted(map(int, recorded)) != sorted(map(int, present)):
        yield (
            f"the camera recorded {recorded[0]} by {recorded[1]} pixels, the picture has "
            f"{present[0]} by {present[1]}: it was scaled or cropped afterwards"
        )


def _sentence(tags: dict[str, str]) -> str:
    device = " ".join(filter(None, (_valued(tags, "Make"), _valued(tags, "Model"))))
    parts = (
        ("taken", _valued(tags, "DateTimeOriginal")),
        ("with", device),
        ("at", _valued(tags, "GPSPosition")),
        ("last written by", _valued(tags, "CreatorTool") or _valued(tags, "Software")),
    )
    said = [f"{word} {shown(value, 100)}" for word, value in parts if value]
    if not said:
        return (
            "The metadata name no time, device or place. That proves nothing: many platforms"
            " remove them."
        )
    return f"By its metadata: {', '.join(said)}. Metadata can be written by anyone."
