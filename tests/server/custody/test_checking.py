"""Rows against the log: what was edited behind the application's back is found and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor


def _problems() -> list[tuple[str, str]]:
    from muniment_server.custody.ledger import checking

    return [(one.code, one.subject) for one in checking.check_rows(lambda _done: None)]


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def collection(machine: Actor) -> str:
    """A collection, as the log names it."""
    from muniment_server.catalogue import services

    return f"catalogue.collection/{services.make_collection(machine, title='Kept').pk.hex}"


def test_a_clean_workspace_has_no_problem(collection: str) -> None:
    assert _problems() == []


def test_an_edited_row_is_named(collection: str) -> None:
    _execute("UPDATE catalogue_collection SET title = 'Changed'")
    assert _problems() == [("row.differs", collection)]


def test_an_edited_fold_is_named(collection: str, machine: Actor) -> None:
    from muniment_server.incidents import services

    made = services.open_incident(machine, title="Élan")
    _execute("UPDATE incidents_incident SET title_folded = 'x'")
    assert _problems() == [("row.differs", f"incidents.incident/{made.pk.hex}")]


def test_a_changed_place_is_named(collection: str) -> None:
    _execute("UPDATE catalogue_collection SET seq = 900")
    assert _problems() == [("row.seq", collection)]


def test_a_lost_row_is_named(collection: str) -> None:
    of = " ON catalogue_collection" if connection.vendor == "postgresql" else ""
    _execute(f"DROP TRIGGER refuse_delete_catalogue_collection{of}")
    _execute("DELETE FROM catalogue_collection")
    assert _problems() == [("row.missing", collection)]


def test_a_row_without_an_act_is_named(collection: str) -> None:
    from muniment_server.catalogue.models import Collection
    from muniment_server.custody import queries

    loose = Collection(title="x", number="COL-9", compartment_id=queries.open_compartment_id())
    loose.save()
    assert _problems() == [("row.unlogged", f"catalogue.collection/{loose.pk.hex}")]


def test_an_edited_leaf_is_named(collection: str) -> None:
    of = " ON custody_leaf" if connection.vendor == "postgresql" else ""
    _execute(f"DROP TRIGGER refuse_update_custody_leaf{of}")
    _execute("UPDATE custody_leaf SET kind = 'item.exported' WHERE \"index\" = 3")
    assert ("log.columns", "#3") in _problems()
