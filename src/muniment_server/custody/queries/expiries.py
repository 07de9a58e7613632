"""Which entries of the access log lost their details by rule, as the acts of the rule name them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment_server.custody.models import Expiry

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ascending ranges of indexes, both ends included, none touching the next."""

    parts: tuple[tuple[int, int], ...]

    def __contains__(self, index: int) -> bool:
        """Say whether an index lies in one of them."""
        place = bisect_right(self.parts, index, key=lambda part: part[0]) - 1
        return place >= 0 and index <= self.parts[place][1]

    def __len__(self) -> int:
        """Return how many indexes there are."""
        return sum(last - first + 1 for first, last in self.parts)


def ranges_of(indexes: list[int]) -> list[list[int]]:
    """Return ascending indexes as ranges, as an `Expiry` keeps them."""
    found: list[list[int]] = []
    for index in indexes:
        if found and found[-1][1] == index - 1:
            found[-1][1] = index
        else:
            found.append([index, index])
    return found


def expiries() -> QuerySet[Expiry]:
    """Return every act of the rule, oldest first."""
    return Expiry.objects.filter(ended__isnull=True).order_by("seq")


def expired() -> Ranges:
    """Return all entries that the rule's acts name."""
    parts = sorted(
        (first, last)
        for ranges in expiries().values_list("ranges", flat=True)
        for first, last in ranges
    )
    merged: list[tuple[int, int]] = []
    for first, last in parts:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return Ranges(tuple(merged))
