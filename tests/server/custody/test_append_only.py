"""The database itself refuses what no act does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.utils import DatabaseError

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor

_FORBIDDEN = (
    "UPDATE custody_leaf SET kind = 'x'",
    "DELETE FROM custody_leaf",
    "DELETE FROM custody_head",
    "UPDATE custody_head SET size = 0",
    "DELETE FROM catalogue_collection",
    "DELETE FROM custody_agent",
)


@pytest.mark.parametrize("statement", _FORBIDDEN)
def test_the_record_refuses(statement: str, machine: Actor) -> None:
    from muniment_server.catalogue import services

    services.make_collection(machine, title="Kept")
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_recorded_table_refuses_deletion(machine: Actor) -> None:
    from muniment_server.custody.ledger.state import recorded_models

    triggers = _triggers()
    for model in recorded_models():
        assert f"refuse_delete_{model._meta.db_table}" in triggers, model


def test_every_table_says_where_its_rows_come_back_from() -> None:
    from django.apps import apps

    from muniment_server.custody.models import Keeping

    for model in apps.get_models():
        if model.__module__.startswith("muniment_server"):
            assert isinstance(getattr(model, "keeping", None), Keeping), model
        else:
            assert model.__module__.split(".")[0] in {"django", "allauth", "django_tasks_db"}


def _triggers() -> set[str]:
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return {name for (name,) in cursor.fetchall()}
