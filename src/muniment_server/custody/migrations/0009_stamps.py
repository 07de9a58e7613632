from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0008_closed_text"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stamp",
            fields=[
                ("path", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
    ]
