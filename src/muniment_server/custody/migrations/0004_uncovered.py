from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("custody", "0003_jobs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="access",
            name="kind",
            field=models.CharField(
                choices=[
                    ("viewed", "viewed"),
                    ("listed", "listed"),
                    ("searched", "searched"),
                    ("downloaded", "downloaded"),
                    ("uncovered", "uncovered a picture that may be graphic"),
                    ("denied", "denied"),
                ],
                max_length=16,
            ),
        ),
    ]
