"""One workspace with a record of every kind, and everybody who may ask for it.

The story is the specimen's; what it lacks (a thumbnail, a collection, an assessment, a command, a
package) is added, so that every address of the application has something to answer about.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from muniment.archive.workspace import read_settings
from tests.server.conftest import copy_on_postgresql, enter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment_server.accounts.models import Person
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from tests.server.conftest import Cluster

NAMES = ("before.jpg", "after.jpg", "altered.jpg", "page.html", "statement.txt", "order.txt")


@dataclass(frozen=True, slots=True)
class Populated:
    """The workspace, what an address may name, and whose session and token is whose."""

    names: dict[str, str]
    users: dict[str, Person]
    tokens: dict[str, str]
    machine: str


@contextmanager
def entered(template: Workspace, folder: Path) -> Iterator[Workspace]:
    """Work in a copy of the template for a while."""
    from django.db import connections

    shutil.copytree(template.root, folder)
    made = read_settings(folder)
    enter(made)
    yield made
    connections.close_all()


@contextmanager
def entered_on_postgresql(
    template: Workspace, cluster: Cluster, folder: Path
) -> Iterator[Workspace]:
    """Work in a copy of the template on PostgreSQL for a while."""
    from django.db import connections

    made = copy_on_postgresql(template, cluster, folder)
    enter(made)
    yield made
    connections.close_all()
    cluster.drop(made)


def populate(workspace: Workspace) -> Populated:
    """Fill the workspace the present Django works in."""
    from muniment_server.accounts import queries as accounts
    from muniment_server.custody.ledger import publishing

    by = accounts.machine_actor(workspace.agent)
    users, tokens = _people(by)
    names = records(by) | _colleagues(by, users["administrator"])
    names |= _asked(users["investigator"], names)
    names |= _inside(by, [users[one] for one in ("investigator", "analyst", "lawyer")])
    names |= {"act": "7", "handle": "reader", "role": "reader"}
    publishing.publish()
    publishing.publish_readings()
    return Populated(names, users, tokens, workspace.agent)


def _asked(person: Person, names: dict[str, str]) -> dict[str, str]:
    """Have somebody ask for what others approve or refuse, each once."""
    from muniment_server.accounts import queries as accounts
    from muniment_server.custody.policies import Door
    from muniment_server.oversight import queries, services

    by = accounts.actor_of(person, Door.WEB)
    item = queries.item_of(by, names["held_item"])
    made = {"taking": "shred"}
    for name in ("request", "gone_request"):
        held = services.set_hold(by, item=item, authority="SPECIMEN court", reason="a trial")
        wish = services.Wish(services.Decided.RELEASED, "SPECIMEN court", "it is over", hold=held)
        made[name] = services.ask(by, item, wish).pk.hex
    return made


def _inside(by: Actor, cleared: list[Person]) -> dict[str, str]:
    """Put items into a compartment of a few; that one of them exists is told."""
    from muniment_server.accounts import queries as accounts
    from muniment_server.catalogue.models import Item
    from muniment_server.custody import services as custody
    from muniment_server.custody.policies import Door
    from muniment_server.oversight import services

    home = custody.create_compartment(by, name="inside", title="SPECIMEN inside")
    for person in cleared:
        custody.grant_clearance(by, person.agent, home)
    items = received(by, ("one.txt", "two.txt"), "SPECIMEN inside")
    Item.objects.filter(pk__in=[item.pk for item in items]).update(compartment=home)
    hidden, told = Item.objects.filter(compartment=home).order_by("seq")
    teller = accounts.actor_of(cleared[-1], Door.WEB)
    services.tell_existence(teller, item=told, reason="to hold the table")
    return {"hidden_item": hidden.number, "told_item": told.number}


def _people(by: Actor) -> tuple[dict[str, Person], dict[str, str]]:
    from muniment_server.accounts import services
    from muniment_server.accounts.models import User

    users: dict[str, Person] = {}
    tokens: dict[str, str] = {}
    for name in (*services.Role.values, "ended", "disabled"):
        role = services.Role(name if name in services.Role.values else "lawyer")
        person = services.add_person(by, name=f"SPECIMEN {name}", handle=name, role=role)
        User.objects.create(person=person, username=name)
        users[name] = person
        _token, tokens[name] = services.new_token(person, "for this table")
    services.end_person(by, users["ended"], reason="the contract ended")
    User.objects.filter(username="disabled").update(is_active=False)
    return users, tokens


def _colleagues(by: Actor, administrator: Person) -> dict[str, str]:
    """Add people and tokens that the API and the pages change, each once."""
    from muniment_server.accounts import services

    role = services.Role.INVESTIGATOR
    for handle in ("colleague", "goner"):
        services.add_person(by, name=f"SPECIMEN {handle}", handle=handle, role=role)
    token, gone = (services.new_token(administrator, "to be revoked")[0].pk for _ in range(2))
    return {
        "colleague": "colleague",
        "leaver": "goner",
        "gone_role": role,
        "token": str(token),
        "gone_token": str(gone),
    }


def picture(colour: str = "grey") -> bytes:
    """Return a small picture's bytes."""
    drawn = BytesIO()
    Image.new("RGB", (32, 24), colour).save(drawn, "PNG")
    return drawn.getvalue()


