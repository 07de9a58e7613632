"""What every way out must keep, whoever wrote it (muniment.export.api)."""

from __future__ import annotations

import io
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from muniment.errors import Conflict, InvalidInput, MunimentError, TamperSuspected, Unavailable
from muniment.export.api import Agent, Custody, Dossier, Exporter, Item, Part, Prepared
from muniment.testing.expecting import expect
from muniment.testing.simulated_log import ORIGIN, SimulatedLog, specimen_id

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from muniment.evidence.canonical import Json

_BYTES: Final = {
    "photograph": b"\xff\xd8\xff\xe0 SPECIMEN a window of the ward " * 300,
    "notes": "SPECIMEN: записки волонтера\n".encode() * 40,
    "statement": b"SPECIMEN. I saw the second car arrive at noon.\n",
    "nothing": b"",
}
_NAMES: Final = {
    "photograph": b"IMG_0871.jpg",
    "notes": "записки.txt".encode(),
    "statement": b"st\xe4tement\n\x1b[31m.TXT",  # not UTF-8, and not safe to show
    "nothing": b"NUL",
}
_ITEMS: Final = {"M-00871": ("photograph", "notes"), "M-00872": ("statement", "nothing")}
_AGENT: Final = specimen_id("agent")
_EXPORT: Final = specimen_id("export")


@dataclass(frozen=True, slots=True)
class Material:
    """A dossier, and a log that records its items and will record the export."""

    dossier: Dossier
    log: SimulatedLog

    def committed(self, prepared: Prepared) -> Custody:
        """What the log says after the act of export."""
        handling: Json = {"batch": _EXPORT, "compartment": "open"}
        objs = [item.obj for item in self.dossier.items]
        members = [self.log.append("item.exported", obj, {"handling": handling}) for obj in objs]
        self.log.close_batch(_EXPORT, members, {"selection": dict(prepared.selection)})
        return self.log.custody([*objs, _EXPORT], self.dossier.heads)

    def fetch(self, prepared: Prepared, digest: str) -> BinaryIO:
        """What an object store would hold: the parts, and what the first half said to keep."""
        held = {sha256(data).hexdigest(): data for data in (*_BYTES.values(), *prepared.kept)}
        return io.BytesIO(held[digest])


def material() -> Material:
    """Two fictional items of two parts each, received and on record."""
    log = SimulatedLog()
    items = tuple(_item(number, names) for number, names in _ITEMS.items())
    for item in items:
        parts: Json = [
            {"media_type": p.media_type, "part": p.row, "sha256": p.sha256, "size": p.size}
            for p in item.parts
        ]
        groups: dict[str, Json] = {"object": {"parts": parts}, "handling": {"compartment": "open"}}
        log.append("item.received", item.obj, groups)
    dossier = Dossier(
        name="exhibit-00001",
        origin=ORIGIN,
        eid=specimen_id(f"act {len(log.acts) + len(items)}"),
        obj=_EXPORT,
        by=_AGENT,
        at=log.now,
        recipient="Fictional Prosecutor, Room 4",
        items=items,
        heads=(log.sign_head(),),
        verifier=b"# stands for the program that travels with an exhibit\n",
        agents=(Agent(_AGENT, "intake desk", "program"),),
        organisation="Fictional Archive",
    )
    return Material(dossier, log)


