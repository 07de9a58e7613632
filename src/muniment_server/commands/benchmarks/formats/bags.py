"""BagIt bags (RFC 8493), read by bagit-python: `Bag.validate()`."""

from __future__ import annotations

import logging
import tempfile
from hashlib import sha256, sha512
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import bagit

from muniment.testing.tampering.format import EVIDENCE, Claims, Files, Format
from muniment_server.commands.benchmarks.formats.folders import files_of, write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HASHES: Final = {"sha256": sha256, "sha512": sha512}


class Bags(Format):
    """A bag made by bagit-python with its usual two manifests."""

    name: ClassVar[str] = "bagit"
    claims: ClassVar[Claims] = Claims(
        detects=frozenset({"flip", "flip-record", "truncate", "swap", "drop", "add", "rename"}),
        words=(
            "Checksums are intended as a reasonable guarantee against corruption during transit, "
            "not a strong cryptographic protection against intentional spoofing."
        ),
        source="RFC 8493, Security Considerations (LibraryOfCongress/bagit-spec, 066f10d)",
        read="2026-11-21",
    )

    def __init__(self) -> None:
        """Make the bag once."""
        logging.getLogger("bagit").setLevel(logging.CRITICAL)
        with tempfile.TemporaryDirectory() as name:
            write_files(Path(name), EVIDENCE)
            bagit.make_bag(name, {"Bagging-Date": "2026-03-09"}, checksums=list(_HASHES))
            self._whole = files_of(Path(name))

    @property
    def version(self) -> str:
        """The reader."""
        return f"bagit-python {version('bagit')}"

    def whole(self) -> Files:
        """The bag."""
        return self._whole

    def accepts(self, files: Files) -> bool:
        """Whether it is valid: complete, and every digest as said."""
        with tempfile.TemporaryDirectory() as name:
            write_files(Path(name), files)
            try:
                bagit.Bag(name).validate()
            except Exception:  # noqa: BLE001 - a reader that fails does not accept
                return False
        return True

    def contents(self, files: Files) -> dict[str, bytes]:
        """The payload."""
        return {path: data for path, data in files.items() if path.startswith("data/")}

    def with_contents(self, files: Files, contents: Files) -> Files:
        """Another payload under the old manifests."""
        return {**{p: d for p, d in files.items() if not p.startswith("data/")}, **contents}

    def resealed(self, files: Files) -> Files:
        """Manifests, the sum of the payload and tag manifests made again, where they are."""
        made = dict(files)
        payload = self.contents(made)
        if "bag-info.txt" in made:
            sums = f"{sum(map(len, payload.values()))}.{len(payload)}"
            lines = made["bag-info.txt"].decode().splitlines()
            lines = [f"Payload-Oxum: {sums}" if "Oxum" in line else line for line in lines]
            made["bag-info.txt"] = ("\n".join(lines) + "\n").encode()
        for kind in ("manifest", "tagmanifest"):
            for name, digest in _HASHES.items():
                path = f"{kind}-{name}.txt"
                if path in made:
                    named = payload if kind == "manifest" else _tags(made)
                    rows = [f"{digest(data).hexdigest()}  {p}\n" for p, data in named.items()]
                    made[path] = "".join(rows).encode()
        return made

    def earlier(self, files: Files) -> Iterator[Files]:
        """The one date it bears."""
        info = files["bag-info.txt"]
        yield {**files, "bag-info.txt": info.replace(b"2026-03-09", b"2024-03-09")}

    def digests(self, files: Files) -> Iterable[Iterable[str]]:
        """One manifest, all of a kind, all."""
        lists = [path for path in files if "manifest-" in path]
        kinds = [[p for p in lists if p.startswith(kind)] for kind in ("manifest", "tagmanifest")]
        return [*([path] for path in lists), *kinds, lists]


def _tags(files: Files) -> Files:
    return {
        path: data for path, data in files.items() if not path.startswith(("data/", "tagmanifest-"))
    }
