"""What a file is by its bytes, asked of two independent identifiers, and whether its name agrees.

- libmagic and siegfried (PRONOM, The National Archives) are asked separately; where they disagree
  with each other, that is said, and nothing is concluded from the name.
- A name that claims a type which neither sees in the bytes is contradicted by them. A name that
  claims nothing is neither supported nor contradicted.
- Of very large files only libmagic is asked, and that is said.
- A general form of a type does not disagree with it: a document that one of them calls a ZIP file
  and a table that one of them calls plain text are what they are said to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.examine.api import (
    MAX_LABEL,
    UNKNOWN_TYPE,
    Fact,
    Outcome,
    Reading,
    Stage,
    list_at,
    shown,
    text_at,
)
from muniment.sandbox import Limits, Script, Unreadable

if TYPE_CHECKING:
    from muniment.examine.api import Media
    from muniment.sandbox import Output

_SCRIPT: Final = Script(
    Path(__file__).with_name("inside") / "format.py",
    optional=("magic", "pygfried"),
    limits=Limits(output=256 << 10),
)
_EMPTY: Final = "inode/x-empty"
_UNKNOWN: Final = "not recognised"
_SKIPPED: Final = "not asked about a file of this size"

# Other names of one type, as libmagic, PRONOM and the registry of media types write them.
_SAME: Final = (
    ("image/bmp", "image/x-ms-bmp", "image/x-bmp"),
    ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"),
    ("image/jpeg", "image/pjpeg", "image/jpg"),
    ("image/vnd.adobe.photoshop", "image/x-photoshop"),
    ("image/x-icon", "image/vnd.microsoft.icon"),
    ("application/xml", "text/xml"),
    ("application/gzip", "application/x-gzip"),
    ("application/json", "text/json", "application/x-ndjson", "application/jsonl"),
    ("application/rtf", "text/rtf"),
    ("application/zip", "application/x-zip-compressed", "application/x-zip"),
    ("application/x-7z-compressed", "application/x-7z"),
    ("application/vnd.rar", "application/x-rar", "application/x-rar-compressed"),
    ("application/x-tar", "application/tar"),
    ("application/msword", "application/x-ole-storage", "application/vnd.ms-excel",
     "application/vnd.ms-powerpoint", "application/vnd.ms-outlook", "application/cdfv2"),
    ("audio/aac", "audio/x-hx-aac-adts", "audio/aacp"),
    ("audio/flac", "audio/x-flac"),
    ("audio/mpeg", "audio/mp3", "audio/x-mp3"),
    ("audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/wave"),
    ("audio/ogg", "video/ogg", "application/ogg"),
    ("audio/webm", "video/webm"),
    ("audio/mp4", "audio/x-m4a", "video/mp4", "application/mp4", "video/x-m4v", "video/3gpp",
     "video/3gpp2"),
    ("video/x-matroska", "application/x-matroska", "audio/x-matroska"),
    ("video/x-msvideo", "video/avi", "video/msvideo", "video/vnd.avi"),
    ("video/x-ms-wmv", "video/x-ms-asf", "audio/x-ms-wma", "application/vnd.ms-asf"),
    ("video/mp2t", "video/mpeg", "video/mp2p", "video/mpv", "video/vnd.dlna.mpeg-tts"),
    ("message/rfc822", "application/vnd.ms-outlook-express-eml"),
)  # fmt: skip
_NAME_OF: Final = {other: names[0] for names in _SAME for other in names}
_ZIP_INSIDE: Final = (
    "application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument",
    "application/epub+zip", "application/java-archive", "application/vnd.google-earth.kmz",
    "application/vnd.android.package-archive", "application/wacz", "application/x-wacz",
    "application/vnd.ms-word", "application/vnd.ms-excel.sheet", "application/vnd.ms-powerpoint.",
)  # fmt: skip
_TEXT_INSIDE: Final = (
    "text/", "application/json", "application/xml", "application/x-ndjson", "message/rfc822",
    "application/javascript", "application/rtf", "image/svg+xml", "application/x-subrip",
    "application/gpx+xml", "application/vnd.google-earth.kml+xml", "application/geo+json",
    "application/x-yaml", "application/yaml", "application/sql", "application/mbox",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """Identifies a file by its bytes."""

    name: str = "format"
    version: str = "1"
    tool: str = "libmagic and siegfried (PRONOM)"
    stage: Stage = Stage.IDENTIFY

    def applies(self, media: Media) -> bool:
        """To every file."""
        del media
        return True

    @property
    def program(self) -> Script:
        """Both identifiers in one process: they read, they do not decode."""
        return _SCRIPT

    def read(self, media: Media, output: Output) -> Reading:
        """Compares what the two say with each other and with the name."""
        document = output.document()
        magic = _known(text_at(document, "libmagic", "media_type"))
        matches = _matches(document)
        pronom = _known(matches[0]["mime"]) if matches else ""
        skipped = _SKIPPED if text_at(document, "pronom", "skipped") else ""
        if text_at(document, "libmagic", "missing") and text_at(document, "pronom", "missing"):
            raise Unreadable("Neither libmagic nor pygfried is installed.")
        outcome, summary = _concluded(media, magic, pronom)
        facts = [
            Fact("libmagic", text_at(document, "libmagic", "description")),
            Fact("libmagic: media type", magic),
            *(Fact("PRONOM", _line(match)) for match in matches),
        ]
        versions = (
            f"libmagic {text_at(document, 'libmagic', 'version') or 'not installed'}",
            f"siegfried {text_at(document, 'pronom', 'version') or skipped or 'not installed'}",
            text_at(document, "pronom", "signatures"),
        )
        return Reading(
            outcome,
            summary,
            basis=f"By name: {media.declared}. libmagic: {magic or _UNKNOWN}. PRONOM: "
            f"{_line(matches[0]) if matches else skipped or _UNKNOWN}.",
            version=shown("; ".join(filter(None, versions)), MAX_LABEL),
            facts=tuple(Fact(fact.name, shown(fact.value)) for fact in facts if fact.value),
            detected=_specific(magic, pronom),
        )


def _concluded(media: Media, magic: str, pronom: str) -> tuple[Outcome, str]:
    claimed = "" if media.declared == UNKNOWN_TYPE else media.declared
    if media.size == 0 or magic == _EMPTY:
        outcome = Outcome.CONTRADICTS if claimed else Outcome.INCONCLUSIVE
        return outcome, "The file is empty."
    if not magic and not pronom:
        return Outcome.INCONCLUSIVE, "The bytes are not recognised as any known format."
    if magic and pronom and not _agree(magic, pronom):
        name = f" The name says {claimed}." if claimed else ""
        neither = claimed and not _agree(claimed, magic) and not _agree(claimed, pronom)
        outcome = Outcome.CONTRADICTS if neither else Outcome.INCONCLUSIVE
        said = f"libmagic sees {magic}, PRONOM sees {pronom}: the two disagree.{name}"
        return outcome, said
    return _against_name(claimed, _specific(magic, pronom))


def _against_name(claimed: str, detected: str) -> tuple[Outcome, str]:
    if not claimed:
        return Outcome.INCONCLUSIVE, f"The bytes are {detected}; the name claims no type."
    if not _agree(claimed, detected):
        return Outcome.CONTRADICTS, f"The name says {claimed}, but the bytes are {detected}."
    if not _general(detected, claimed):
        return Outcome.SUPPORTS, f"The bytes are {detected}, as the name says."
    if claimed.startswith("text/"):  # tables and the like have no signature to be known by
        return Outcome.SUPPORTS, f"The bytes are {detected}, which {claimed} is."
    said = f"The bytes are {detected}, which can carry the {claimed} that the name says; what"
    return Outcome.INCONCLUSIVE, f"{said} makes it one was not recognised."


def _matches(document: dict[str, object]) -> list[dict[str, str]]:
    keys = ("id", "format", "version", "mime", "basis")
    listed = list_at(document, "pronom", "matches")
    found = [{key: text_at(each, key) for key in keys} for each in listed]
    return [match for match in found if match["id"] not in {"", "UNKNOWN"}]


def _line(match: dict[str, str]) -> str:
    named = " ".join(filter(None, (match["format"], match["version"])))
    return shown(f"{match['id']} {named} ({match['mime'] or 'no media type'}): {match['basis']}")


def _known(media_type: str) -> str:
    first = shown(media_type.partition(",")[0].partition(";")[0].strip().lower(), 100)
    return "" if first == UNKNOWN_TYPE else first


def _specific(magic: str, pronom: str) -> str:
    """The narrower of two that agree; libmagic's where they do not."""
    return pronom if not magic or (pronom and _general(magic, pronom)) else magic


def _agree(one: str, other: str) -> bool:
    one, other = _NAME_OF.get(one, one), _NAME_OF.get(other, other)
    return one == other or _general(one, other) or _general(other, one)


def _general(wide: str, narrow: str) -> bool:
    """Whether `wide` is the form that carries a `narrow`, seen without looking closely."""
    wide, narrow = _NAME_OF.get(wide, wide), _NAME_OF.get(narrow, narrow)
    if wide == narrow:
        return False
    if wide == "text/plain":
        return narrow.startswith(_TEXT_INSIDE)
    if wide == "application/xml":
        return narrow.endswith("+xml") or narrow == "text/html"
    if wide == "application/zip":
        return narrow.startswith(_ZIP_INSIDE)
    return wide == "application/gzip" and narrow == "application/warc"
