"""The acts of the accounts app, and the local writes of logging in."""

from __future__ import annotations

import datetime
import secrets
from typing import TYPE_CHECKING

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from muniment.errors import Conflict, InvalidInput, NotFound
from muniment.evidence.instant import now
from muniment_server.accounts import policies, queries
from muniment_server.accounts.models import Enrolment, Person, Role, RoleGrant, Token, User
from muniment_server.custody import queries as custody
from muniment_server.custody.acting import act, keep, moment
from muniment_server.custody.models import AgentKind, Compartment
from muniment_server.custody.services import create_agent, grant_clearance, revoke_clearance

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor

__all__ = [
    "Person",
    "Role",
    "add_person",
    "end_person",
    "enrol",
    "grant_role",
    "new_enrolment",
    "new_enrolment_until",
    "new_token",
    "record_credential",
    "record_credential_removed",
    "revoke_role",
    "revoke_token",
]

_CODE_LIFE = datetime.timedelta(days=3)
_TOKEN_LIFE = datetime.timedelta(days=90)


@act("person.added", may=policies.may_add_person)
def add_person(by: Actor, *, name: str, handle: str, role: Role, reason: str = "") -> Person:
    """Let somebody work here, in one role, in the open compartment and in the usual one.

    Raises `Conflict` where the log-in name is taken.
    """
    if Person.objects.filter(handle=handle).exists():
        raise Conflict(
            _("this log-in name is taken"),
            code="person.exists",
            hint=_("Choose another log-in name."),
        )
    agent = create_agent(by, name=name, kind=AgentKind.PERSON)
    person = keep(Person(agent=agent, handle=handle))
    keep(RoleGrant(person=person, role=role))
    usual = {custody.open_compartment_id(), custody.default_compartment_id()}
    for compartment in Compartment.objects.filter(pk__in=usual).order_by("seq"):
        grant_clearance(by, agent, compartment)
    return person


@act("person.ended", may=policies.may_end_person)
def end_person(by: Actor, person: Person, *, reason: str) -> Person:
    """End somebody's work here: roles, clearances, log-in and tokens at once.

    Raises `Conflict` where it ended before.
    """
    _still_here(person)
    for clearance in custody.clearances_of(person.agent_id):
        revoke_clearance(by, person.agent, clearance.compartment, reason=reason)
    person.ended = moment()
    for grant in RoleGrant.objects.filter(person=person, ended__isnull=True):
        grant.ended = person.ended
        keep(grant)
    User.objects.filter(person=person).update(is_active=False)
    Token.objects.filter(person=person, revoked__isnull=True).update(revoked=now())
    return keep(person)


@act("role.granted", may=policies.may_grant_role)
def grant_role(by: Actor, person: Person, *, role: Role, reason: str = "") -> RoleGrant:
    """Give a person a role; a second grant changes nothing.

    Raises `Conflict` for somebody who works here no longer.
    """
    _still_here(person)
    held = RoleGrant.objects.filter(person=person, role=role, ended__isnull=True)
    return keep(held.first() or RoleGrant(person=person, role=role))


@act("role.revoked", may=policies.may_grant_role)
def revoke_role(by: Actor, person: Person, *, role: str, reason: str) -> RoleGrant:
    """Take a role away.

    Raises `NotFound` where the person does not have it, or there is none of this name.
    """
    grant = RoleGrant.objects.filter(person=person, role=role, ended__isnull=True).first()
    if grant is None:
        raise NotFound(
            _("this person does not have this role"),
            code="role.not_found",
            hint=_("See the person's page for their roles."),
        )
    grant.ended = moment()
    return keep(grant)


@act("credential.added", may=policies.may_change_credentials)
def record_credential(by: Actor, person: Person, *, reason: str = "") -> Person:
    """Record that a person's log-in gained a credential; the credential itself is local."""
    return keep(person)


@act("credential.removed", may=policies.may_change_credentials)
def record_credential_removed(by: Actor, person: Person, *, reason: str = "") -> Person:
    """Record that a person's log-in lost a credential."""
    return keep(person)


def _still_here(person: Person) -> None:
    if person.ended is not None:
        raise Conflict(
            _("this person works here no longer"),
            code="person.gone",
            hint=_("Whoever comes back is added as somebody new."),
        )


def new_enrolment(person: Person) -> str:
    """Return a one-time code with which a person sets their first credentials."""
    return new_enrolment_until(person)[0]


def new_enrolment_until(person: Person) -> tuple[str, datetime.datetime]:
    """Return a one-time code, and until when it is valid; codes given before are so no longer.

    Raises `Conflict` for somebody who works here no longer.
    """
    _still_here(person)
    Enrolment.objects.filter(person=person, used__isnull=True).delete()
    code = secrets.token_urlsafe(15)
    expires = now() + _CODE_LIFE
    Enrolment.objects.create(person=person, digest=queries.secret_digest(code), expires=expires)
    return code, expires


def enrol(enrolment: Enrolment, password: str) -> User:
    """Make a person's log-in with a first password and use the code up.

    Raises `InvalidInput` for a password that is too weak.
    """
    person = enrolment.person
    user = User.objects.filter(person=person).first() or User(person=person, username=person.handle)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(error.messages), code="password.weak", hint=_("Use a long phrase.")
        ) from None
    user.set_password(password)
    user.is_active = True
    user.save()
    Enrolment.objects.filter(pk=enrolment.pk).update(used=now())
    return user


def new_token(
    person: Person, title: str, *, latest: datetime.datetime | None = None
) -> tuple[Token, str]:
    """Return a new token's row and the token, which is shown once and not kept.

    It lasts ninety days, and no longer than until `latest`.
    """
    secret = secrets.token_urlsafe(32)
    expires = now() + _TOKEN_LIFE
    token = Token.objects.create(
        person=person,
        title=title,
        digest=queries.secret_digest(secret),
        made=now(),
        expires=expires if latest is None else min(expires, latest),
    )
    return token, secret


def revoke_token(person: Person, pk: int) -> None:
    """End a token of a person's own.

    Raises `NotFound` where they have none of this number, or ended it before.
    """
    held = Token.objects.filter(person=person, pk=pk, revoked__isnull=True)
    if not held.update(revoked=now()):
        raise NotFound(
            _("you have no such token"),
            code="token.not_found",
            hint=_("See your page 'Log-in and tokens'."),
        )
