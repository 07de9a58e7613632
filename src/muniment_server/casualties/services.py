"""The acts of the casualties app: victims and groups of victims."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from muniment.errors import InvalidInput
from muniment_server.casualties import policies
from muniment_server.casualties.models import AgeGroup, Established, Harm, Victim, VictimStatus
from muniment_server.custody.acting import act, keep
from muniment_server.entities.models import Sex

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident


__all__ = [
    "AgeGroup",
    "Established",
    "Harm",
    "Known",
    "Sex",
    "VictimStatus",
    "correct_victim",
    "record_victim",
]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a victim, or of everybody in a group."""

    harm: Harm
    name: str = ""
    least: int = 1
    most: int = 1
    sex: Sex = Sex.UNKNOWN
    age_group: AgeGroup = AgeGroup.UNKNOWN
    status: VictimStatus = VictimStatus.UNKNOWN
    cause: str = ""
    established: Established = Established.PENDING
    standard: str = ""
    note: str = ""


@act("victim.recorded", may=policies.may_record_victim)
def record_victim(
    by: Actor,
    *,
    incident: Incident,
    known: Known,
    citation: dict[str, Any] | None = None,
    reason: str = "",
) -> Victim:
    """Record a victim, or a group of them, of an incident."""
    _check(known)
    return keep(Victim(incident=incident, citation=citation or {}, **asdict(known)))


@act("victim.recorded", may=policies.may_record_victim)
def correct_victim(by: Actor, victim: Victim, *, known: Known, reason: str) -> Victim:
    """Record what is known of a victim now; what was recorded before stays in the log."""
    _check(known)
    for name, value in asdict(known).items():
        setattr(victim, name, value)
    return keep(victim)


def _check(known: Known) -> None:
    if not 0 < known.least <= known.most:
        raise InvalidInput(
            _("a group has at least one member, and no more at least than at most"),
            code="victim.number",
            hint=_("Give the lower number first."),
        )
    if known.established == Established.CONFIRMED and not known.standard:
        raise InvalidInput(
            _("a confirmed record names the standard of proof it meets"),
            code="victim.standard",
            hint=_("For example: reasonable grounds to believe."),
        )
