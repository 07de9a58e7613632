"""OCFL objects (version 1.1), read by ocfl-py: `Validator.validate_object`.

The object has two versions: the evidence, and the evidence with a description.
"""

from __future__ import annotations

import json
import logging
import tempfile
from hashlib import sha512
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from ocfl import Object, VersionMetadata
from ocfl.validator import Validator

from muniment.testing.tampering.format import EVIDENCE, OTHER_EVIDENCE, Claims, Files, Format
from muniment_server.commands.benchmarks.formats.folders import files_of, write_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DESCRIPTION: Final[Files] = {"description.txt": b"SPECIMEN: a window of the ward\n"}
_INVENTORY = "inventory.json"
_SIDECAR = ".sha512"


class OcflObjects(Format):
    """An object made by ocfl-py."""

    name: ClassVar[str] = "ocfl"
    claims: ClassVar[Claims] = Claims(
        detects=frozenset({"flip", "flip-record", "truncate", "swap", "drop", "add", "rename"}),
        words=(
            "The fixity checking built into the OCFL via content addressable storage allows "
            "implementers to identify file corruption that might happen outside of normal human "
            "interactions."
        ),
        source="https://ocfl.io/1.1/spec/, Robustness (OCFL/spec, 0187ce1)",
        read="2026-11-21",
    )

    def __init__(self) -> None:
        """Make the object once."""
        logging.getLogger().setLevel(logging.CRITICAL)
        self._whole = _object(EVIDENCE)

    @property
    def version(self) -> str:
        """The reader."""
        return f"ocfl-py {version('ocfl-py')}"

    def whole(self) -> Files:
        """The object."""
        return self._whole

    def accepts(self, files: Files) -> bool:
        """Whether it is valid."""
        with tempfile.TemporaryDirectory() as name:
            write_files(Path(name), files)
            try:
                return bool(Validator(log_errors=False).validate_object(name))
            except Exception:  # noqa: BLE001 - a reader that fails does not accept
                return False

    def contents(self, files: Files) -> dict[str, bytes]:
        """The content of the first version."""
        return {path: data for path, data in files.items() if path.startswith("v1/content/")}

    def with_contents(self, files: Files, contents: Files) -> Files:
        """Other content under the old inventories."""
        return {**{p: d for p, d in files.items() if not p.startswith("v1/content/")}, **contents}

    def resealed(self, files: Files) -> Files:
        """Inventories and their sidecars made again, where they are, for the content there is."""
        made = dict(files)
        for path in [path for path in made if path.endswith(_INVENTORY)]:
            try:
                inventory = json.loads(made[path])
                made[path] = json.dumps(_fitted(inventory, made), indent=2).encode()
            except (ValueError, KeyError, AttributeError):
                continue  # what was made unreadable stays so
        for path in [path for path in made if path.endswith(_INVENTORY + _SIDECAR)]:
            if (inventory_path := path.removesuffix(_SIDECAR)) in made:
                digest = sha512(made[inventory_path]).hexdigest()
                made[path] = f"{digest} {_INVENTORY}\n".encode()
        return made

    def earlier(self, files: Files) -> Iterator[Files]:
        """When each version was made."""
        for day in (b"2026-03-09", b"2026-03-10"):
            before = day.replace(b"2026", b"2024")
            yield {path: data.replace(day, before) for path, data in files.items()}

    def digests(self, files: Files) -> Iterable[Iterable[str]]:
        """Sidecars and inventories, of one version and of all."""
        sidecars = [path for path in files if path.endswith(_SIDECAR)]
        lists = [path for path in files if path.endswith(_INVENTORY)]
        return [*([path] for path in (*sidecars, *lists)), sidecars, lists, [*sidecars, *lists]]

    def tails(self, files: Files) -> Iterator[Files]:
        """The second version gone: from the inventory too, or from the disk alone."""
        first = {path: data for path, data in files.items() if not path.startswith("v2/")}
        yield first
        yield self.resealed(first)
        root = {name: files[f"v1/{name}"] for name in (_INVENTORY, _INVENTORY + _SIDECAR)}
        yield {**first, **root}

    def forks(self, files: Files) -> Iterator[Files]:
        """Another object under the same identifier, whole, or only its second version."""
        other = _object(OTHER_EVIDENCE)
        yield other
        second = {path: data for path, data in other.items() if not path.startswith("v1/")}
        yield {**files, **second}
        yield self.resealed({**files, **second})


def _object(evidence: Files) -> Files:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        made = str(root / "object")
        for number, held in ((1, evidence), (2, {**evidence, **_DESCRIPTION})):
            write_files(root / f"v{number}", held)
            said = VersionMetadata(
                created=f"2026-03-{8 + number:02}T15:00:00Z",
                message="received" if number == 1 else "described",
                name="intake desk",
                address="mailto:desk@specimen.invalid",
            )
            one = Object(identifier="specimen:871", digest_algorithm="sha512")
            source = str(root / f"v{number}")
            if number == 1:
                one.create(srcdir=source, metadata=said, objdir=made)
            else:
                one.add_version_with_content(objdir=made, srcdir=source, metadata=said)
        return files_of(Path(made))


def _fitted(inventory: dict[str, Any], files: Files) -> dict[str, Any]:
    """An inventory that names the content there is: changed, missing, more or renamed."""
    renewed: dict[str, str] = {}
    manifest: dict[str, list[str]] = {}
    known: set[str] = set()
    for digest, paths in inventory["manifest"].items():
        for path in paths:
            known.add(path)
            if path in files:
                renewed[digest] = sha512(files[path]).hexdigest()
                manifest.setdefault(renewed[digest], []).append(path)
    more = {
        path: sha512(data).hexdigest()
        for path, data in files.items()
        if path.startswith("v1/content/") and path not in known
    }
    for path, digest in more.items():
        manifest.setdefault(digest, []).append(path)
    inventory["manifest"] = manifest
    for one in inventory["versions"].values():
        state: dict[str, list[str]] = {}
        for digest, names in one["state"].items():
            if digest in renewed:
                state.setdefault(renewed[digest], []).extend(names)
        for path, digest in more.items():
            state.setdefault(digest, []).append(path.removeprefix("v1/content/"))
        one["state"] = state
    return inventory
