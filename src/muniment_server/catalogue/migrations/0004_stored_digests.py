"""Where parts and renditions are sealed, they are stored under another digest than their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import migrations, models

if TYPE_CHECKING:
    from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    """Add the digest of the stored bytes."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("catalogue", "0003_taking_out")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField("part", "stored_sha256", models.CharField(max_length=64, null=True)),
        migrations.AddField(
            "rendition", "stored_sha256", models.CharField(max_length=64, null=True)
        ),
    ]
