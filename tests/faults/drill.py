"""The work that is disturbed, and what must hold after it, whatever happened in between.

- Three commands, as a person gives them: a few files, a folder of them, a bundle. Each is
  acknowledged when its command has printed its answer, and not before.
- Whatever was acknowledged is there afterwards with its digest, and `muniment check` finds nothing.
"""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.archive.workspace import Workspace, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    Say: TypeAlias = Callable[[str], None]
    Work: TypeAlias = Callable[[Path, Say], int]

FEW, MANY = 3, 20  # the second is stored by a process of its own, in one round of durability
UNCAUGHT = 99
BUNDLE = "exhibit.zip"


@dataclass(slots=True)
class Said:
    """What the disturbed process said before it ended."""

    items: dict[str, str] = field(default_factory=dict)  # number: digest, as acknowledged
    bundles: dict[str, str] = field(default_factory=dict)  # file: digest
    errors: list[dict[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # answers that are none

    @classmethod
    def read(cls, text: str) -> Said:
        """Read its lines; a torn last one was not said."""
        said = cls()
        for line in text.split("\n")[:-1]:
            kind, _, rest = line.partition(" ")
            if kind == "error":
                said.errors.append(json.loads(rest))
            elif kind == "broken":
                said.broken.append(rest)
            else:
                name, _, digest = rest.rpartition(" ")
                (said.items if kind == "item" else said.bundles)[name] = digest
        return said


def lay_out(template: Workspace, folder: Path) -> Workspace:
    """Copy the template below a folder, with files to add and room for a bundle beside it."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(template.root, folder / "workspace")
    for name, number in (("few", FEW), ("many", MANY)):
        (folder / name).mkdir()
        for one in range(number):
            content = f"SPECIMEN {name} {one} ".encode() * (1 + one * 37 % 300)
            (folder / name / f"{one:02}.txt").write_bytes(content)
    (folder / "out").mkdir()
    return read_settings(folder / "workspace")


def preload() -> None:
    """Import here what forked children run, so that faults meet their work and not its imports."""
    import muniment_server.catalogue.services
    import muniment_server.commands.add
    import muniment_server.commands.check
    import muniment_server.commands.export
    import muniment_server.custody.ledger.checking
    import muniment_server.custody.ledger.publishing
    import muniment_server.custody.ledger.startup
    import muniment_server.disclosure.services  # noqa: F401 - imported for the children
    from muniment.cli.main import build_parser
    from muniment.plugins import exporters

    build_parser()
    exporters()


def perform(folder: Path, say: Say, *, many: bool = True) -> int:
    """Run the commands until one fails; say what each acknowledged, and return the exit code."""
    bundle = folder / "out" / BUNDLE
    steps = [["add", "-r", str(folder / "few")]]
    if many:
        steps.append(["add", "-r", str(folder / "many")])
    steps.append(["export", "M-00001", "M-00002", "--to", str(bundle), "--recipient", "SPECIMEN"])
    for words in steps:
        code, document = answer(folder / "workspace", *words)
        if document is None:
            say(f"broken {' '.join(words)}: exit code {code}")
            return code or UNCAUGHT
        for one in document.get("items", ()) if words[0] == "add" else ():
            say(f"item {one['number']} {one['sha256']}")
        if words[0] == "export" and not code:
            say(f"bundle {document['file']} {document['sha256']}")
        errors = [document["error"]] if "error" in document else document.get("errors", ())
        for one in errors:
            say(f"error {json.dumps(one)}")
        if code:
            return code
    return 0


def answer(workspace: Path, *words: str) -> tuple[int, dict[str, Any] | None]:
    """Run one command in this process; its exit code, and its document if it printed one."""
    from muniment.cli.main import main

    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained):
        try:
            code = main(["-w", str(workspace), "--json", *words])
        except Exception as error:  # noqa: BLE001 - what a person would see as a traceback
            return UNCAUGHT, {"error": {"code": "uncaught", "message": repr(error)}}
    document = None
    with suppress(ValueError):
        document = json.loads(said.getvalue())
    return code, document


def leave() -> None:
    """Close the databases: a child that is forked now inherits nothing open."""
    from django.db import connections

    connections.close_all()


def swallow(defect: str) -> None:
    """Put a seeded defect into this process: a failure that nobody hears of."""
    from django.db.utils import OperationalError

    from muniment.archive import durability, publication
    from muniment.errors import Unavailable
    from muniment_server.database.base import DatabaseWrapper

    if defect == "commit":
        commit = DatabaseWrapper._commit

        def deaf(self: DatabaseWrapper) -> object:
            try:
                return commit(self)
            except OperationalError:
                return None

        DatabaseWrapper._commit = deaf  # type: ignore[method-assign]  # that is the defect
        return
    written, settle = durability.EachFile.file_written, durability.EachFile.settle

    def unheard(self: durability.EachFile, descriptor: int, size: int) -> None:
        with suppress(Unavailable):
            written(self, descriptor, size)

    def unsettled(self: durability.EachFile, folders: Iterable[str]) -> None:
        with suppress(Unavailable):
            settle(self, folders)

    for module in (durability, publication):
        each: Any = module.EachFile
        each.file_written, each.settle = unheard, unsettled


def omit(defect: str) -> None:
    """Put a seeded defect into this process: a sync that is left out."""
    from muniment.archive import durability
    from muniment_server.database.base import DatabaseWrapper

    each: Any = durability.EachFile
    if defect == "files":
        each.file_written = lambda _self, _descriptor, _size: None
    elif defect == "folders":
        each.settle = lambda _self, _folders: None
    else:
        connect = DatabaseWrapper.get_new_connection

        def hasty(self: DatabaseWrapper, conn_params: object) -> object:
            connection = connect(self, conn_params)
            connection.execute("PRAGMA synchronous=NORMAL")
            return connection

        DatabaseWrapper.get_new_connection = hasty  # type: ignore[method-assign]  # that is the defect


def enter_anew(workspace: Workspace) -> None:
    """Enter a workspace as a new process would: nothing is remembered of an earlier one."""
    from muniment_server.custody.ledger import sealing
    from tests.server.conftest import enter

    sealing._sealers.clear()
    enter(workspace)


def violations(workspace: Workspace, said: Said) -> list[str]:
    """Open the workspace again and say what does not hold."""
    from muniment_server.commands.check import examine_workspace

    found: list[str] = []
    try:
        enter_anew(workspace)
        document = examine_workspace(workspace)
        found += [
            f"{one['code']} {one['subject']}: {one['message']}" for one in document["problems"]
        ]
        found += _lost(workspace, said.items)
    except Exception as error:  # noqa: BLE001 - whatever it is, the workspace did not open
        found.append(f"it does not open: {error!r}")
    found += [
        f"the bundle {name} is not what was acknowledged"
        for name, digest in said.bundles.items()
        if _digest(Path(name)) != digest
    ]
    return found


def _lost(workspace: Workspace, acknowledged: dict[str, str]) -> Iterable[str]:
    """Say which acknowledged items are gone, and which rows have no object."""
    from muniment.archive.objects import FolderStore
    from muniment_server.catalogue.models import Item, Part
    from muniment_server.custody import queries

    store = FolderStore(workspace.archive)
    held = dict(Item.objects.values_list("number", "parts__sha256"))
    for number, digest in acknowledged.items():
        if held.get(number) != digest:
            yield f"{number} was acknowledged and is lost"
    for digest in Part.objects.values_list("sha256", flat=True):
        if not store.has(digest):
            yield f"a row without its object {digest}"
    indices = [leaf.index for leaf in queries.leaves()]
    if indices != list(range(queries.custody_head().size)):
        yield "the log is not contiguous"


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
