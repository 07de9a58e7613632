"""What of the log a reader may be told: acts on records outside their compartments are withheld.

- An act is withheld whole from a reader who may not know of every record that it is about or names:
  its kind, its agent, its reason and its disclosures. That it stands in the log is no secret.
- The end of a group is withheld where an entry of its group is.
- Nothing here decides who may read the log at all.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps

from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.models import Leaf, Root

if TYPE_CHECKING:
    from collections.abc import Iterable

    from muniment_server.custody.policies import Actor

_ID = re.compile(r"\b[0-9a-f]{32}\b")
_GROUP_END = "batch.closed"
_SOME = 400


def hidden_roots(by: Actor, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those ids that are records in compartments the actor is not cleared for."""
    asked = list(set(ids))
    found: set[UUID] = set()
    for model in _root_models():
        for start in range(0, len(asked), _SOME):
            rows = model._default_manager.filter(pk__in=asked[start : start + _SOME])
            found.update(rows.exclude(compartment__in=by.compartments).values_list("pk", flat=True))
    return frozenset(found)


def withheld_entries(by: Actor, leaves: Iterable[Leaf]) -> frozenset[int]:
    """Return the indexes of the entries whose acts the actor may not know of."""
    named = {leaf.index: _named(leaf) for leaf in leaves}
    hidden = hidden_roots(by, (one for ids in named.values() for one in ids))
    return frozenset(index for index, ids in named.items() if not hidden.isdisjoint(ids))


def _named(leaf: Leaf) -> frozenset[UUID]:
    ids = {leaf.obj} | _ids_in(leaf)
    if leaf.kind == _GROUP_END:
        for member in _members(leaf):
            ids |= {member.obj} | _ids_in(member)
    return frozenset(ids)


def _members(closing: Leaf) -> Iterable[Leaf]:
    before = Leaf.objects.filter(index__lt=closing.index).order_by("-index")
    for leaf in before.iterator(chunk_size=256):
        if leaf.kind == _GROUP_END or closing.obj.hex not in _opened(leaf):
            return
        yield leaf


def _ids_in(leaf: Leaf) -> set[UUID]:
    return {UUID(one) for one in _ID.findall(_opened(leaf))}


def _opened(leaf: Leaf) -> str:
    opened = (open_disclosure(text) for text in leaf.disclosures.split("\n"))
    return json.dumps([[one.name, one.value] for one in opened])


def _root_models() -> list[type[Root]]:
    return [model for model in apps.get_models() if issubclass(model, Root)]
