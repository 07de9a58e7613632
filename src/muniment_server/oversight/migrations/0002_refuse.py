"""What a legal hold forbids, and the one change that leaves of the log allow.

- A leaf may lose disclosures where an act withdrew its entry (custody-log §6), and nothing else.
- No entry is withdrawn, and no row of an item loses what it says, while a hold stands on the item.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from muniment_server.database.append_only import Refuse
from muniment_server.database.guards import Guard, Lift

_KEPT = ("index", "eid", "obj", "n", "kind", "by", "t", "hash", "data")
_SAME = " AND ".join(f'NEW."{name}" = OLD."{name}"' for name in _KEPT)
_WITHDRAWN = 'EXISTS (SELECT 1 FROM oversight_withdrawn w WHERE w."index" = OLD."index")'
_LESS = "length(NEW.disclosures) <= length(OLD.disclosures) AND length(NEW.disclosures) > 0"
_HELD = "EXISTS (SELECT 1 FROM oversight_hold h WHERE h.ended IS NULL AND h.item_id = {item})"
_LEAF_HELD = (
    "EXISTS (SELECT 1 FROM oversight_hold h JOIN custody_leaf l ON l.obj = h.item_id"
    ' WHERE h.ended IS NULL AND l."index" = NEW."index")'
)
_MESSAGE = "a legal hold stands on this item"


class Migration(migrations.Migration):
    """Make the tables refuse what no act does, and what a hold forbids."""

    dependencies: ClassVar = [
        ("custody", "0002_refuse"),
        ("catalogue", "0003_taking_out"),
        ("oversight", "0001_initial"),
    ]
    operations: ClassVar = [
        Lift("custody_leaf", "UPDATE"),
        Guard(
            "refuse_update_custody_leaf",
            "custody_leaf",
            "UPDATE",
            refused=f"NOT ({_SAME} AND {_LESS} AND {_WITHDRAWN})",
            message="custody_leaf refuses UPDATE: the record is append-only",
        ),
        Guard(
            "hold_withdrawn",
            "oversight_withdrawn",
            "INSERT",
            refused=f"{_LEAF_HELD} OR {_HELD.format(item='NEW.item')}",
            message=_MESSAGE,
        ),
        Guard(
            "hold_item",
            "catalogue_item",
            "UPDATE",
            refused="NEW.ended IS NOT NULL AND OLD.ended IS NULL AND "
            + _HELD.format(item="OLD.id"),
            message=_MESSAGE,
        ),
        Guard(
            "hold_part",
            "catalogue_part",
            "UPDATE",
            refused="NEW.sha256 <> OLD.sha256 AND " + _HELD.format(item="OLD.item_id"),
            message=_MESSAGE,
        ),
        Refuse("oversight_withdrawn", "UPDATE", "DELETE"),
        Refuse("oversight_hold", "DELETE"),
        Refuse("oversight_approvalrequest", "DELETE"),
        Refuse("oversight_existence", "DELETE"),
    ]
