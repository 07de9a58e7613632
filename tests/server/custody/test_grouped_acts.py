"""Many subjects in one transaction: batch leaves, roots, and the promise of more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment.custody.merkle import root_of
from muniment.evidence.disclosure import open_disclosure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment_server.catalogue.services import Arrival
    from muniment_server.custody.policies import Actor


def _arrivals(start: int, count: int) -> list[Arrival]:
    from muniment_server.catalogue.services import Arrival

    return [Arrival(b"f%d.txt" % n, f"{n:064x}", n) for n in range(start, start + count)]


def _group(disclosures: str, name: str) -> dict[str, Any]:
    for text in disclosures.split("\n"):
        opened = open_disclosure(text)
        if opened.name == name and isinstance(opened.value, dict):
            return dict(opened.value)
    return {}


def test_each_group_ends_in_a_leaf_that_covers_its_members(machine: Actor) -> None:
    from muniment_server.catalogue.services import receive
    from muniment_server.custody import queries

    groups = list(receive(machine, [_arrivals(0, 3), _arrivals(3, 2)], source="s", reason="why"))

    assert [len(group.members) for group in groups] == [3, 2]
    batch = groups[0].batch
    closings = queries.chain_of(batch.pk)
    assert [leaf.kind for leaf in closings] == ["batch.closed"] * 2
    for group, leaf in zip(groups, closings, strict=True):
        assert group.closing is not None
        assert leaf.index == group.closing.index == group.entries[-1].index + 1
        told = _group(leaf.disclosures, "reason")
        assert told["root"] == root_of([entry.hash for entry in group.entries]).hex()
        assert (told["count"], told["reason"]) == (len(group.members), "why")
    assert [_group(leaf.disclosures, "reason")["more"] for leaf in closings] == [True, False]
    member = queries.chain_of(groups[0].members[0].root.pk)[0]
    assert _group(member.disclosures, "handling")["batch"] == batch.pk.hex


def test_bytes_held_under_the_same_source_make_no_second_item(machine: Actor) -> None:
    from muniment_server.catalogue.services import receive
    from muniment_server.custody import queries

    list(receive(machine, [_arrivals(0, 2)], source="a"))
    size = queries.custody_head().size
    (again,) = receive(machine, [_arrivals(0, 2)], source="a")
    assert (again.members, again.closing) == ([], None)
    assert queries.custody_head().size == size
    (other,) = receive(machine, [_arrivals(0, 2)], source="b")
    assert len(other.members) == 2


def test_a_promise_of_more_is_closed_even_if_nothing_more_was_new(machine: Actor) -> None:
    from muniment_server.catalogue.services import receive
    from muniment_server.custody import queries

    same = _arrivals(0, 2)
    first, second = receive(machine, [same, same], source="a")
    assert len(first.members) == 2
    assert second.members == []
    closings = [_group(leaf.disclosures, "reason") for leaf in queries.chain_of(first.batch.pk)]
    assert [(one["count"], one["more"]) for one in closings] == [(2, True), (0, False)]


def test_groups_are_taken_lazily_and_committed_one_by_one(machine: Actor) -> None:
    from muniment_server.catalogue.models import Item
    from muniment_server.catalogue.services import receive

    def inputs() -> Iterator[list[Arrival]]:
        for start in range(0, 30, 10):
            yield _arrivals(start, 10)

    run = receive(machine, inputs(), source="a")
    next(run)
    assert Item.objects.count() == 10
    run.close()
    assert Item.objects.count() == 10


def test_numbers_and_places_follow_the_order_of_arrival(machine: Actor) -> None:
    from muniment_server.catalogue.models import Item
    from muniment_server.catalogue.services import receive

    list(receive(machine, [_arrivals(0, 4)], source="a"))
    rows = list(Item.objects.order_by("seq").values_list("number", "seq"))
    assert [number for number, _seq in rows] == ["M-00001", "M-00002", "M-00003", "M-00004"]
    assert [seq for _number, seq in rows] == [3, 4, 5, 6]
