from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0004_uncovered"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.UUIDField()),
                ("key", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("begun", models.DateTimeField(db_index=True)),
                ("start", models.BigIntegerField()),
                ("answer", models.BinaryField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("by", "key"), name="one_receipt_for_a_key")
                ],
            },
        ),
    ]