def received(by: Actor, names: tuple[str, ...], mark: str) -> list[Item]:
    """Receive files whose bytes and names hold a mark, with a finding and a thumbnail each."""
    from muniment.archive.objects import FolderStore
    from muniment_server.catalogue import services
    from muniment_server.catalogue.models import Finding, Item, Part, Rendition
    from muniment_server.custody import queries

    store = FolderStore(queries.workspace().archive)
    store.prepare()
    arrivals = []
    for name in names:
        kept = store.put_bytes(f"SPECIMEN {mark} {name}".encode())
        arrivals.append(services.Arrival(f"{mark} {name}".encode(), kept.sha256, kept.size))
    list(services.receive(by, [arrivals], source=f"{mark} source", reason=f"{mark} reason"))
    # The words of closed rows are sealed: nothing in the database can look for them.
    items = [one for one in Item.objects.order_by("seq") if one.title.startswith(mark)]
    examined = []
    for item in items:
        part = Part.objects.get(item=item)
        small = store.put_bytes(picture() + item.number.encode())
        finding = Finding(
            part=part,
            examination="format",
            tool="SPECIMEN",
            version="1",
            outcome="inconclusive",
            summary=f"{mark} finding",
            made=item.received,
        )
        thumbnail = Rendition(
            part=part,
            kind="thumbnail",
            sha256=small.sha256,
            size=small.size,
            media_type="image/png",
            parent_sha256=part.sha256,
            tool="SPECIMEN",
            version="1",
        )
        examined.append(services.Examined(item, [finding], [thumbnail]))
    list(services.record_examinations(by, [examined], reason=f"{mark} reason"))
    return items


def records(by: Actor, mark: str = "SPECIMEN") -> dict[str, str]:
    from muniment.law.taxonomy import taxonomy
    from muniment_server.cases import queries as case_queries
    from muniment_server.casualties.models import Victim
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.catalogue import services as catalogue_services
    from muniment_server.commands.specimen import story
    from muniment_server.disclosure import services as disclosure
    from muniment_server.entities import services as entities
    from muniment_server.entities.models import Unit
    from muniment_server.incidents import services as register
    from muniment_server.incidents.models import Claim, Source
    from muniment_server.oversight import services as oversight
    from muniment_server.oversight.services.asking import record_request

    items = received(by, NAMES, mark)
    told = story.tell(by, story.Items(*items))
    item = items[0]
    unit = Unit.objects.order_by("-seq")[0]
    over = entities.record_unit(by, name=f"{mark} wing", kind=entities.UnitKind.MILITARY)
    entities.record_subordination(by, unit=unit, superior=over, held=entities.Held())
    register.classify(by, told.incident, crime="rs_7_1_b", reason="to be withdrawn")
    collection = catalogue_services.make_collection(by, title=f"{mark} collection")
    catalogue_services.add_to_collection(by, collection, item)
    assessment = register.assess(
        by,
        item=item,
        question=register.Question.WHERE,
        result="at the hospital",
        working=register.Working("compared with a map"),
    )
    bundle = disclosure.export_bundle(by, items[:2], disclosure.Order(f"{mark} court"))
    bundle.stream.close()
    grounds = {"authority": f"{mark} court", "reason": f"{mark} reason"}
    held = oversight.set_hold(by, item=items[3], **grounds)
    wish = oversight.Wish(oversight.Decided.SHREDDED, grounds["authority"], grounds["reason"])
    asked = record_request(by, item=item, wish=wish, reason=grounds["reason"])
    view = case_queries.charge_view(by, told.charge)
    row, (cell, *_others) = next((key, cells) for key, cells in view.cells.items() if cells)
    gone = [one for cells in view.cells.values() for one in cells][-1]
    suspect = told.charge.suspect
    return {
        "item": item.number,
        "over_item": items[-1].number,
        "part": catalogue.parts_of(item)[0].pk.hex,
        "rendition": catalogue.renditions_of(item)[0].pk.hex,
        "collection": collection.number,
        "incident": told.incident.number,
        "crime": story.CRIME,
        "gone_crime": "rs_7_1_b",
        "element": f"{story.CRIME}.e1",
        "mode": story.MODE,
        "source": Source.objects.order_by("-seq")[0].number,
        "claim": Claim.objects.order_by("-seq")[0].number,
        "assessment": assessment.number,
        "person": suspect.person.number,
        "unit": unit.number,
        "over": over.number,
        "victim": Victim.objects.order_by("-seq")[0].number,
        "situation": told.case.situation.number,
        "case": told.case.number,
        "suspect": suspect.pk.hex,
        "charge": told.charge.pk.hex,
        "row": str(row),
        "cell": cell.pk.hex,
        "gone_cell": gone.pk.hex,
        "standard": next(iter(taxonomy().standards)),
        "package": bundle.package.number,
        "held_item": items[3].number,
        "barred_item": items[4].number,
        "hold": held.pk.hex,
        "request": asked.pk.hex,
    }
