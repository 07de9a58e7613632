from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0006_access_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "boot",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("wall", models.DateTimeField()),
                ("up", models.BigIntegerField()),
                ("behind", models.BooleanField(default=False)),
            ],
        ),
    ]
