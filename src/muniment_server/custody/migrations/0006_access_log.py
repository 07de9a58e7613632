"""The access record becomes a log: leaves with a head, append-only but for what a rule removes."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import migrations, models

from muniment_server.database.append_only import Refuse

# What a rule removes is who and what; the leaf and its place stay (`Expiry`).
_MORE_THAN_EXPIRING = (
    'NEW."index" <> OLD."index" OR NEW.eid <> OLD.eid OR NEW.hash <> OLD.hash'
    " OR NEW.data <> OLD.data OR NEW.disclosures <> ''"
)


class Migration(migrations.Migration):
    """Make the tables of the access log, and of what its rule removed."""

    dependencies: ClassVar = [("custody", "0005_receipts")]
    operations: ClassVar = [
        migrations.DeleteModel("Access"),
        migrations.CreateModel(
            name="Access",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("eid", models.UUIDField(unique=True)),
                ("at", models.DateTimeField(null=True)),
                ("by", models.UUIDField(null=True)),
                ("via", models.CharField(blank=True, max_length=8)),
                ("session", models.CharField(blank=True, max_length=64)),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("viewed", "viewed"),
                            ("listed", "listed"),
                            ("searched", "searched"),
                            ("downloaded", "downloaded"),
                            ("uncovered", "uncovered a picture that may be graphic"),
                            ("denied", "denied"),
                            ("logged_in", "logged in"),
                            ("login_refused", "could not log in"),
                            ("flagged", "noticed unusually much reading by"),
                        ],
                        max_length=16,
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=64)),
                ("obj", models.UUIDField(null=True)),
                ("detail", models.TextField(blank=True)),
                ("subject", models.UUIDField(null=True)),
                ("n", models.IntegerField(null=True)),
                ("hash", models.BinaryField(max_length=32)),
                ("data", models.BinaryField(max_length=4096)),
                ("disclosures", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "access",
                "verbose_name_plural": "accesses",
                "indexes": [
                    models.Index(fields=["obj", "at"], name="access_by_subject"),
                    models.Index(fields=["by", "at"], name="access_by_reader"),
                    models.Index(fields=["at"], name="access_by_time"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "n"), name="one_access_per_step")
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessHead",
            fields=[
                ("log", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("origin", models.CharField(max_length=255)),
                ("size", models.BigIntegerField()),
                ("frontier", models.BinaryField()),
                ("t", models.DateTimeField(null=True)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Expiry",
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
                ("days", models.IntegerField()),
                ("before", models.DateTimeField()),
                ("ranges", models.JSONField()),
                ("count", models.IntegerField()),
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True)),
            ],
            options={
                "verbose_name": "expiry of readings",
                "verbose_name_plural": "expiries of readings",
            },
        ),
        Refuse("custody_access", "DELETE"),
        Refuse("custody_access", "UPDATE", condition=_MORE_THAN_EXPIRING),
        Refuse("custody_accesshead", "DELETE"),
        Refuse("custody_accesshead", "UPDATE", condition="NEW.size < OLD.size"),
        Refuse("custody_expiry", "DELETE"),
    ]
