"""The tag files of the bag: declaration, info, manifests (BagIt 1.0, RFC 8493) and VERIFY.md.

- Dates are the act's, never the clock's; nothing names a version of this program.
- A manifest line is the digest, two spaces and the path; lines are in ASCII order of paths.
- Whether there is a manifest of SHA-512 stands in bag-info.txt, which the export act names by its
  digest: so one act always gives the same files.
"""

from __future__ import annotations

import re
from hashlib import sha256, sha512
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from muniment.errors import InvalidInput
from muniment.export.exhibit.paths import INFO, LONG_MANIFEST, MANIFEST, RECORD, TAG_MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from muniment.export.api import Dossier, Prepared

_ALGORITHMS: Final = "Payload-Manifest-Algorithms"
_BOTH: Final = "sha256, sha512"

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
    if dossier.sha512:
        labels[_ALGORITHMS] = _BOTH
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


class Manifests:
    """The manifests of a bag, each made once everything that it lists stands in the bag.

    `made` are all files of the bag but the parts and the manifests themselves.
    """

    def __init__(self, prepared: Prepared, made: Mapping[str, bytes]) -> None:
        self._made = made
        self._parts = {file.path: file.sha256 for file in prepared.payload}
        asked = f"{_ALGORITHMS}: {_BOTH}".encode() in made[INFO].split(b"\n")
        self._longer: dict[str, Callable[[], str]] | None = {} if asked else None

    @property
    def paths(self) -> tuple[str, ...]:
        """Which manifests the bag has, in the order in which they can be made."""
        longer = () if self._longer is None else (LONG_MANIFEST,)
        return (MANIFEST, *longer, TAG_MANIFEST)

    def beside(self, path: str) -> Callable[[bytes], object] | None:
        """Return what is to be fed the bytes of a part as they arrive, or None for nothing."""
        if self._longer is None:
            return None
        digest = sha512()
        self._longer[path] = digest.hexdigest
        return digest.update

    def text(self, path: str) -> bytes:
        """Return a manifest; that of SHA-512 lists what `beside` was asked for."""
        record = self._made[RECORD]
        if path == MANIFEST:
            return _lines({**self._parts, RECORD: sha256(record).hexdigest()})
        if path == LONG_MANIFEST:
            longer = {part: digest() for part, digest in (self._longer or {}).items()}
            return _lines({**longer, RECORD: sha512(record).hexdigest()})
        tags = {name: data for name, data in self._made.items() if name != RECORD}
        tags |= {name: self.text(name) for name in self.paths if name != TAG_MANIFEST}
        return _lines({name: sha256(data).hexdigest() for name, data in tags.items()})


def _lines(digests: Mapping[str, str]) -> bytes:
    return "".join([f"{digests[path]}  {path}\n" for path in sorted(digests)]).encode()
