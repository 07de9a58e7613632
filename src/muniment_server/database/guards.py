"""Migration steps for rules that ask other tables, on SQLite and PostgreSQL alike.

`append_only.Refuse` knows the row alone; a guard may ask any table before a row is let through, and
`Lift` takes a rule of `Refuse` away where a guard follows in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db.migrations.operations.base import Operation

from muniment_server.database.append_only import Refuse

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

_SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN ({refused})
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
BEGIN IF ({refused}) THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END
$$ LANGUAGE plpgsql
"""
_POSTGRES = "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"


class Guard(Operation):
    """Refuse an insert or an update for which a condition over NEW, OLD and other tables holds."""

    reduces_to_sql: ClassVar[bool] = True
    reversible: ClassVar[bool] = True

    def __init__(self, name: str, table: str, event: str, *, refused: str, message: str) -> None:
        """Name the trigger, its table, `INSERT` or `UPDATE`, when to refuse, and what to say."""
        self.name = name
        self.table = table
        self.event = event
        self.refused = refused
        self.message = message

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        """Give Django what it needs to write the operation down."""
        said = {"refused": self.refused, "message": self.message}
        return type(self).__qualname__, [self.name, self.table, self.event], said

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change no model."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make the trigger, where the table is in this database."""
        if not self._here(schema_editor):
            return
        postgres = schema_editor.connection.vendor == "postgresql"
        for statement in (_FUNCTION, _POSTGRES) if postgres else (_SQLITE,):
            filled = statement.format(
                name=self.name,
                event=self.event,
                table=self.table,
                refused=self.refused,
                message=self.message,
            )
            schema_editor.execute(filled, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the trigger again."""
        if not self._here(schema_editor):
            return
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {self.name} ON {self.table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {self.name}()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {self.name}", params=None)

    def describe(self) -> str:
        """Say what the step does."""
        return f"Guard {self.event} on {self.table}: {self.message}"

    def _here(self, schema_editor: BaseDatabaseSchemaEditor) -> bool:
        return self.table in schema_editor.connection.introspection.table_names()


class _TakenAway(Operation):
    """Stands before an operation and turns it round: forwards is backwards."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the triggers."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Make them again."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what the step does."""
        return f"Take away: {super().describe()}"


class Unguard(_TakenAway, Guard):
    """Take away what `Guard` with the same arguments made."""


class Lift(_TakenAway, Refuse):
    """Take away what `Refuse` with the same arguments made."""
