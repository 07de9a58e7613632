"""What a video's or sound recording's container says of itself (ffprobe).

- Containers and protocols are allow-lists: a playlist that calls itself a video opens nothing.
- Metadata can be written by anyone, so they support nothing; streams of a length that the
  container does not have, or times that cannot both be true, contradict the file as it is now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from muniment.examine.api import (
    Fact,
    Outcome,
    Reading,
    Stage,
    at,
    list_at,
    object_at,
    shown,
    text_at,
)
from muniment.sandbox import SOURCE, Command, Ending, Limits, Unreadable, parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.examine.api import Media
    from muniment.sandbox import Output

_CONTAINERS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg",
    "wav", "mp3", "aac", "flac", "amr", "caf", "aiff", "w64",
)  # fmt: skip
_COMMAND: Final = Command(
    "ffprobe",
    (
        "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file",
        "-format_whitelist", ",".join(_CONTAINERS), "-show_program_version", "-show_format",
        "-show_streams", "-show_chapters", "-of", "json=compact=1", f"file:{SOURCE}",
    ),
    Limits(output=2 << 20),
)  # fmt: skip
_TAGS: Final = (
    ("creation_time", "Created"), ("com.apple.quicktime.creationdate", "Created by the device"),
    ("location", "Position"), ("com.apple.quicktime.location.iso6709", "Position by the device"),
    ("com.apple.quicktime.make", "Maker"), ("com.apple.quicktime.model", "Device"),
    ("com.android.version", "Android"), ("com.android.manufacturer", "Maker"),
    ("com.android.model", "Device"), ("com.apple.quicktime.software", "Software"),
    ("encoder", "Written by"), ("title", "Title"), ("artist", "Author"), ("comment", "Comment"),
    ("description", "Description"), ("date", "Date"),
)  # fmt: skip
_UNSET_CLOCKS: Final = ("1904-", "1970-01-01T00:00:00", "0000-")
_SECONDS: Final = re.compile(r"\d{1,9}(\.\d{1,9})?")
_APART: Final = timedelta(hours=26)
_MAX_STREAMS: Final = 32


@dataclass(frozen=True, slots=True)
class VideoMetadata:
    """Reads the metadata of video and sound."""

    name: str = "video_metadata"
    version: str = "1"
    tool: str = "ffprobe"
    stage: Stage = Stage.EXAMINE

    def applies(self, media: Media) -> bool:
        """To video and sound, by name or by bytes."""
        return media.is_of("video/", "audio/", "application/mp4", "application/ogg")

    @property
    def program(self) -> Command:
        """ffprobe, which reads the container and decodes as little as it can."""
        return _COMMAND

    def read(self, media: Media, output: Output) -> Reading:
        """What the container says, and whether it contradicts itself."""
        del media
        if output.ending is not Ending.EXITED:
            raise Unreadable("ffprobe did not end by itself.")
        document = parse_object(output.stdout)
        version = shown(text_at(document, "program_version", "version"), 60)
        if at(document, "format") is None:
            why = shown(output.message.replace("file:/source: ", "")) or "no reason given"
            summary = (
                f"ffprobe cannot read this as one of the kinds of video or sound it is given: {why}"
            )
            return Reading(Outcome.INCONCLUSIVE, summary, f"Status {output.code}.", version)
        tags = _tags(document)
        contradictions = tuple(_contradictions(document))
        facts = (*_facts(document), *_tag_facts(tags))
        said = _sentence(document, tags)
        if not contradictions:
            basis = "The container's own tags; none rules out another."
            return Reading(Outcome.INCONCLUSIVE, said, basis, version, facts=facts)
        basis = "; ".join(contradictions)
        summary = f"The container contradicts itself: {basis}. {said}"
        return Reading(Outcome.CONTRADICTS, summary, basis, version, facts=facts)


def _tags(document: object) -> dict[str, str]:
    """Tags of the container first, then of its streams; the first of a name stands."""
    found: dict[str, str] = {}
    for holder in (at(document, "format"), *list_at(document, "streams")[:_MAX_STREAMS]):
        for name in object_at(holder, "tags"):
            found.setdefault(name.lower(), text_at(holder, "tags", name))
    return {name: value for name, value in found.items() if not value.startswith(_UNSET_CLOCKS)}


def _tag_facts(tags: dict[str, str]) -> Iterator[Fact]:
    for name, label in _TAGS:
        if value := tags.get(name, ""):
            yield Fact(label, shown(value))


def _facts(document: object) -> Iterator[Fact]:
    yield Fact("Container", shown(text_at(document, "format", "format_long_name")))
    if duration := text_at(document, "format", "duration"):
        yield Fact("Seconds", shown(duration, 40))
    for stream in list_at(document, "streams")[:_MAX_STREAMS]:
        size = "x".join(filter(None, (text_at(stream, "width"), text_at(stream, "height"))))
        parts = (
            text_at(stream, "codec_name"),
            text_at(stream, "profile"),
            size,
            text_at(stream, "avg_frame_rate") if size else "",
            text_at(stream, "sample_rate"),
        )
        kind = text_at(stream, "codec_type") or "unknown"
        yield Fact(f"Stream: {shown(kind, 40)}", shown(" ".join(filter(None, parts))))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _contradictions(document: object) -> Iterator[str]:
    whole = text_at(document, "format", "duration")
    whole_made = _moment(text_at(document, "format", "tags", "creation_time"))
    for stream in list_at(document, "streams")[:_MAX_STREAMS]:
        part, kind = text_at(stream, "duration"), shown(text_at(stream, "codec_type"), 40)
        if _SECONDS.fullmatch(whole) and _SECONDS.fullmatch(part):
            longer = float(part) - float(whole)
            if longer > max(1.0, 0.05 * float(whole)):
                yield f"a stream ({kind}) of {part} s in a container of {whole} s"
        made = _moment(text_at(stream, "tags", "creation_time"))
        if made and whole_made and abs(made - whole_made) > _APART:
            yield f"a stream ({kind}) made at {made}, the container at {whole_made}"


def _sentence(document: object, tags: dict[str, str]) -> str:
    device = " ".join(
        filter(None, (tags.get("com.apple.quicktime.make"), tags.get("com.apple.quicktime.model")))
    )
    made = tags.get("com.apple.quicktime.creationdate") or tags.get("creation_time")
    place = tags.get("com.apple.quicktime.location.iso6709") or tags.get("location")
    parts = (
        ("made", made),
        ("with", device or tags.get("com.android.model")),
        ("at", place),
        ("last written by", tags.get("encoder")),
    )
    said = [f"{word} {shown(value, 100)}" for word, value in parts if value]
    length = shown(text_at(document, "format", "duration") or "unknown", 20)
    streams = len(list_at(document, "streams"))
    head = f"{streams} stream{'s' if streams != 1 else ''}, {length} seconds."
    if not said:
        return f"{head} The container names no time, device or place; that proves nothing."
    return f"{head} By its metadata: {', '.join(said)}. Metadata can be written by anyone."