class ExporterContract:
    """Inherit, name the class `Test…`, and return the exporter."""

    def exporter(self) -> Exporter:
        """The exporter under test."""
        raise NotImplementedError

    def test_it_names_itself(self) -> None:
        """`--as` and the recipient's computer go by it."""
        made = self.exporter()
        expect(made.name and made.name.isprintable(), "It has no name.")
        expect(made.media_type.count("/") == 1, "Its media type is none.")

    def test_what_the_act_must_name_is_the_same_every_time(self) -> None:
        """The first half depends on the dossier alone."""
        dossier = material().dossier
        first, second = self.exporter().prepare(dossier), self.exporter().prepare(dossier)
        expect(first.selection == second.selection, "It selects something else each time.")
        expect(dict(first.made) == dict(second.made), "It makes something else each time.")
        expect(first.kept == second.kept, "It keeps something else each time.")

    def test_it_writes_what_it_says_and_nothing_beside(self) -> None:
        """Path, digest and size are those of the file; the folder holds nothing else."""
        with _folder() as folder:
            data = self._written(folder / "out")
            expect(data, "The file is empty.")
            expect([*folder.iterdir()] == [folder / "out"], "Something was left beside the file.")

    def test_one_act_gives_one_file(self) -> None:
        """Written again, and made again from what was kept, it has the same bytes."""
        made = material()
        prepared = self.exporter().prepare(made.dossier)
        custody = made.committed(prepared)
        fetch = partial(made.fetch, prepared)
        with _folder() as folder:
            first = self._write(prepared, custody, folder / "first")
            again = self._write(prepared, custody, folder / "again")
            resumed = self.exporter().resume(prepared.selection, fetch)
            later = self._write(resumed, custody, folder / "later")
        expect(first == again, "The same export was written in other bytes.")
        expect(first == later, "The export made again from what was kept has other bytes.")

    def test_what_is_there_is_not_replaced(self) -> None:
        """Conflict, and the other file stays as it was."""
        with _folder() as folder:
            (folder / "out").write_bytes(b"mine")
            _refused(Conflict, lambda: self._written(folder / "out"))
            expect((folder / "out").read_bytes() == b"mine", "Another file was replaced.")
            expect(len([*folder.iterdir()]) == 1, "Something was left behind.")

    def test_a_destination_that_is_none_is_refused(self) -> None:
        """As unusable or as unavailable; and nothing is made there."""
        with _folder() as folder:
            _refused((InvalidInput, Unavailable), lambda: self._written(folder / "absent" / "out"))
            expect(not [*folder.iterdir()], "Something was left behind.")

    def test_other_bytes_than_the_log_recorded_are_an_alarm(self) -> None:
        """Changed, cut, longer or of the same length: nothing leaves."""
        for change in (b"", b"SPECIMEN", _BYTES["photograph"] + b"!", _swapped("photograph")):
            made = material()
            first = made.dossier.items[0]
            false = replace(first.parts[0], open=partial(io.BytesIO, change))
            items = (replace(first, parts=(false, *first.parts[1:])), *made.dossier.items[1:])
            prepared = self.exporter().prepare(replace(made.dossier, items=items))
            custody = made.committed(prepared)
            with _folder() as folder:
                write = partial(self.exporter().write, prepared, custody, folder / "out")
                _refused(TamperSuspected, write)
                expect(not [*folder.iterdir()], "Something was left behind.")

    def test_what_is_withheld_does_not_leave(self) -> None:
        """A part without an opener keeps its place and gives nothing away."""
        made = material()
        first = made.dossier.items[0]
        kept_back = replace(first.parts[1], open=None)
        items = (replace(first, parts=(first.parts[0], kept_back)), *made.dossier.items[1:])
        prepared = self.exporter().prepare(replace(made.dossier, items=items))
        custody = made.committed(prepared)
        with _folder() as folder:
            data = self._write(prepared, custody, folder / "out")
        expect("записки волонтера".encode() not in data, "What was withheld left all the same.")

    def test_nothing_is_no_export(self) -> None:
        """A dossier without items cannot leave."""
        empty = replace(material().dossier, items=())
        _refused(InvalidInput, lambda: self.exporter().prepare(empty))

    def _written(self, to: Path) -> bytes:
        made = material()
        prepared = self.exporter().prepare(made.dossier)
        return self._write(prepared, made.committed(prepared), to)

    def _write(self, prepared: Prepared, custody: Custody, to: Path) -> bytes:
        written = self.exporter().write(prepared, custody, to)
        data = to.read_bytes()
        expect(written.path == to, "It says that it wrote somewhere else.")
        expect(written.sha256 == sha256(data).hexdigest(), "It says another digest.")
        expect(written.size == len(data), "It says another size.")
        return data


def _item(number: str, names: tuple[str, ...]) -> Item:
    parts = tuple(
        Part(
            row=specimen_id(name),
            name=_NAMES[name],
            media_type="application/octet-stream",
            sha256=sha256(_BYTES[name]).hexdigest(),
            size=len(_BYTES[name]),
            open=partial(io.BytesIO, _BYTES[name]),
        )
        for name in names
    )
    return Item(specimen_id(number), number, f"Item <{number}> & more", parts)


def _swapped(name: str) -> bytes:
    data = bytearray(_BYTES[name])
    data[-1] ^= 1
    return bytes(data)


def _refused(
    kinds: type[MunimentError] | tuple[type[MunimentError], ...], attempt: Callable[[], object]
) -> None:
    try:
        attempt()
    except kinds as error:
        expect(error.code and str(error), "The refusal has no code or no sentence.")
        return
    raise AssertionError(f"It was not refused as {kinds}.")


@contextmanager
def _folder() -> Generator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
