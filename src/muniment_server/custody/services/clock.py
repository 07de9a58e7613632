"""Saying that a clock which jumped forward is right: until a person does, nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from muniment.errors import Conflict
from muniment_server.custody import policies, queries
from muniment_server.custody.acting import act, attach
from muniment_server.custody.ledger import clock
from muniment_server.custody.models import Agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.evidence.canonical import Json
    from muniment_server.custody.policies import Actor


def confirm_clock(by: Actor, *, reason: str) -> None:
    """Record that the clock of this machine jumped forward, and that it is right.

    Raises `NotPermitted` for whoever is no person with that right, and `Conflict` where it did not
    jump.
    """
    _confirm(by, Agent.objects.get(pk=queries.workspace().agent), reason=reason)


@act("clock.confirmed", may=policies.may_confirm_clock)
def _confirm(by: Actor, machine: Agent, *, reason: str) -> None:
    reading = clock.read()
    judgement = clock.judge(reading, queries.custody_head())
    if not judgement.jumped:
        raise Conflict(
            _("the clock of this machine did not jump"),
            code="clock.right",
            hint=_("Nothing needs to be confirmed; acts are recorded."),
        )
    _report(by, machine, told=judgement.told(reading))
    clock.remember(reading, judgement)


@act("clock.anomaly", may=policies.may_confirm_clock)
def _report(by: Actor, machine: Agent, *, told: Mapping[str, Json]) -> None:
    del by, machine  # the act is theirs
    attach("handling", told)
