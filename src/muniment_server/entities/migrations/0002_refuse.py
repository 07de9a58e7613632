"""Rows of the record are never deleted; the log's leaves are never changed either."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the tables refuse what no act does."""

    dependencies: ClassVar = [("entities", "0001_initial")]
    operations: ClassVar = [
        Refuse("entities_person", "DELETE"),
        Refuse("entities_personname", "DELETE"),
        Refuse("entities_unit", "DELETE"),
        Refuse("entities_posting", "DELETE"),
        Refuse("entities_subordination", "DELETE"),
    ]
