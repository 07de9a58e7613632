"""Every read of persons and units, filtered by need to know, leaving the access record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
from muniment_server.custody.queries import PAGE, Page
from muniment_server.entities.models import Person, PersonName, Posting, Subordination, Unit

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


def persons(by: Actor, *, words: str = "", after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of persons, in log order."""
    custody.note_list(by, Person, detail=words)
    rows = custody.matching(custody.visible(by, Person.objects.all()), words, "name_folded")
    return custody.page_of(rows, after=after, limit=limit)


def person(by: Actor, number: str) -> Person:
    """Return one person by number; raises `NotFound`."""
    return custody.one(by, Person.objects.all(), number, "person")


def names_of(found: Person) -> list[PersonName]:
    """Return a person's further names."""
    return list(found.names.filter(ended__isnull=True).order_by("text"))


def units(
    by: Actor, *, words: str = "", kind: str = "", after: int = -1, limit: int = PAGE
) -> Page:
    """Return a page of units, in log order."""
    custody.note_list(by, Unit, detail=words)
    rows = custody.matching(custody.visible(by, Unit.objects.all()), words, "name_folded")
    if kind:
        rows = rows.filter(kind=kind)
    facets = {"kind": custody.tally(rows, "kind")}
    return custody.page_of(rows, after=after, limit=limit, facets=facets)


def unit(by: Actor, number: str) -> Unit:
    """Return one unit by number; raises `NotFound`."""
    return custody.one(by, Unit.objects.all(), number, "unit")


def postings_of_person(by: Actor, found: Person) -> list[Posting]:
    """Return a person's posts in units the actor may know of."""
    return list(_postings(by).filter(person=found))


def postings_of_unit(by: Actor, found: Unit, on: datetime.date | None = None) -> list[Posting]:
    """Return who held posts in a unit, all or those who may have held one on a day.

    An open end does not exclude: what is not known stays possible.
    """
    rows = _postings(by).filter(unit=found)
    if on is not None:
        rows = rows.filter(
            Q(held_from__isnull=True) | Q(held_from__lte=on),
            Q(held_to__isnull=True) | Q(held_to__gte=on),
        )
    return list(rows)


def superiors_of(by: Actor, found: Unit) -> list[Subordination]:
    """Return the units a unit stood under."""
    rows = custody.visible_through(by, Subordination.objects.filter(unit=found), "unit", "superior")
    return list(rows.select_related("superior").order_by("held_from", "seq"))


def subordinates_of(by: Actor, found: Unit) -> list[Subordination]:
    """Return the units that stood under a unit."""
    rows = custody.visible_through(
        by, Subordination.objects.filter(superior=found), "unit", "superior"
    )
    return list(rows.select_related("unit").order_by("held_from", "seq"))


def _postings(by: Actor) -> QuerySet[Posting]:
    rows = custody.visible_through(by, Posting.objects.all(), "person", "unit")
    return rows.select_related("person", "unit").order_by("held_from", "seq")


def latest_posts(by: Actor, rows: Iterable[Person]) -> dict[UUID, str]:
    """Return the latest known post of each person, in words, in units the actor may know of."""
    posts = _postings(by).filter(person__in=list(rows))
    return {one.person_id: f"{one.title}, {one.unit.name}" for one in posts}


def cited(by: Actor, rows: Iterable[Any]) -> dict[str, Item]:
    """Return the items that rows cite and the actor may know of, by id in hex."""
    named = {str(row.citation.get("item", "")) for row in rows} - {""}
    found = catalogue.visible_items(by).filter(pk__in=[UUID(key) for key in named])
    return {item.pk.hex: item for item in found}


def citation(by: Actor, item: str, place: str = "") -> dict[str, str]:
    """Return a citation of an item by number, empty without one; raises `NotFound`."""
    return {"item": catalogue.item(by, item).pk.hex, "place": place} if item else {}
