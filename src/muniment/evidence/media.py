"""Media types by file name alone: what a file is said to be, before anything has looked inside.

- The table is fixed and our own: the same name gives the same type on every machine. The system's
  `mime.types` is not read.
- A name that says nothing is `application/octet-stream`. What the bytes are is for an examination.
"""

from __future__ import annotations

import re

UNKNOWN = "application/octet-stream"

_EXTENSION = re.compile(rb"[a-z0-9]{1,8}")

_TYPES = {
    "application": {
        "7z": "x-7z-compressed",
        "ab": "x-android-backup",
        "bz2": "x-bzip2",
        "crt": "x-x509-ca-cert",
        "doc": "msword",
        "docx": "vnd.openxmlformats-officedocument.wordprocessingml.document",
        "epub": "epub+zip",
        "geojson": "geo+json",
        "gpx": "gpx+xml",
        "gz": "gzip",
        "json": "json",
        "jsonl": "jsonl",
        "kml": "vnd.google-earth.kml+xml",
        "kmz": "vnd.google-earth.kmz",
        "mbox": "mbox",
        "msg": "vnd.ms-outlook",
        "odp": "vnd.oasis.opendocument.presentation",
        "ods": "vnd.oasis.opendocument.spreadsheet",
        "odt": "vnd.oasis.opendocument.text",
        "pcap": "vnd.tcpdump.pcap",
        "pdf": "pdf",
        "ppt": "vnd.ms-powerpoint",
        "pptx": "vnd.openxmlformats-officedocument.presentationml.presentation",
        "pst": "vnd.ms-outlook-pst",
        "rar": "vnd.rar",
        "rtf": "rtf",
        "shp": "vnd.shp",
        "sqlite": "vnd.sqlite3",
        "sqlite3": "vnd.sqlite3",
        "tar": "x-tar",
        "tgz": "gzip",
        "tsq": "timestamp-query",
        "tsr": "timestamp-reply",
        "wacz": "wacz",
        "warc": "warc",
        "xls": "vnd.ms-excel",
        "xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml": "xml",
        "xz": "x-xz",
        "yaml": "yaml",
        "yml": "yaml",
        "zip": "zip",
        "zst": "zstd",
    },
    "audio": {
        "3ga": "3gpp",
        "aac": "aac",
        "aif": "aiff",
        "aiff": "aiff",
        "amr": "amr",
        "caf": "x-caf",
        "flac": "flac",
        "m4a": "mp4",
        "mid": "midi",
        "mp3": "mpeg",
        "oga": "ogg",
        "ogg": "ogg",
        "opus": "ogg",
        "wav": "vnd.wave",
        "weba": "webm",
        "wma": "x-ms-wma",
    },
    "image": {
        "arw": "x-sony-arw",
        "avif": "avif",
        "bmp": "bmp",
        "cr2": "x-canon-cr2",
        "cr3": "x-canon-cr3",
        "dng": "x-adobe-dng",
        "gif": "gif",
        "heic": "heic",
        "heif": "heif",
        "ico": "vnd.microsoft.icon",
        "jfif": "jpeg",
        "jp2": "jp2",
        "jpe": "jpeg",
        "jpeg": "jpeg",
        "jpg": "jpeg",
        "jxl": "jxl",
        "nef": "x-nikon-nef",
        "orf": "x-olympus-orf",
        "png": "png",
        "psd": "vnd.adobe.photoshop",
        "raf": "x-fuji-raf",
        "rw2": "x-panasonic-rw2",
        "svg": "svg+xml",
        "tif": "tiff",
        "tiff": "tiff",
        "webp": "webp",
    },
    "message": {"eml": "rfc822"},
    "model": {"glb": "gltf-binary", "gltf": "gltf+json", "obj": "obj", "stl": "stl"},
    "text": {
        "css": "css",
        "csv": "csv",
        "htm": "html",
        "html": "html",
        "ics": "calendar",
        "js": "javascript",
        "log": "plain",
        "md": "markdown",
        "rst": "plain",
        "srt": "plain",
        "tsv": "tab-separated-values",
        "txt": "plain",
        "vcf": "vcard",
        "vtt": "vtt",
    },
    "video": {
        "3g2": "3gpp2",
        "3gp": "3gpp",
        "avi": "vnd.avi",
        "flv": "x-flv",
        "m2ts": "mp2t",
        "m4v": "mp4",
        "mkv": "matroska",
        "mov": "quicktime",
        "mp4": "mp4",
        "mpeg": "mpeg",
        "mpg": "mpeg",
        "mts": "mp2t",
        "ogv": "ogg",
        "ts": "mp2t",
        "webm": "webm",
        "wmv": "x-ms-wmv",
    },
}
_BY_EXTENSION = {
    extension: f"{top}/{sub}" for top, subs in _TYPES.items() for extension, sub in subs.items()
}


def extension_of(name: bytes | str) -> str:
    """Return what follows the last dot, in lower case, where it is 1 to 8 of [a-z0-9]; else "".

    A name that begins with its only dot has no extension.
    """
    raw = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
    stem, dot, extension = raw.rpartition(b"/")[2].rpartition(b".")
    extension = extension.lower()
    if dot and stem and _EXTENSION.fullmatch(extension):
        return extension.decode()
    return ""


def media_type_of(name: bytes | str) -> str:
    """Return the media type that a file's name claims."""
    return _BY_EXTENSION.get(extension_of(name), UNKNOWN)
