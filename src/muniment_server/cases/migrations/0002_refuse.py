"""Rows of the record are never deleted; the log's leaves are never changed either."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the tables refuse what no act does."""

    dependencies: ClassVar = [("cases", "0001_initial")]
    operations: ClassVar = [
        Refuse("cases_situation", "DELETE"),
        Refuse("cases_case", "DELETE"),
        Refuse("cases_suspect", "DELETE"),
        Refuse("cases_charge", "DELETE"),
        Refuse("cases_chargeincident", "DELETE"),
        Refuse("cases_cell", "DELETE"),
        Refuse("cases_opinion", "DELETE"),
    ]
