"""The exporter of exhibits: prepare, resume, write.

- `prepare` writes every file that the act must name; `write` adds the log's own files, the page and
  the manifests, which follow from the selection and the log alone.
- Nothing here asks the clock, the machine or the version for anything.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from muniment.errors import InvalidInput, TamperSuspected
from muniment.evidence.identifiers import is_id
from muniment.export.api import PayloadFile, Prepared, Written
from muniment.export.exhibit.copying import copy_into
from muniment.export.exhibit.destination import durable_file
from muniment.export.exhibit.material import custody_files
from muniment.export.exhibit.page_assembly import filled, template
from muniment.export.exhibit.paths import (
    INFO,
    PAGE,
    PART,
    RECORD,
    check_name,
    part_paths,
)
from muniment.export.exhibit.record import record_of
from muniment.export.exhibit.selection import files_of, selection_of, text_of
from muniment.export.exhibit.tags import DECLARATION, Manifests, bag_info, verify_text
from muniment.export.exhibit.zipping import ZipWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from muniment.evidence.canonical import Json
    from muniment.export.api import Custody, Dossier


class Exhibit:
    """The exhibit bundle (custody-log §7)."""

    name: ClassVar[str] = "exhibit"
    media_type: ClassVar[str] = "application/zip"

    def prepare(self, dossier: Dossier) -> Prepared:
        """Return selection and tag files; raises InvalidInput for a dossier that cannot leave."""
        _check(dossier)
        paths = {item.obj: list(part_paths(item)) for item in dossier.items}
        payload: list[PayloadFile] = []
        withheld: list[str] = []
        for part, path in [pair for pairs in paths.values() for pair in pairs]:
            if part.open is None:
                withheld.append(path)
            else:
                payload.append(PayloadFile(path, part.sha256, part.size, part.open))
        record = record_of(dossier, paths)
        made = {
            RECORD: record,
            "VERIFY.md": verify_text(dossier),
            INFO: bag_info(dossier, [len(record), *(file.size for file in payload)]),
            "bagit.txt": DECLARATION,
            "verify.py": dossier.verifier,
        }
        named = [(file.path, file.sha256, file.size) for file in payload]
        named += [(path, _hex(data), len(data)) for path, data in made.items()]
        page = template()
        selection = selection_of(dossier, named, _hex(page), withheld)
        return Prepared(selection, made, page, tuple(payload))

    def resume(self, selection: Mapping[str, Json], fetch: Callable[[str], BinaryIO]) -> Prepared:
        """Return what `prepare` gave for this selection; `fetch` opens objects by digest."""
        listed = files_of(selection, fetch)
        parts = tuple([file for file in listed if PART.fullmatch(file.path)])
        made = {
            file.path: _fetched(fetch, file.sha256, file.path)
            for file in listed
            if not PART.fullmatch(file.path)
        }
        page = _fetched(fetch, text_of(selection, "template"), PAGE)
        return Prepared(selection, made, page, parts)

    def write(self, prepared: Prepared, custody: Custody, to: Path) -> Written:
        """Write the ZIP at `to`, or nothing; see `Exporter.write`."""
        folder = text_of(prepared.selection, "name")
        made = _made_after(prepared, custody)
        parts = {file.path: file for file in prepared.payload}
        manifests = Manifests(prepared, made)
        with durable_file(to) as descriptor, ZipWriter(descriptor) as bag:
            # In ASCII order the parts, under data/, stand before the manifests that list them.
            for path in sorted([*made, *parts, *manifests.paths]):
                if path in parts:
                    bag.add(f"{folder}/{path}", parts[path], manifests.beside(path))
                else:
                    data = made[path] if path in made else manifests.text(path)
                    bag.add_bytes(f"{folder}/{path}", data)
            digest, size = bag.finish()
        return Written(to, digest, size)


def write_folder(prepared: Prepared, custody: Custody, to: Path) -> None:
    """Write the same bag as a folder at `to`, which must not exist; not made durable.

    Raises TamperSuspected as `Exhibit.write` does; what was written until then stays.
    """
    to.mkdir(parents=True)
    made = _made_after(prepared, custody)
    manifests = Manifests(prepared, made)
    for path, data in made.items():
        place = to / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for file in prepared.payload:
        place = to / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x+b") as out:
            copy_into(out.fileno(), 0, file, manifests.beside(file.path))
    for path in manifests.paths:
        (to / path).write_bytes(manifests.text(path))


def _made_after(prepared: Prepared, custody: Custody) -> dict[str, bytes]:
    """Return all files but parts and manifests: made before the act, and following from it."""
    of_log = custody_files(custody, prepared.selection)
    files = {**prepared.made, **of_log}
    files[PAGE] = filled(prepared.template, {**of_log, RECORD: prepared.made[RECORD]})
    return files


def _check(dossier: Dossier) -> None:
    check_name(dossier.name)
    objects = [item.obj for item in dossier.items]
    numbers = {item.number.lower() for item in dossier.items}
    if not objects or len({*objects}) != len(objects) or len(numbers) != len(objects):
        raise InvalidInput(
            "An exhibit holds at least one item, and each item once.", code="exhibit.items"
        )
    if not all(is_id(one) for one in (dossier.eid, dossier.obj, dossier.by, *objects)):
        raise InvalidInput("An id is not 32 hexadecimal digits.", code="exhibit.id")


def _fetched(fetch: Callable[[str], BinaryIO], digest: str, path: str) -> bytes:
    with fetch(digest) as source:
        data = source.read()
    if _hex(data) != digest:
        raise TamperSuspected(
            f"What is kept for {path} is not the file that the log recorded ({digest}).",
            code="exhibit.kept",
            hint="Run `muniment check`, and restore the object from a replica.",
        )
    return data


def _hex(data: bytes) -> str:
    return sha256(data).hexdigest()
