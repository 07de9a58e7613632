"""After shredding: order and proofs still verify, and content can be neither read nor guessed."""

from __future__ import annotations

import os
import uuid
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Conflict
from tests.server.oversight.traces import Known, found, guessed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.db.models import Model

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Leaf
    from muniment_server.custody.policies import Actor
    from muniment_server.disclosure.models import Package

_AFTER_VACUUM = (
    "ALTER SYSTEM SET wal_recycle = off",
    "SELECT pg_reload_conf()",
    "CHECKPOINT",
    "SELECT pg_switch_wal()",
    "CHECKPOINT",
    "SELECT pg_switch_wal()",
    "CHECKPOINT",
)


@dataclass(frozen=True, slots=True)
class Told:
    """A workspace with one item that is to go and one that is to stay."""

    gone: Item
    stays: Item
    known: Known
    kept: Known
    package: Package
    bundle: Path
    leaves: tuple[Leaf, ...]


@pytest.fixture
def told(machine: Actor, giver: Actor, tmp_path: Path) -> Told:
    """Two items, described, examined, exported in one bundle; all of it published."""
    from muniment.plugins import exporters
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import publishing
    from muniment_server.disclosure import queries
    from muniment_server.disclosure.services import Order, export

    mark = uuid.uuid4().hex
    gone, stays = (_received(machine, tmp_path, f"{name} {mark}") for name in ("zhadan", "kapral"))
    to = tmp_path / "before.zip"
    package, _written = export(giver, [gone, stays], Order("the court"), exporters()["exhibit"], to)
    publishing.publish()
    leaves = custody.chain_of(gone.pk)
    known = Known().texts(*_words(f"zhadan {mark}", gone)).leaves(leaves)
    known.leaves([queries.closing_of(package)], only="selection")
    kept = Known().texts(*_words(f"kapral {mark}", stays)).leaves(custody.chain_of(stays.pk))
    return Told(gone, stays, known, kept, package, to, (*leaves, queries.closing_of(package)))


def _received(by: Actor, folder: Path, name: str) -> Item:
    from muniment.capture.file import capture_file
    from muniment.evidence.instant import now
    from muniment_server.catalogue import services
    from muniment_server.catalogue.models import Finding

    path = folder / f"{name}.txt"
    path.write_bytes(f"SPECIMEN what {name} saw in the courtyard".encode())
    said = services.Provenance(f"heard from {name}", f"collected by {name}")
    found = [capture_file(os.fsencode(path))]
    with closing(services.receive_files(by, found, said)) as groups:
        [item] = [one.item for group in groups for one in group]  # type: ignore[union-attr]  # nothing is refused
    services.describe_item(by, item, title=f"Title of {name}", description=f"About {name}")
    finding = Finding(
        part=item.parts.get(),
        examination="format",
        tool="SPECIMEN",
        version="1",
        outcome="supports",
        summary=f"found in {name}",
        facts=[{"name": "author", "value": name}],
        made=now(),
    )
    list(services.record_examinations(by, [[services.Examined(item, [finding])]]))
    return item


def _words(name: str, item: Item) -> list[str]:
    part = item.parts.get()
    about = ("what {} saw", "heard from {}", "collected by {}", "Title of {}", "About {}")
    return [*(one.format(name) for one in about), f"found in {name}", f"{name}.txt", part.sha256]


def shredded(item: Item, asker: Actor, giver: Actor, requested: Callable[..., Any]) -> None:
    """Have an item shredded by two people, and what is left of it erased by a worker."""
    from muniment_server.custody.ledger import publishing
    from muniment_server.oversight.services import finish, give

    give(giver, requested(asker, item))
    publishing.publish()
    finish(item.pk)


@pytest.fixture
def searched(
    workspace: Workspace, engine: str, request: pytest.FixtureRequest
) -> Callable[[], list[Path]]:
    """Return every folder that holds something of the workspace, as the how-to leaves them."""

    def folders() -> list[Path]:
        if engine == "sqlite":
            return [workspace.root]
        cluster = request.getfixturevalue("cluster")
        for statement in _AFTER_VACUUM:
            cluster.sql(statement)
        return [workspace.root, cluster.folder / "data"]

    return folders


