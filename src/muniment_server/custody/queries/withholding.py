"""What of the log a reader may be told: acts on records outside their compartments are withheld.

- An act is withheld whole from a reader who may not know of every record that it is about or names:
  it stands in no history, no list and no page, as if it were not there (decision 0011). Only the
  size of the log, which every head publishes, and gaps between places in it can be noticed.
- The end of a group is withheld where an entry of its group is.
- Nothing here decides who may read the log at all.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _

from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.models import Leaf, Root
from muniment_server.custody.queries.need_to_know import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from muniment_server.custody.policies import Actor

_ID = re.compile(r"\b[0-9a-f]{32}\b")
_GROUP_END = "batch.closed"
_SOME = 400


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that somebody acted on or looked at: its model's label, and its number."""

    model: str
    number: str


def hidden_roots(by: Actor, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those ids that are records in compartments the actor is not cleared for."""
    asked = set(ids)
    found: set[UUID] = set()
    for model in _root_models():
        for some in _groups(asked):
            rows = model._default_manager.filter(pk__in=some)
            found.update(rows.exclude(compartment__in=by.compartments).values_list("pk", flat=True))
    return frozenset(found)


def withheld_entries(by: Actor, leaves: Iterable[Leaf]) -> frozenset[int]:
    """Return the indexes of the entries whose acts the actor may not know of."""
    named = {leaf.index: _named(leaf) for leaf in leaves}
    hidden = hidden_roots(by, (one for ids in named.values() for one in ids))
    return frozenset(index for index, ids in named.items() if not hidden.isdisjoint(ids))


def unknown_subjects(by: Actor, ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return those ids that are subjects the actor may not know of.

    A subject that names another from its first act on, such as a relation or a claim, is as hidden
    as what it names.
    """
    asked = set(ids)
    found = set(hidden_roots(by, asked))
    first = [
        leaf
        for some in _groups(asked - found)
        for leaf in Leaf.objects.filter(obj__in=some, n=0).order_by("index")
    ]
    withheld = withheld_entries(by, first)
    return frozenset(found | {leaf.obj for leaf in first if leaf.index in withheld})


def subjects(by: Actor, ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Return the kind and number of those ids that are standing records the actor may know of."""
    asked = set(ids)
    asked -= unknown_subjects(by, asked)
    return {
        pk: Subject(model._meta.label_lower, number)
        for model in _root_models()
        for some in _groups(asked)
        for pk, number in visible(by, model._default_manager.filter(pk__in=some)).values_list(
            "pk", "number"
        )
    }


def kind_words(model: str) -> str:
    """Return what records of a model are called, such as "items"; empty for no model."""
    if model == Leaf._meta.label_lower:
        return _("acts of the log")
    return str(apps.get_model(model)._meta.verbose_name_plural) if model else ""


def _groups(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    asked = list(ids)
    return (asked[start : start + _SOME] for start in range(0, len(asked), _SOME))


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
