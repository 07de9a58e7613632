"""Rows of the record are never deleted; the log's leaves are never changed either."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the tables refuse what no act does."""

    dependencies: ClassVar = [("accounts", "0001_initial")]
    operations: ClassVar = [
        Refuse("accounts_person", "DELETE"),
        Refuse("accounts_rolegrant", "DELETE"),
    ]
