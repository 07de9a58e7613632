"""Rebuilding: the archive alone gives every recorded row again, equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import InvalidInput, TamperSuspected

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.models import Model

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


def _tables() -> dict[str, list[dict[str, Any]]]:
    from muniment_server.custody.ledger.state import recorded_models
    from muniment_server.custody.models import Counter, Head, Leaf

    tables: dict[str, list[dict[str, Any]]] = {}
    models: list[type[Model]] = [*recorded_models(), Leaf, Head, Counter]
    for model in models:
        rows = [
            {
                name: bytes(value) if isinstance(value, memoryview) else value
                for name, value in row.items()
            }
            for row in model._default_manager.order_by("pk").values()
        ]
        tables[model._meta.label] = rows
    return tables


def _story(machine: Actor, folder: Path) -> None:
    from muniment_server.accounts import services as accounts
    from muniment_server.catalogue.services import Arrival, receive
    from muniment_server.commands.specimen import story
    from muniment_server.custody.ledger import publishing

    names = ("before", "after", "altered", "page", "statement", "order")
    arrivals = [Arrival(name.encode(), f"{n:064x}", n) for n, name in enumerate(names)]
    (group,) = receive(machine, [arrivals], source="SPECIMEN")
    items = story.Items(*[member.root for member in group.members])  # type: ignore[arg-type]  # the roots are items
    story.tell(machine, items)
    accounts.add_person(machine, name="Ó Пробна", handle="proba", role=accounts.Role.ANALYST)
    publishing.publish()


def test_recorded_tables_are_equal_row_for_row(
    workspace: Workspace, machine: Actor, tmp_path: Path
) -> None:
    from muniment_server.commands.rebuild import rebuild

    _story(machine, tmp_path)
    before = _tables()
    target = tmp_path / "again"
    document, codes = rebuild(workspace.archive, workspace.keys, target)
    after = _tables()

    assert after == before
    assert document["entries"] == len(before["custody.Leaf"])
    assert [handle for handle, _code in codes] == ["proba"]


def test_a_rebuilt_workspace_goes_on_where_the_lost_one_stopped(
    workspace: Workspace, machine: Actor, tmp_path: Path
) -> None:
    from muniment_server.catalogue import services
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import checking, publishing

    _story(machine, tmp_path)
    size = queries.custody_head().size
    target = tmp_path / "again"
    rebuild(workspace.archive, workspace.keys, target)

    assert services.make_collection(machine, title="After").seq == size
    publishing.publish()
    assert checking.check_rows(lambda _done: None) == []


def test_a_changed_detail_is_refused(workspace: Workspace, machine: Actor, tmp_path: Path) -> None:
    from muniment_server.commands.rebuild import rebuild

    _story(machine, tmp_path)
    files = [path for path in (workspace.archive / "details").rglob("*") if path.is_file()]
    target = files[0]
    target.chmod(0o644)
    data = target.read_bytes()
    target.write_bytes(data.replace(b'"leaf":"ey', b'"leaf":"fy', 1))
    with pytest.raises((TamperSuspected, InvalidInput)):
        rebuild(workspace.archive, workspace.keys, tmp_path / "again")


def test_another_key_is_refused(workspace: Workspace, machine: Actor, tmp_path: Path) -> None:
    from muniment.seal.signer import FileSigner
    from muniment_server.commands.rebuild import rebuild

    keys = tmp_path / "keys"
    keys.mkdir()
    FileSigner.create(keys / "log.key", keys / "signed-heads", workspace.origin)
    with pytest.raises(TamperSuspected) as raised:
        rebuild(workspace.archive, keys, tmp_path / "again")
    assert raised.value.code == "rebuild.key"
