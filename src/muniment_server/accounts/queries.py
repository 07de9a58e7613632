"""Who works here, and who is acting: every actor is built in this module."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from muniment.errors import NotPermitted
from muniment.evidence.instant import now
from muniment_server.accounts import policies
from muniment_server.accounts.models import Enrolment, Person, RoleGrant, Token, User
from muniment_server.custody import queries as custody
from muniment_server.custody.models import Agent
from muniment_server.custody.policies import Actor, Door

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from muniment_server.custody.ledger.reading import RowState
    from muniment_server.custody.models import Recorded


_BY_TOKEN = "token "  # noqa: S105 - how a session by token is named


def founding_actor(agent: str, name: str) -> Actor:
    """Return the agent of a workspace that has no act yet: it records itself first."""
    return Actor(UUID(agent), name, Door.COMMAND, policies.EVERYTHING, frozenset())


def machine_actor(agent: str, via: Door = Door.COMMAND) -> Actor:
    """Return this machine's agent, which `init` made and named."""
    found = Agent.objects.get(pk=UUID(agent))
    compartments = custody.compartments_of(found.pk)
    return Actor(found.pk, found.name, via, policies.EVERYTHING, compartments)


def actor_of(person: Person, via: Door, session: str = "") -> Actor:
    """Return a person as they act through a door, with their present roles and clearances.

    Raises `NotPermitted` where the person works here no longer.
    """
    if person.ended is not None:
        raise NotPermitted(
            _("this person works here no longer"),
            code="person.ended",
            hint=_("Ask an administrator."),
        )
    roles = RoleGrant.objects.filter(person=person, ended__isnull=True)
    return Actor(
        agent=person.agent_id,
        name=person.agent.name,
        via=via,
        permissions=policies.permissions_of(roles.values_list("role", flat=True)),
        compartments=custody.compartments_of(person.agent_id),
        session=session,
    )


def actor_of_user(user: User, via: Door, session: str = "") -> Actor:
    """Return the person who is logged in."""
    return actor_of(user.person, via, session)


def secret_digest(secret: str) -> str:
    """Return what is kept of a code or token: its digest, for it is random already."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def actor_by_token(token: str, *, handle: str = "", via: Door = Door.API) -> Actor:
    """Return the person a token stands for.

    Raises `NotPermitted` where it is unknown, ended, or another person's; where it was somebody's
    once, or is somebody else's, that is recorded. Guesses are not: anyone could fill the log.
    """
    found = (
        Token.objects.select_related("person__agent")
        .filter(digest=secret_digest(token), revoked__isnull=True, expires__gt=now())
        .exclude(person__user__is_active=False)
        .first()
    )
    if found is None or (handle and found.person.handle != handle):
        known = Token.objects.select_related("person").filter(digest=secret_digest(token)).first()
        if known is not None:
            custody.note_log_in_refused(known.person.agent_id, via.value)
        raise NotPermitted(
            _("the token is not valid"),
            code="token.invalid",
            hint=_("Make one on your page 'Log-in and tokens'; give it in MUNIMENT_TOKEN."),
        )
    return actor_of(found.person, via, session=f"{_BY_TOKEN}{found.pk}")


def bearer(token: str, handle: str, *, using: str) -> tuple[str, str]:
    """Return the ids of the person whose token this is in another database, and of their agent.

    Raises `NotPermitted` where it is unknown, ended, or another person's.
    """
    found = (
        Token.objects.using(using)
        .filter(digest=secret_digest(token), revoked__isnull=True, expires__gt=now())
        .filter(person__handle=handle)
        .values_list("person_id", "person__agent_id")
        .first()
    )
    if found is None:
        raise NotPermitted(
            _("the token of {handle} is not valid").format(handle=handle),
            code="token.invalid",
            hint=_("Each of the two people gives a token of their own."),
        )
    person, agent = found
    return person.hex, agent.hex


def roles_among(rows: Iterable[RowState]) -> dict[str, set[str]]:
    """Return person id -> roles, of those rows of a log that give roles to people still here."""
    given: dict[str, set[str]] = {}
    present: set[str] = set()
    for row in rows:
        if "ended" in row.fields:
            continue
        if row.model == "accounts.rolegrant":
            given.setdefault(str(row.fields["person"]), set()).add(str(row.fields["role"]))
        elif row.model == "accounts.person":
            present.add(row.pk)
    return {person: roles for person, roles in given.items() if person in present}


def session_ends(by: Actor) -> datetime | None:
    """Return when the token ends that the actor came with; None for whoever logged in."""
    if not by.session.startswith(_BY_TOKEN):
        return None
    return Token.objects.get(pk=by.session.removeprefix(_BY_TOKEN)).expires


def open_enrolment(code: str) -> Enrolment | None:
    """Return the enrolment a one-time code opens, while it is valid."""
    rows = Enrolment.objects.select_related("person__agent").filter(
        digest=secret_digest(code.strip()), used__isnull=True, expires__gt=now()
    )
    return rows.filter(person__ended__isnull=True).first()


def people() -> QuerySet[Person]:
    """Return everyone who works or worked here, by log-in name."""
    return Person.objects.select_related("agent").prefetch_related("grants").order_by("handle")


def person(handle: str) -> Person | None:
    """Return a person by log-in name."""
    return people().filter(handle=handle).first()


def tokens_of(person: Person) -> QuerySet[Token]:
    """Return a person's tokens, newest first; the tokens themselves are not kept."""
    return Token.objects.filter(person=person, revoked__isnull=True).order_by("-made")


def nobody_yet() -> bool:
    """Say whether no person works here yet: then the workspace's key file makes the first."""
    return not Person.objects.exists()


def person_or_absent(by: Actor, handle: str) -> Person:
    """Return a person by log-in name; raises `NotFound`."""
    found = person(handle)
    if found is None:
        raise custody.absent(by, "person", handle)
    return found


def person_of(by: Actor) -> Person:
    """Return the person an actor is; raises `NotFound` for a program."""
    found = people().filter(agent=by.agent).first()
    if found is None:
        raise custody.absent(by, "person", by.name)
    return found


def has_second_step(found: Person) -> bool:
    """Say whether a person's log-in has a passkey or a code generator."""
    kinds = [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP]
    return bool(Authenticator.objects.filter(user__person=found, type__in=kinds).exists())


def since(row: Recorded) -> datetime | None:
    """Return when a grant or clearance was given: the time of the act that made its row."""
    return custody.made_at(row)
