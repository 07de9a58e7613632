"""A second story in a closed compartment, told with the same acts, and what straddles both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server.access.populated import records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    import pytest

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.models import Recorded
    from muniment_server.custody.policies import Actor

CANARY = "HUSHED"


def tell_closed(
    workspace: Workspace,
    patched: pytest.MonkeyPatch,
    names: dict[str, str],
    *,
    seen_in_part: bool = True,
) -> dict[str, str]:
    """Tell the closed story, and records with one end in it; return what it named.

    `seen_in_part` adds acts that whoever may know of the open end sees a part of.
    """
    from muniment_server.accounts import queries as accounts
    from muniment_server.custody import queries, services
    from muniment_server.custody.acting import rows
    from muniment_server.custody.models import Agent

    by = accounts.machine_actor(workspace.agent)
    closed = services.create_compartment(by, name="closed", title="Closed")
    services.grant_clearance(by, Agent.objects.get(pk=by.agent), closed)
    by = accounts.machine_actor(workspace.agent)

    def closed_id() -> UUID:
        return closed.pk

    with patched.context() as placing:
        placing.setattr(queries, "default_compartment_id", closed_id)
        placing.setattr(rows, "prepare", _marking(rows.prepare))
        hidden = records(by, CANARY)
    hidden |= dict.fromkeys(("hidden_item", "told_item"), hidden["item"])
    hidden |= {"taking": "shred", "gone_request": hidden["request"]}
    _straddle(by, names, hidden)
    if seen_in_part:
        _show_in_part(by, names, hidden)
    return hidden


def _marking(prepare: Callable[[Sequence[Recorded]], None]) -> Callable[[Sequence[Recorded]], None]:
    """Let the same story be told in words of its own."""

    def marked(kept: Sequence[Recorded]) -> None:
        for row in kept:
            for name, value in list(vars(row).items()):
                if isinstance(value, str):
                    setattr(row, name, value.replace("SPECIMEN", CANARY))
        prepare(kept)

    return marked


def _straddle(by: Actor, names: dict[str, str], hidden: dict[str, str]) -> None:
    """Record, in the open compartment, what has one end in the closed one."""
    from muniment_server.cases import queries as case_queries
    from muniment_server.cases import services as cases
    from muniment_server.casualties import services as casualties
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.catalogue import services as catalogue_services
    from muniment_server.entities import queries as entity_queries
    from muniment_server.entities import services as entities
    from muniment_server.incidents import queries as register_queries
    from muniment_server.incidents import services as register

    item = catalogue.item(by, hidden["item"])
    incident = register_queries.incident(by, names["incident"])
    closed_incident = register_queries.incident(by, hidden["incident"])
    place = {"place": f"{CANARY} place"}
    stance = register.Stance.SUPPORTS
    register.link_evidence(
        by, incident=incident, item=item, stance=stance, citation=place, note=CANARY, reason=CANARY
    )
    register.record_claim(
        by,
        source=register_queries.source(by, names["source"]),
        kind=register.ClaimKind.EVENT,
        said=register.Said("Something was said."),
        incident=closed_incident,
        item=item,
    )
    register.assess(
        by,
        item=item,
        question=register.Question.WHAT,
        result="a building",
        working=register.Working("looked at it"),
    )
    casualties.record_victim(
        by,
        incident=closed_incident,
        known=casualties.Known(harm=casualties.Harm.KILLED),
        citation=entity_queries.citation(by, item.number, CANARY),
    )
    person = entity_queries.person(by, names["person"])
    unit = entity_queries.unit(by, hidden["unit"])
    entities.record_posting(by, person=person, unit=unit, title=f"{CANARY} commander")
    entities.record_subordination(
        by, unit=entity_queries.unit(by, names["unit"]), superior=unit, held=entities.Held()
    )
    collection = catalogue.collection(by, names["collection"])
    catalogue_services.add_to_collection(by, collection, item)
    case = case_queries.case(by, names["case"])
    charge = case_queries.charge(by, case, names["charge"])
    key = next(
        row.key
        for row in case_queries.charge_view(by, charge).matrix.rows
        if str(row.key) == names["row"]
    )
    exhibit = cases.Exhibit(stance, cases.Strength.WEAK, place, CANARY)
    cases.fill_cell(
        by, case, charge=charge, row=key, item=item, exhibit=exhibit, reason=f"{CANARY} reason"
    )


def _show_in_part(by: Actor, names: dict[str, str], hidden: dict[str, str]) -> None:
    """Record what has a part in the open compartment: a name, a charge, that an item left."""
    from muniment_server.cases import queries as case_queries
    from muniment_server.cases import services as cases
    from muniment_server.catalogue import queries as catalogue
    from muniment_server.disclosure import services as disclosure
    from muniment_server.entities import queries as entity_queries
    from muniment_server.entities import services as entities
    from muniment_server.incidents import queries as register_queries

    item = catalogue.item(by, hidden["item"])
    person = entity_queries.person(by, names["person"])
    entities.add_name(
        by, person, text="Dorn", citation=entity_queries.citation(by, item.number, CANARY)
    )
    case = case_queries.case(by, names["case"])
    cases.add_charge(
        by,
        case,
        suspect=case_queries.charge(by, case, names["charge"]).suspect,
        crime="rs_7_1_a",
        mode=names["mode"],
        incidents=[
            register_queries.incident(by, names["incident"]),
            register_queries.incident(by, hidden["incident"]),
        ],
    )
    order = disclosure.Order(f"{CANARY} court", f"{CANARY} purpose")
    open_item = catalogue.item(by, names["item"])
    disclosure.export_bundle(by, [open_item, item], order).stream.close()
