"""What may not be held at all: never shown, reported, destroyed; only its digest stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import NotPermitted
from tests.server.access.populated import received

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@pytest.fixture
def shown(machine: Actor) -> Item:
    """An item with a thumbnail and a finding."""
    [item] = received(machine, ("seen.jpg",), "SPECIMEN")
    return item


def test_from_the_report_on_nobody_is_shown_it(
    shown: Item, asker: Actor, requested: Callable[..., Any], browser: Callable[..., Client]
) -> None:
    from muniment_server.catalogue import queries, services

    rendition = queries.renditions_of(shown)[0].pk.hex
    part = queries.parts_of(shown)[0].pk.hex
    lawyer = browser("lawyer", "looking")
    places = [
        f"/items/{shown.number}/{way}/" for way in (f"renditions/{rendition}", f"parts/{part}")
    ]
    assert [_status(lawyer, place) for place in places] == [200, 200]

    requested(asker, shown, "item.destroyed")

    assert [_status(lawyer, place) for place in places] == [403, 403]
    assert rendition not in lawyer.get(f"/items/{shown.number}/").content.decode()
    assert queries.thumbnails_of([shown]) == {}
    found = queries.item(asker, shown.number)
    with pytest.raises(NotPermitted):
        services.ask_for_examination(asker, found)
    assert [list(group) for group in services.examine_items(asker, [found])] == [[]]


def _status(client: Client, place: str) -> int:
    answer = client.get(place)
    if answer.streaming:
        b"".join(answer)
    answer.close()
    return answer.status_code


def test_what_is_put_aside_when_it_comes_is_never_examined(
    items: Callable[..., list[Item]], asker: Actor, machine: Actor
) -> None:
    from muniment_server.catalogue import queries, services
    from muniment_server.oversight.services import bar_item

    [item] = items("unopened.txt")
    bar_item(asker, item, reason="the sender says what it is")
    assert services.notice_items(machine) == 0
    assert queries.examination_of(item) is None or list(queries.unexamined(machine)) == []


def test_what_was_destroyed_is_put_aside_when_it_is_sent_again(
    items: Callable[..., list[Item]],
    machine: Actor,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
) -> None:
    from muniment_server.oversight.services import finish, give

    [item] = items("again.txt")
    give(giver, requested(asker, item, "item.destroyed"))
    finish(item.pk)
    [again] = items("again.txt")
    assert again.pk != item.pk
    assert again.barred is not None


def test_a_deposit_can_be_put_aside_at_once(machine: Actor, browser: Callable[..., Client]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from muniment_server.catalogue.models import Item

    kept = SimpleUploadedFile("SPECIMEN.bin", b"unopened")
    sent = {"files": kept, "aside": "on", "reason": "the sender says what it is"}
    browser("investigator").post("/items/deposit/", sent)
    assert Item.objects.get(title="SPECIMEN.bin").barred is not None


def test_once_two_people_agree_only_the_digest_stays(
    shown: Item,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody.ledger import publishing
    from muniment_server.oversight.services import finish, give

    [part] = queries.parts_of(shown)
    digests = {part.sha256, queries.renditions_of(shown)[0].sha256}
    give(giver, requested(asker, shown, "item.destroyed"))
    publishing.publish()
    finish(shown.pk)
    names = {path.parent.name + path.name for path in workspace.archive.rglob("objects/*/*")}
    assert names.isdisjoint(digests)
    part.refresh_from_db()
    assert part.sha256 in digests
    assert examine_workspace(workspace)["problems"] == []


def test_the_same_file_from_somebody_else_stays(
    items: Callable[..., list[Item]],
    machine: Actor,
    workspace: Workspace,
    asker: Actor,
    giver: Actor,
    requested: Callable[..., Any],
) -> None:
    from muniment_server.catalogue import queries
    from muniment_server.catalogue.services import Arrival, receive
    from muniment_server.oversight.services import finish, give

    [item] = items("twice.txt")
    [part] = queries.parts_of(item)
    arrival = Arrival(b"again.txt", part.sha256, part.size)
    list(receive(machine, [[arrival]], source="somebody else"))
    give(giver, requested(asker, item))
    finish(item.pk)
    kept = workspace.archive / "objects" / part.sha256[:2] / part.sha256[2:]
    assert kept.exists()
