"""Items and collections: what is received, described, kept together, and handed out."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from muniment.errors import InvalidInput, NotFound
from tests.server.refusals import denials, entries, not_permitted, refused, unseen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment_server.catalogue.models import Collection, Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


@pytest.fixture
def deposit(machine: Actor, tmp_path: Path) -> Callable[..., list[object]]:
    """Deposit one file of given bytes and name, and return the outcome."""
    from muniment.capture.file import capture_file
    from muniment_server.catalogue import services

    def make(data: bytes, name: bytes, source: str = "", by: Actor = machine) -> list[object]:
        folder = os.path.join(os.fsencode(tmp_path), b"to-deposit")  # noqa: PTH118 - names are bytes
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - as above
        path = os.path.join(folder, name)  # noqa: PTH118 - as above
        with open(path, "wb") as file:  # noqa: PTH123 - as above
            file.write(data)
        said = services.Provenance(source, "T. Hryts", reason="handed over")
        with closing(services.receive_files(by, [capture_file(path)], said)) as groups:
            return [one for group in groups for one in group]

    return make


def kinds(record: Root) -> list[str]:
    from muniment_server.custody import queries

    return [leaf.kind for leaf in queries.chain_of(record.pk)]


def test_a_file_becomes_an_item_of_one_part(
    machine: Actor, deposit: Callable[..., list[object]]
) -> None:
    from muniment_server.catalogue import queries, services

    (taken,) = deposit(b"SPECIMEN", b"film.mp4", "a neighbour")
    assert isinstance(taken, services.Received)
    assert not taken.already_held
    item = queries.item(machine, taken.item.number)
    (part,) = queries.parts_of(item)
    assert (part.sha256, part.size) == (hashlib.sha256(b"SPECIMEN").hexdigest(), 8)
    assert (item.title, item.source, item.collected_by) == ("film.mp4", "a neighbour", "T. Hryts")
    assert item.media_type == part.media_type == "video/mp4"
    assert item.graphic
    assert kinds(item) == ["item.received"]
    found, stream = queries.open_part(machine, item.number, "1")
    with stream:
        assert (found.pk, stream.read()) == (part.pk, b"SPECIMEN")


def test_the_same_bytes_of_one_source_are_one_item(
    machine: Actor, deposit: Callable[..., list[object]]
) -> None:
    from muniment_server.catalogue import queries, services

    first, again, elsewhere = (
        deposit(b"SPECIMEN", name, source)[0]
        for name, source in ((b"a", "one"), (b"b", "one"), (b"c", "two"))
    )
    assert isinstance(first, services.Received)
    assert isinstance(again, services.Received)
    assert isinstance(elsewhere, services.Received)
    assert (again.item.pk, again.already_held) == (first.item.pk, True)
    assert elsewhere.item.pk != first.item.pk
    assert [one.number for one in queries.same_bytes(machine, first.item)] == [
        elsewhere.item.number
    ]


def test_bytes_held_where_one_may_not_look_are_received_anew(
    deposit: Callable[..., list[object]], close: Callable[[Root], None]
) -> None:
    from muniment_server.catalogue import services

    (first,) = deposit(b"SPECIMEN", b"a", "one")
    assert isinstance(first, services.Received)
    close(first.item)
    (second,) = deposit(b"SPECIMEN", b"a", "one")
    assert isinstance(second, services.Received)
    assert not second.already_held
    assert second.item.pk != first.item.pk


def test_a_name_that_is_no_text_is_kept_as_bytes(
    machine: Actor, deposit: Callable[..., list[object]]
) -> None:
    from muniment_server.catalogue import queries, services

    (taken,) = deposit(b"SPECIMEN", b"\xff\xfe.jpg")
    assert isinstance(taken, services.Received)
    (part,) = queries.parts_of(queries.item(machine, taken.item.number))
    assert bytes(part.raw_name) == b"\xff\xfe.jpg"
    assert part.name == taken.item.title == r"\xff\xfe.jpg"


def test_uploads_are_counted_and_each_refusal_told(machine: Actor, tmp_path: Path) -> None:
    from muniment_server.catalogue import queries, services

    (tmp_path / "upload").write_bytes(b"SPECIMEN")
    taken, refusals = services.receive_uploads(
        machine,
        [(b"as sent.txt", str(tmp_path / "upload")), (b"gone", str(tmp_path / "gone"))],
        services.Provenance("tests"),
    )
    assert taken == 1
    assert len(refusals) == 1
    (item,) = queries.items(machine, queries.ItemFilter()).rows
    assert item.title == "as sent.txt"


def test_who_only_reads_changes_nothing(
    machine: Actor,
    person: Callable[..., Actor],
    items: Callable[..., list[Item]],
    tmp_path: Path,
) -> None:
    from muniment_server.catalogue import services

    (item,) = items("film")
    collection = services.make_collection(machine, title="Films")
    (tmp_path / "upload").write_bytes(b"SPECIMEN other")
    for role in ("administrator", "reader", "auditor"):
        _changes_nothing(person(role), item, collection, tmp_path)


def _changes_nothing(by: Actor, item: Item, collection: Collection, tmp_path: Path) -> None:
    from muniment_server.catalogue import services

    with not_permitted():
        services.receive_uploads(by, [(b"x", str(tmp_path / "upload"))], services.Provenance())
    with not_permitted():
        services.describe_item(by, item, title="mine")
    with not_permitted():
        services.make_collection(by, title="mine")
    with not_permitted():
        services.add_to_collection(by, collection, item)
    with not_permitted():
        list(services.record_examinations(by, [[services.Examined(item)]]))


def test_a_description_is_found_and_what_was_said_before_stays(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import queries, services
    from muniment_server.custody import queries as custody

    (item,) = items("IMG_1.jpg")
    services.describe_item(
        machine, item, title="Шпиталь, північ", description="roof", graphic=False, reason="seen"
    )
    kept = queries.item(machine, item.number)
    assert (kept.title, kept.description, kept.graphic) == ("Шпиталь, північ", "roof", False)
    for words, found in (("ШПИТАЛЬ", [kept]), ("шпиталь північ", [kept]), ("img_1", [])):
        assert queries.items(machine, queries.ItemFilter(words)).rows == found, words
    assert kinds(item) == ["item.received", "item.described"]
    first, _second = custody.chain_of(item.pk)
    assert custody.acts_of(machine, item.pk)[1].reason == "seen"
    assert "IMG_1.jpg" in str(opened(first.disclosures))


def opened(disclosures: str) -> list[object]:
    from muniment.evidence.disclosure import open_disclosure

    return [open_disclosure(text).value for text in disclosures.split("\n")]


def test_a_title_too_long_is_refused_on_both_databases(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import services

    (item,) = items("film")
    with refused(InvalidInput, "text.too_long"):
        services.describe_item(machine, item, title="x" * 501)
    services.describe_item(machine, item, title="x" * 500, description="x" * 9000)
    with refused(InvalidInput, "text.too_long"):
        services.make_collection(machine, title="x" * 201)


def test_a_hidden_item_is_as_if_it_were_not(
    machine: Actor,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
) -> None:
    from muniment_server.catalogue import queries, services

    seen, hidden = items("seen", "hidden")
    collection = services.make_collection(machine, title="Films")
    services.add_to_collection(machine, collection, hidden)
    services.add_to_collection(machine, collection, seen)
    close(hidden)
    with unseen("item.not_found"):
        queries.item(machine, hidden.number)
    with unseen("item.not_found"):
        queries.item(machine, hidden.pk.hex)
    with unseen("item.not_found"):
        queries.open_part(machine, hidden.number, "1")
    with unseen("item.not_found"):
        queries.items_of(machine, [hidden.number])
    with unseen():
        services.describe_item(machine, hidden, title="x")
    with unseen():
        services.add_to_collection(machine, collection, hidden)
    assert [one.pk for one in queries.items(machine, queries.ItemFilter()).rows] == [seen.pk]
    assert queries.items(machine, queries.ItemFilter()).total == 1
    assert [one.pk for one in queries.members_of(machine, collection)] == [seen.pk]
    assert [one.pk for one in queries.newest(machine, 9)] == [seen.pk]


def test_a_hidden_collection_is_as_if_it_were_not(
    machine: Actor, items: Callable[..., list[Item]], close: Callable[[Root], None]
) -> None:
    from muniment_server.catalogue import queries, services

    (item,) = items("film")
    collection = services.make_collection(machine, title="Films")
    services.add_to_collection(machine, collection, item)
    close(collection)
    with unseen("collection.not_found"):
        queries.collection(machine, collection.number)
    with unseen():
        services.add_to_collection(machine, collection, item)
    assert list(queries.collections(machine)) == []
    assert queries.collections_of(machine, item) == []
    wanted = queries.ItemFilter(collection=collection.number)
    assert queries.items(machine, wanted).rows == []


def test_an_item_lies_in_a_collection_once(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import queries, services

    one, other = items("one", "other")
    films = services.make_collection(machine, title="Фільми", reason="for the trial")
    services.make_collection(machine, title="Papers")
    first = services.add_to_collection(machine, films, one)
    again = services.add_to_collection(machine, films, one)
    assert first.pk == again.pk
    services.add_to_collection(machine, films, other)
    assert [item.pk for item in queries.members_of(machine, films)] == [one.pk, other.pk]
    assert [found.pk for found in queries.collections_of(machine, one)] == [films.pk]
    assert [found.pk for found in queries.collections(machine, words="фільми")] == [films.pk]
    wanted = queries.ItemFilter(collection=films.number)
    assert queries.items(machine, wanted).total == 2


def test_unknown_and_unseen_are_told_apart_by_nobody(
    machine: Actor, items: Callable[..., list[Item]], close: Callable[[Root], None]
) -> None:
    from muniment_server.catalogue import queries

    (hidden,) = items("hidden")
    close(hidden)
    with pytest.raises(NotFound) as one:
        queries.item(machine, hidden.number)
    with pytest.raises(NotFound) as other:
        queries.item(machine, "M-99999")
    assert str(one.value).replace(hidden.number, "M-99999") == str(other.value)
    assert (one.value.code, one.value.hint) == (other.value.code, other.value.hint)


def test_items_are_given_in_the_order_asked_for_each_once(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import queries

    one, two = items("one", "two")
    asked = [two.number, one.number.lower(), two.pk.hex]
    assert [item.pk for item in queries.items_of(machine, asked)] == [two.pk, one.pk]
    with unseen("item.not_found"):
        queries.items_of(machine, [one.number, "M-99999"])


def test_pages_follow_the_log(machine: Actor, items: Callable[..., list[Item]]) -> None:
    from muniment_server.catalogue import queries

    made = items(*"abcde")
    first = queries.items(machine, queries.ItemFilter(), limit=2)
    assert first.after is not None
    second = queries.items(machine, queries.ItemFilter(), after=first.after, limit=2)
    assert second.after is not None
    last = queries.items(machine, queries.ItemFilter(), after=second.after, limit=2)
    seen = [item.pk for page in (first, second, last) for item in page.rows]
    assert seen == [item.pk for item in made]
    assert (first.total, last.after) == (5, None)


def test_a_digest_finds_its_item(machine: Actor, items: Callable[..., list[Item]]) -> None:
    from muniment_server.catalogue import queries

    one, _other = items("one", "other")
    digest = queries.parts_of(one)[0].sha256
    for words in (digest, digest[:12], digest.upper()):
        assert queries.items(machine, queries.ItemFilter(words)).rows == [one]


def test_every_reading_leaves_its_record(machine: Actor, items: Callable[..., list[Item]]) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.custody.models import Access

    (item,) = items("film")
    before, acts = Access.objects.using("access").count(), entries()
    queries.item(machine, item.number)
    queries.items(machine, queries.ItemFilter())
    queries.items(machine, queries.ItemFilter("film"))
    queries.open_part(machine, item.number, "1")[1].close()
    rows = Access.objects.using("access").order_by("pk")[before:]
    assert [(row.kind, row.obj, row.detail) for row in rows] == [
        ("viewed", item.pk, ""),
        ("listed", None, ""),
        ("searched", None, "film"),
        ("downloaded", item.pk, ""),
    ]
    assert {row.by for row in rows} == {machine.agent}
    assert entries() == acts
    assert denials() == 0


def test_a_part_or_picture_that_is_not_there_is_not_found(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue import queries

    (item,) = items("film")
    for key in ("2", "0", "f" * 32, ""):
        with unseen("part.not_found"):
            queries.open_part(machine, item.number, key)
        with unseen("rendition.not_found"):
            queries.open_rendition(machine, item.number, key)
