"""A held part may be sealed where it stood in clear, which changes how its digest is written."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.guards import Guard, Unguard

_HELD = "EXISTS (SELECT 1 FROM oversight_hold h WHERE h.ended IS NULL AND h.item_id = OLD.item_id)"
_GONE = "((NEW.sha256 = '' AND OLD.sha256 <> '') OR (NEW.ended IS NOT NULL AND OLD.ended IS NULL))"
_PART = ("hold_part", "catalogue_part", "UPDATE")
_HOLD = "a legal hold stands on this item"


class Migration(migrations.Migration):
    """Refuse what takes a held part away, and nothing else."""

    dependencies: ClassVar = [("oversight", "0004_closed_text")]
    operations: ClassVar = [
        Unguard(*_PART, refused=f"NEW.sha256 <> OLD.sha256 AND {_HELD}", message=_HOLD),
        Guard(*_PART, refused=f"{_GONE} AND {_HELD}", message=_HOLD),
    ]
