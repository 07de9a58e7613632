"""What a legal hold covers, for whatever removes things in this app.

- A hold is a relation: its model is called `hold`, and its ends are what it covers. The app that
  decides on holds lies above this one, so its table is found by that name, as records are.
- A hold covers readings of its record, and of or by a person whom it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps

from muniment_server.custody.models import Relation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

HOLD = "hold"
_SOME = 400


def held(ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those ids that a standing legal hold covers."""
    wanted = sorted(set(ids))
    found: set[UUID] = set()
    for model in apps.get_models():
        if not issubclass(model, Relation) or model._meta.model_name != HOLD:
            continue
        standing = model._default_manager.filter(ended__isnull=True)
        for end in model.ends:
            for start in range(0, len(wanted), _SOME):
                rows = standing.filter(**{f"{end}__in": wanted[start : start + _SOME]})
                found.update(rows.values_list(end, flat=True))
    return frozenset(found)
