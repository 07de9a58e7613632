"""Rows of the record are never deleted; the log's leaves are never changed either."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the tables refuse what no act does."""

    dependencies: ClassVar = [("custody", "0001_initial")]
    operations: ClassVar = [
        Refuse("custody_leaf", "UPDATE", "DELETE"),
        Refuse("custody_head", "DELETE"),
        Refuse("custody_head", "UPDATE", condition="NEW.size < OLD.size"),
        Refuse("custody_access", "UPDATE", "DELETE"),
        Refuse("custody_compartment", "DELETE"),
        Refuse("custody_agent", "DELETE"),
        Refuse("custody_clearance", "DELETE"),
        Refuse("custody_batch", "DELETE"),
    ]
