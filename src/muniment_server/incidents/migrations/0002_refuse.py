"""Rows of the record are never deleted; the log's leaves are never changed either."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the tables refuse what no act does."""

    dependencies: ClassVar = [("incidents", "0001_initial")]
    operations: ClassVar = [
        Refuse("incidents_source", "DELETE"),
        Refuse("incidents_incident", "DELETE"),
        Refuse("incidents_incidentitem", "DELETE"),
        Refuse("incidents_claim", "DELETE"),
        Refuse("incidents_assessment", "DELETE"),
        Refuse("incidents_classification", "DELETE"),
        Refuse("incidents_elementsupport", "DELETE"),
    ]