def test_content_can_be_neither_read_nor_guessed(
    told: Told,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    searched: Callable[[], list[Path]],
) -> None:
    folders = searched()
    assert len(found(told.known, *folders)) > 20  # so the search can find
    assert guessed(told.known, told.leaves, *folders)

    shredded(told.gone, asker, giver, requested)

    folders = searched()
    assert found(told.known, *folders) == {}
    assert guessed(told.known, told.leaves, *folders) == []
    assert len(found(told.kept, *folders)) > 20


def test_a_salt_that_was_kept_is_found(
    told: Told,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    searched: Callable[[], list[Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment_server.custody.ledger import withdrawing

    reduce = withdrawing._reduce
    monkeypatch.setattr(withdrawing, "_reduce", lambda leaves, stays: reduce(leaves[1:], stays))
    shredded(told.gone, asker, giver, requested)
    folders = searched()
    assert found(told.known, *folders)
    assert guessed(told.known, told.leaves, *folders)


def test_what_the_database_leaves_behind_is_found(
    told: Told,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    searched: Callable[[], list[Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment_server.oversight.services import erasing

    monkeypatch.setattr(erasing, "sweep", lambda _tables: None)
    shredded(told.gone, asker, giver, requested)
    assert found(told.known, *searched())


def test_everything_else_still_verifies(
    told: Told,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    tmp_path: Path,
) -> None:
    from muniment.plugins import exporters
    from muniment.verify import verify
    from muniment.verify.report import Overall
    from muniment_server.commands.check import examine_workspace
    from muniment_server.disclosure.services import Order, export

    shredded(told.gone, asker, giver, requested)
    assert examine_workspace(workspace)["problems"] == []
    assert (
        verify(told.bundle, log_keys=(), require=frozenset()).verdict
        is Overall.INTACT_SELF_ATTESTED
    )
    to = tmp_path / "after.zip"
    export(giver, [told.stays], Order("the court"), exporters()["exhibit"], to)
    later = verify(to, log_keys=(), require=frozenset())
    assert later.verdict is Overall.INTACT_SELF_ATTESTED


def test_what_was_not_withdrawn_is_still_damage(
    told: Told,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
) -> None:
    from muniment.archive.details import DetailsLine
    from muniment.archive.erasing import replace_lines
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody import queries as custody

    shredded(told.gone, asker, giver, requested)
    [other, *_rest] = custody.chain_of(told.stays.pk)
    chain, *_more = other.disclosures.split("\n")
    line = DetailsLine(other.index, bytes(other.data), (chain,))
    replace_lines(workspace.archive, {other.index: line})
    problems = examine_workspace(workspace)["problems"]
    assert [(one["code"], one["subject"]) for one in problems] == [
        ("details.incomplete", f"#{other.index}")
    ]


def test_an_earlier_export_is_not_made_again_and_says_why(
    told: Told, asker: Actor, giver: Actor, requested: Callable[..., Any], tmp_path: Path
) -> None:
    from muniment.plugins import exporters
    from muniment_server.disclosure.services import export_again

    shredded(told.gone, asker, giver, requested)
    with pytest.raises(Conflict, match="shredded") as raised:
        export_again(giver, told.package, exporters()["exhibit"], tmp_path / "again.zip")
    assert (raised.value.code, raised.value.exit_code) == ("export.shredded", 2)


def test_the_archive_gives_every_row_again(
    told: Told,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    tmp_path: Path,
) -> None:
    from muniment_server.commands.check import examine_workspace
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.oversight.models import Withdrawn

    shredded(told.gone, asker, giver, requested)
    before = _rows()
    withdrawn = set(Withdrawn.objects.values_list("index", "item"))
    rebuild(workspace.archive, workspace.keys, tmp_path / "again")
    assert _rows() == before
    assert set(Withdrawn.objects.values_list("index", "item")) == withdrawn
    from muniment_server.custody import queries

    assert examine_workspace(queries.workspace())["problems"] == []


def _rows() -> dict[str, list[dict[str, Any]]]:
    from muniment_server.custody.ledger.state import recorded_models
    from muniment_server.custody.models import Leaf

    models: list[type[Model]] = [*recorded_models(), Leaf]
    return {
        model._meta.label: [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
            }
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in models
    }


def test_a_rebuild_before_the_worker_came_erases_as_well(
    told: Told,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
    tmp_path: Path,
) -> None:
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody.ledger import publishing
    from muniment_server.oversight.services import finish, give

    give(giver, requested(asker, told.gone))
    publishing.publish()
    again = tmp_path / "again"
    rebuild(workspace.archive, workspace.keys, again)
    finish(told.gone.pk)
    assert found(told.known, again) == {}
