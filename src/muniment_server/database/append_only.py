"""A migration step that makes tables refuse changes, on SQLite and PostgreSQL alike.

- The application never tries; the triggers are for its mistakes and for other programs.
- Whoever owns the database can drop a trigger. That is why the log's heads are signed and kept
  outside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db.migrations.operations.base import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION muniment_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$ LANGUAGE plpgsql
"""
_POSTGRES = """
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} {condition}
EXECUTE FUNCTION muniment_refuse('{message}')
"""


class Refuse(Operation):
    """Refuse events on a table, or only those rows for which a condition holds."""

    reduces_to_sql: ClassVar[bool] = True
    reversible: ClassVar[bool] = True

    def __init__(self, table: str, *events: str, condition: str = "") -> None:
        """Name the table, the events (`UPDATE`, `DELETE`) and a condition over OLD and NEW."""
        self.table = table
        self.events = events
        self.condition = condition

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Give Django what it needs to write the operation down."""
        named = {"condition": self.condition} if self.condition else {}
        return type(self).__qualname__, [self.table, *self.events], named

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the triggers, where the table is in this database."""
        if self._here(schema_editor):
            for statement in self._statements(schema_editor.connection.vendor):
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the triggers again."""
        if not self._here(schema_editor):
            return
        of_table = f" ON {self.table}" if schema_editor.connection.vendor == "postgresql" else ""
        for name, _event in self._names():
            schema_editor.execute(f"DROP TRIGGER {name}{of_table}", params=None)

    def describe(self) -> str:
        """Say what the step does."""
        return f"Refuse {' and '.join(self.events)} on {self.table}"

    def _here(self, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        return self.table in schema_editor.connection.introspection.table_names()

    def _names(self) -> Iterator[tuple[str, str]]:
        for event in self.events:
            yield f"refuse_{event.lower()}_{self.table}", event

    def _statements(self, vendor: str) -> Iterator[str]:
        condition = f"WHEN ({self.condition})" if self.condition else ""
        if vendor == "postgresql":
            yield _FUNCTION
        for name, event in self._names():
            message = f"{self.table} refuses {event}: the record is append-only"
            if vendor == "postgresql":
                yield _POSTGRES.format(
                    name=name,
                    event=event,
                    table=self.table,
                    each="ROW",
                    condition=condition,
                    message=message,
                )
            else:
                yield _SQLITE.format(
                    name=name, event=event, table=self.table, condition=condition, message=message
                )
        if vendor == "postgresql" and "DELETE" in self.events:
            yield _POSTGRES.format(
                name=f"refuse_truncate_{self.table}",
                event="TRUNCATE",
                table=self.table,
                each="STATEMENT",
                condition="",
                message=f"{self.table} refuses TRUNCATE: the record is append-only",
            )
