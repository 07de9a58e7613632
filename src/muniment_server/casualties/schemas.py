"""Victims as the API, the command line and pages show them; names only to those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment_server.casualties.models import Established, Harm, VictimStatus
from muniment_server.entities.schemas import cite_records, root_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment_server.casualties.models import Victim
    from muniment_server.casualties.queries import Sum
    from muniment_server.catalogue.models import Item

__all__ = ["Established", "Harm", "VictimStatus", "sum_record", "victim_record"]


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
