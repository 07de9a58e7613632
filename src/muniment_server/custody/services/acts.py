"""The acts of the custody app: agents, compartments, clearances."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment_server.custody import policies
from muniment_server.custody.acting import act, keep, moment
from muniment_server.custody.acting.work import working
from muniment_server.custody.models import Agent, AgentKind, Clearance, Compartment
from muniment_server.database.closed import keyring

if TYPE_CHECKING:
    from uuid import UUID

    from muniment_server.custody.policies import Actor

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def found(by: Actor, *, agent: str, closed: bool = False) -> Agent:
    """Record the first acts: the agent, the open compartment, the agent's clearance.

    Where everything is to be closed, the compartment where everything goes as well.
    """
    recorded = create_agent(by, name=agent, kind=AgentKind.PROGRAM, identity=by.agent)
    home = create_compartment(by, name=policies.OPEN, title=_("Open material"))
    grant_clearance(by, recorded, home)
    if closed:
        usual = create_compartment(by, name=policies.CLOSED, title=_("Closed material"))
        grant_clearance(by, recorded, usual)
    return recorded


@act("agent.created", may=policies.may_record_agent)
def create_agent(
    by: Actor, *, name: str, kind: AgentKind, identity: UUID | None = None, reason: str = ""
) -> Agent:
    """Record a person or program that can act; the first one records itself."""
    agent = Agent(name=name, kind=kind)
    if identity is not None:
        agent.id = identity
    return keep(agent)


@act("compartment.created", may=policies.may_create_compartment)
def create_compartment(
    by: Actor, *, name: str, title: str, parent: Compartment | None = None, reason: str = ""
) -> Compartment:
    """Make a circle of readers.

    Raises `Conflict` where the name is taken.
    """
    if Compartment.objects.filter(name=name).exists():
        raise Conflict(
            _("there is a compartment of this name already"),
            code="compartment.exists",
            hint=_("Choose another name; names are never used twice."),
        )
    made = Compartment(name=name, title=title, parent=parent)
    if name != policies.OPEN:
        # Durable before any row says that it is there: nothing can be written that is not sealed.
        keyring().create_compartment(made.pk.hex)
    return keep(made)


def make_compartment(by: Actor, *, name: str, title: str, reason: str = "") -> Compartment:
    """Make a closed compartment, and let whoever makes it in.

    Raises `InvalidInput` for a name of other characters, and as both acts do.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            _("a compartment cannot be called '{name}'").format(name=name),
            code="compartment.name",
            hint=_("Lower-case letters, digits and hyphens, at most 64 of them."),
        )
    with working():
        made = create_compartment(by, name=name, title=title, reason=reason)
        grant_clearance(by, Agent.objects.get(pk=by.agent), made, reason=reason)
    return made


@act("clearance.granted", may=policies.may_grant_clearance)
def grant_clearance(
    by: Actor, agent: Agent, compartment: Compartment, *, reason: str = ""
) -> Clearance:
    """Let an agent read and write in a compartment; a second grant changes nothing."""
    held = Clearance.objects.filter(agent=agent, compartment=compartment, ended__isnull=True)
    clearance = held.first() or Clearance(agent=agent, compartment=compartment)
    return keep(clearance)


@act("clearance.revoked", may=policies.may_grant_clearance)
def revoke_clearance(
    by: Actor, agent: Agent, compartment: Compartment, *, reason: str
) -> Clearance:
    """End an agent's clearance.

    Raises `NotFound` where there is none.
    """
    held = Clearance.objects.filter(agent=agent, compartment=compartment, ended__isnull=True)
    clearance = held.first()
    if clearance is None:
        raise NotFound(
            _("this agent is not cleared for this compartment"),
            code="clearance.not_found",
            hint=_("See the list of clearances on the agent's page."),
        )
    clearance.ended = moment()
    return keep(clearance)
