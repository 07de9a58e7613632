"""Which database a table lives in: the access record has one of its own (custody-log §1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import Model

_ACCESS = frozenset({("custody", "access"), ("custody", "accesshead")})


class AccessRouter:
    """Sends the access log to its own database, and nothing else there."""

    def db_for_read(self, model: type[Model], **_hints: object) -> str | None:
        """Name the database to read a model from."""
        return "access" if _is_access(model._meta.app_label, model._meta.model_name) else None

    def db_for_write(self, model: type[Model], **_hints: object) -> str | None:
        """Name the database to write a model to."""
        return "access" if _is_access(model._meta.app_label, model._meta.model_name) else None

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **_hints: object
    ) -> bool:
        """Keep each table in one database only."""
        return _is_access(app_label, model_name) == (db == "access")


def _is_access(app_label: str, model_name: str | None) -> bool:
    return (app_label, model_name) in _ACCESS
