"""Victims as the API, the command line and pages show them; names only to those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Schema

from muniment_server.casualties.models import Established, Harm, VictimStatus
from muniment_server.custody.schemas import Listed, RootOut
from muniment_server.entities.schemas import CiteOut, cite_records, root_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment_server.casualties.models import Victim
    from muniment_server.casualties.queries import Sum
    from muniment_server.catalogue.models import Item

__all__ = ["Established", "Harm", "VictimStatus", "sum_record", "victim_record"]


class VictimOut(RootOut):
    """A victim, or a group of victims; a name only for those who may see identities."""

    incident: str
    harm: str
    least: int
    most: int
    sex: str
    age_group: str
    status: str
    cause: str
    established: str
    standard: str
    note: str
    name: str = ""


class VictimWholeOut(VictimOut):
    """A victim, and where it is said."""

    cites: list[CiteOut]


class SumOut(Schema):
    """What confirmed records of one harm add up to."""

    harm: str
    least: int
    most: int
    records: int


class VictimsOut(Listed[VictimOut]):
    """A page of victims, with what confirmed records of the whole list add up to."""

    sums: list[SumOut]


def victim_record(
    victim: Victim, *, names: bool, cited: Mapping[str, Item] | None = None
) -> dict[str, Any]:
    """Return a victim as the API shows it; `names` says whether the reader may see identities."""
    record = {
        **root_record(victim),
        "incident": victim.incident.number,
        "harm": victim.harm,
        "least": victim.least,
        "most": victim.most,
        "sex": victim.sex,
        "age_group": victim.age_group,
        "status": victim.status,
        "cause": victim.cause,
        "established": victim.established,
        "standard": victim.standard,
        "note": victim.note,
    }
    if names:
        record["name"] = victim.name
    if cited is not None:
        record["cites"] = cite_records([victim], cited)
    return record


def sum_record(one: Sum) -> dict[str, Any]:
    """Return what confirmed records of one harm add up to."""
    return {"harm": one.harm, "least": one.least, "most": one.most, "records": one.records}
