"""Lists and single records, the same in every app: pages in log order, facets, one by number.

- A list pages by the last `seq` shown, which `rebuild` reproduces.
- A record that does not exist and one the reader may not know of are told apart by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from muniment.errors import NotFound
from muniment.evidence.folding import fold
from muniment_server.custody.models import Access, Root
from muniment_server.custody.queries.need_to_know import visible
from muniment_server.custody.queries.recording import note

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from muniment_server.custody.policies import Actor

R = TypeVar("R", bound=Root)

PAGE = 50
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list in log order, and where the next begins."""

    rows: list[Any]
    total: int
    after: int | None = None
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


def page_of(
    rows: QuerySet[Any],
    *,
    after: int = -1,
    limit: int = PAGE,
    facets: dict[str, list[tuple[str, int]]] | None = None,
) -> Page:
    """Return the rows after a place in the log, and the facets of all of them."""
    some = list(rows.order_by("seq").filter(seq__gt=after)[: limit + 1])
    more = some[limit - 1].seq if len(some) > limit else None
    return Page(some[:limit], rows.count(), more, facets or {})


def tally(rows: QuerySet[Any], column: str) -> list[tuple[str, int]]:
    """Return how many rows have each value of a column, the most frequent first."""
    counted = rows.order_by().values_list(column).annotate(n=Count("pk", distinct=True))
    return [(value, n) for value, n in counted.order_by("-n", column) if value]


def matching(rows: QuerySet[R], words: str, folded: str) -> QuerySet[R]:
    """Keep the rows whose folded column or number holds every word."""
    for word in fold(words).split():
        rows = rows.filter(Q(**{f"{folded}__contains": word}) | Q(number__contains=word.upper()))
    return rows


def by_key(key: str) -> Q:
    """Return the condition for a number such as M-00871, or for an id in hex."""
    plain = key.replace("-", "").lower()
    if len(plain) == 32 and _HEX.issuperset(plain):  # noqa: PLR2004 - 128 bits in hex
        return Q(pk=plain)
    return Q(number=key.upper())


def one(
    by: Actor,
    rows: QuerySet[R],
    key: str,
    what: str,
    kind: Access.Kind = Access.Kind.VIEWED,
) -> R:
    """Return one visible record by number or id, and record that it was seen.

    Raises `NotFound`, after recording the attempt.
    """
    found = visible(by, rows).filter(by_key(key)).first()
    if found is None:
        raise absent(by, what, key)
    note(by, kind, found)
    return found


def absent(by: Actor, what: str, key: str) -> NotFound:
    """Record an attempt to read what the actor may not know of, and return the error to raise."""
    note(by, Access.Kind.DENIED, None, detail=f"{what} {key}")
    return NotFound(
        _("there is no {what} {key}").format(what=what, key=key),
        code=f"{what}.not_found",
        hint=_("Check the number, and whether you are cleared for it."),
    )
