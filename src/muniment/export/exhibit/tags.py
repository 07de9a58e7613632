"""The tag files of the bag: declaration, info, manifests (BagIt 1.0, RFC 8493) and VERIFY.md.

- Dates are the act's, never the clock's; nothing names a version of this program.
- A manifest line is the digest, two spaces and the path; lines are in ASCII order of paths.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment.export.api import Dossier

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

# One line, with nothing at either end that a reader of the bag might strip.
_LINE = re.compile(r"\S(?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S)?")


def bag_info(dossier: Dossier, sizes: Iterable[int]) -> bytes:
    """Return bag-info.txt; `sizes` are those of the payload. Raises InvalidInput."""
    counted = list(sizes)
    labels = {
        "Bag-Software-Agent": "Muniment",
        "Bagging-Date": dossier.at.date().isoformat(),
        "External-Identifier": dossier.eid,
        "Payload-Oxum": f"{sum(counted)}.{len(counted)}",
    }
    if dossier.organisation:
        labels["Source-Organization"] = dossier.organisation
    for label, value in labels.items():
        if not _LINE.fullmatch(value):
            raise InvalidInput(f"{label} must be one line of text.", code="exhibit.bag_info")
    return "".join([f"{label}: {value}\n" for label, value in labels.items()]).encode()


def verify_text(dossier: Dossier) -> bytes:
    """Return VERIFY.md, which tells a reader what is proved and how to check it."""
    text = files("muniment.export.exhibit").joinpath("VERIFY.md").read_text(encoding="utf-8")
    return text.replace("{{name}}", dossier.name).replace("{{origin}}", dossier.origin).encode()


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return a manifest of SHA-256 digests by path."""
    return "".join([f"{digests[path]}  {path}\n" for path in sorted(digests)]).encode()
