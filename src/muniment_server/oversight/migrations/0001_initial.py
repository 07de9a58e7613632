from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalogue", "0003_taking_out"),
        ("custody", "0002_refuse"),
    ]

    operations = [
        migrations.CreateModel(
            name="Withdrawn",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                ("item", models.UUIDField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="ApprovalRequest",
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
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("item.restricted", "restrict: move it into a narrower compartment"),
                            ("item.sealed", "seal: leave its key to the escrow alone"),
                            ("item.unsealed", "unseal: take its key out of escrow"),
                            (
                                "item.redacted",
                                "redact: add a rendition without some of the content",
                            ),
                            ("item.shredded", "shred: destroy keys, salts, rows and bytes"),
                            ("item.destroyed", "report and destroy: it may not be held at all"),
                            ("hold.released", "release a legal hold"),
                        ],
                        max_length=32,
                        verbose_name="act",
                    ),
                ),
                ("authority", models.CharField(max_length=300, verbose_name="authority")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "binds",
                    models.CharField(max_length=64, verbose_name="digest of what was asked about"),
                ),
                ("asked", models.DateTimeField(verbose_name="asked")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("asked", "waits for a second person"),
                            ("given", "approved and done"),
                            ("refused", "refused"),
                        ],
                        default="asked",
                        max_length=16,
                        verbose_name="stage",
                    ),
                ),
                ("answered", models.DateTimeField(null=True, verbose_name="answered")),
                ("answer", models.TextField(blank=True, default="", verbose_name="answer")),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.agent",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.agent",
                    ),
                ),
                (
                    "compartment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.compartment",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="catalogue.item",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for approval",
                "verbose_name_plural": "requests for approval",
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.UUIDField()),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("media_type", models.CharField(max_length=100)),
                ("removed", models.TextField()),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="draft",
                        to="oversight.approvalrequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.UUIDField(db_index=True)),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("item", "sha256"), name="one_erasure_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
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
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True)),
                ("authority", models.CharField(max_length=300, verbose_name="authority")),
                ("reason", models.TextField(verbose_name="reason")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.agent",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="catalogue.item",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
            },
        ),
        migrations.AddField(
            model_name="approvalrequest",
            name="hold",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="oversight.hold",
            ),
        ),
        migrations.CreateModel(
            name="Existence",
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
                ("seq", models.BigIntegerField(editable=False, null=True, unique=True)),
                ("reason", models.TextField(verbose_name="reason")),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="custody.agent",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told",
                        to="catalogue.item",
                    ),
                ),
            ],
            options={
                "verbose_name": "record known to exist",
                "verbose_name_plural": "records known to exist",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended__isnull", True)),
                        fields=("item",),
                        name="existence_told_once",
                    )
                ],
            },
        ),
    ]
