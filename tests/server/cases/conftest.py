"""A case with one suspect, two incidents, and a charge for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.law.elements import RowKey
    from muniment_server.cases.models import Case, Charge, Situation, Suspect
    from muniment_server.custody.policies import Actor
    from muniment_server.entities.models import Person
    from muniment_server.incidents.models import Incident

CRIME = "rs_8_2_b_ix"
OWN = "rs_8_2_b_ix.e2"
ORDER = "m_25_3_b_order"


@dataclass(frozen=True, slots=True)
class Courtroom:
    """What the tests of a case need."""

    situation: Situation
    case: Case
    colonel: Person
    suspect: Suspect
    first: Incident
    second: Incident
    on_first: Charge
    on_both: Charge

    def row(self, charge: Charge, element: str, incident: Incident | None = None) -> RowKey:
        """Return the one row of an element, of an incident where it is given."""
        from muniment_server.cases import queries

        wanted = "" if incident is None else incident.pk.hex
        (found,) = [
            row.key
            for row in queries.matrix_of(charge).rows
            if row.key.element == element and row.key.incident == wanted
        ]
        return found


@pytest.fixture
def courtroom(machine: Actor) -> Courtroom:
    """Open the case."""
    from muniment_server.cases import services
    from muniment_server.entities import services as entities
    from muniment_server.incidents import services as register

    described = register.Description()
    first = register.open_incident(machine, title="First attack", described=described)
    second = register.open_incident(machine, title="Second attack", described=described)
    colonel = entities.record_person(machine, name="Dorn Varrow")
    situation = services.open_situation(machine, title="Calderra and Norvost")
    case = services.open_case(machine, situation=situation, title="Lissem hospital")
    suspect = services.add_suspect(machine, case, person=colonel, reason="named in a paper")
    charge: Callable[..., Charge] = lambda mode, *on: services.add_charge(  # noqa: E731 - short, and only here
        machine, case, suspect=suspect, crime=CRIME, mode=mode, incidents=on
    )
    return Courtroom(
        situation,
        case,
        colonel,
        suspect,
        first,
        second,
        charge(ORDER, first),
        charge("m_25_3_a_direct", first, second),
    )
