"""Who leads a case: a recorded row of its own."""

from __future__ import annotations

import uuid
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from muniment_server.database.append_only import Refuse


class Migration(migrations.Migration):
    """Make the table of leads, whose rows are never deleted."""

    dependencies: ClassVar = [("cases", "0002_refuse"), ("custody", "0006_access_log")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "ended",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="ended"
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.agent",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="cases.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "lead of a case",
                "verbose_name_plural": "leads of cases",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended__isnull", True)),
                        fields=("case",),
                        name="one_lead_of_a_case",
                    )
                ],
            },
        ),
        Refuse("cases_lead", "DELETE"),
    ]
