"""Asks libmagic and siegfried (PRONOM) what the bytes of a file are."""

from __future__ import annotations

import ctypes.util
import importlib
import json
import os
import sys

# Some signatures end anywhere: siegfried reads a file to its end for them, some 10 s a gigabyte.
_LARGEST_SEARCHED = 256 << 20


def _no_search(name: str) -> None:
    """Searching for a library starts compilers and linkers; the loader knows where it is."""


def _libmagic(source: str) -> dict[str, object]:
    ctypes.util.find_library = _no_search
    try:
        magic = importlib.import_module("magic")
    except ImportError:
        return {"missing": True}
    version = divmod(magic.version(), 100)
    found: dict[str, object] = {"version": f"{version[0]}.{version[1]:02}"}
    try:
        found["media_type"] = magic.Magic(mime=True).from_file(source)
        found["description"] = magic.Magic().from_file(source)[:400]
    except (magic.MagicException, UnicodeDecodeError) as error:
        found["error"] = str(error)[:400]
    return found


def _pronom(source: str) -> dict[str, object]:
    if os.stat(source).st_size > _LARGEST_SEARCHED:  # noqa: PTH116  # no import of pathlib
        return {"skipped": True}
    try:
        pygfried = importlib.import_module("pygfried")
    except ImportError:
        return {"missing": True}
    try:
        answer = pygfried.identify(source, detailed=True)
    except OSError as error:
        return {"version": pygfried.version(), "error": str(error)[:400]}
    signatures = "; ".join(each["details"] for each in answer["identifiers"])
    matches = [
        {key: str(match.get(key, ""))[:400] for key in ("id", "format", "version", "mime", "basis")}
        for match in answer["files"][0]["matches"][:10]
    ]
    return {"version": answer["siegfried"], "signatures": signatures, "matches": matches}


def main() -> None:
    """Answers with one JSON object."""
    source = sys.argv[1]
    json.dump({"libmagic": _libmagic(source), "pronom": _pronom(source)}, sys.stdout)


main()
