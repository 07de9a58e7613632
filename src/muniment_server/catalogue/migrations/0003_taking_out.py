from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0002_refuse"),
    ]

    operations = [
        migrations.AddField(
            model_name="item",
            name="barred",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="put aside unopened"
            ),
        ),
        migrations.AddField(
            model_name="item",
            name="sealed",
            field=models.DateTimeField(editable=False, null=True, verbose_name="sealed"),
        ),
    ]
