"""Entries of the log may also be sealed where they stood in clear; a legal hold lets that pass."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

from muniment_server.database.guards import Guard, Unguard

_KEPT = ("index", "eid", "obj", "n", "kind", "by", "t", "hash", "data")
_SAME = " AND ".join(f'NEW."{name}" = OLD."{name}"' for name in _KEPT)
_WITHDRAWN = 'EXISTS (SELECT 1 FROM oversight_withdrawn w WHERE w."index" = OLD."index"{more})'
_LESS = "length(NEW.disclosures) <= length(OLD.disclosures) AND length(NEW.disclosures) > 0"
_HELD = "EXISTS (SELECT 1 FROM oversight_hold h WHERE h.ended IS NULL AND h.item_id = NEW.item)"
_LEAF_HELD = (
    "EXISTS (SELECT 1 FROM oversight_hold h JOIN custody_leaf l ON l.obj = h.item_id"
    ' WHERE h.ended IS NULL AND l."index" = NEW."index")'
)
_LEAF = ("refuse_update_custody_leaf", "custody_leaf", "UPDATE")
_APPEND_ONLY = "custody_leaf refuses UPDATE: the record is append-only"
_ENTRY = ("hold_withdrawn", "oversight_withdrawn", "INSERT")
_HOLD = "a legal hold stands on this item"


class Migration(migrations.Migration):
    """Tell what is destroyed from what is sealed."""

    dependencies: ClassVar = [("oversight", "0002_refuse")]
    operations: ClassVar = [
        migrations.AddField("draft", "stored_sha256", models.CharField(max_length=64, null=True)),
        migrations.AddField("withdrawn", "sealed", models.BooleanField(null=True)),
        Unguard(
            *_LEAF,
            refused=f"NOT ({_SAME} AND {_LESS} AND {_WITHDRAWN.format(more='')})",
            message=_APPEND_ONLY,
        ),
        Guard(
            *_LEAF,
            refused=f"NOT ({_SAME} AND (({_LESS} AND {_WITHDRAWN.format(more='')}) OR "
            + _WITHDRAWN.format(more=" AND w.sealed IS NOT NULL")
            + "))",
            message=_APPEND_ONLY,
        ),
        Unguard(*_ENTRY, refused=f"{_LEAF_HELD} OR {_HELD}", message=_HOLD),
        Guard(
            *_ENTRY,
            refused=f"NEW.sealed IS NULL AND ({_LEAF_HELD} OR {_HELD})",
            message=_HOLD,
        ),
    ]
