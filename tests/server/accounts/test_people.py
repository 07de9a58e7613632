"""Who works here: added, given roles, ended; and what a code or a token opens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.errors import Conflict, InvalidInput, NotFound, NotPermitted
from muniment.evidence.acts import ACTS
from tests.server.refusals import entries, not_permitted, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.accounts.models import Person
    from muniment_server.custody.policies import Actor

PHRASE = "a long phrase that nobody guesses"


@pytest.fixture
def newcomer(machine: Actor) -> Person:
    """Somebody added a moment ago."""
    from muniment_server.accounts import services

    return services.add_person(
        machine, name="Oksana Hrytsak", handle="oksana", role=services.Role.ANALYST
    )


def actor(person: Person) -> Actor:
    from muniment_server.accounts import queries
    from muniment_server.custody.policies import Door

    return queries.actor_of(person, Door.WEB)


def kinds(person: Person) -> list[str]:
    from muniment_server.custody import queries

    return [leaf.kind for leaf in queries.chain_of(person.pk)]


def test_somebody_new_has_one_role_and_the_open_compartment(newcomer: Person) -> None:
    from muniment_server.accounts import policies
    from muniment_server.custody import queries

    by = actor(newcomer)
    assert by.name == "Oksana Hrytsak"
    assert by.permissions == policies.PERMISSIONS["analyst"]
    assert by.compartments == {queries.open_compartment_id()}
    assert kinds(newcomer) == ["person.added"]
    assert [leaf.kind for leaf in queries.chain_of(newcomer.agent_id)] == [
        "agent.created",
        "clearance.granted",
    ]


def test_a_log_in_name_is_used_once(machine: Actor, newcomer: Person) -> None:
    from muniment_server.accounts import services

    with refused(Conflict, "person.exists"):
        services.add_person(machine, name="Other", handle="oksana", role=services.Role.READER)


def test_a_name_too_long_is_refused_whole(machine: Actor) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.custody.models import Agent

    agents = Agent.objects.count()
    with refused(InvalidInput, "text.too_long"):
        services.add_person(machine, name="x" * 201, handle="x", role=services.Role.READER)
    assert queries.person("x") is None
    assert Agent.objects.count() == agents


def test_only_an_administrator_changes_who_works_here(
    person: Callable[..., Actor], newcomer: Person
) -> None:
    from muniment_server.accounts import services

    for by in map(person, ("investigator", "analyst", "lawyer", "reader", "auditor")):
        with not_permitted():
            services.add_person(by, name="X", handle="x", role=services.Role.ADMINISTRATOR)
        with not_permitted():
            services.grant_role(by, newcomer, role=services.Role.LAWYER)
        with not_permitted():
            services.revoke_role(by, newcomer, role=services.Role.ANALYST, reason="no")
        with not_permitted():
            services.end_person(by, newcomer, reason="no")


def test_no_role_may_do_everything() -> None:
    from muniment_server.accounts import policies
    from muniment_server.accounts.models import Role

    assert set(policies.PERMISSIONS) == set(Role.values)
    said_by_people = {ACTS["clock.confirmed"].permission}
    for role, allowed in policies.PERMISSIONS.items():
        assert allowed < policies.EVERYTHING | said_by_people, role
    administrator = policies.PERMISSIONS["administrator"]
    assert "record.read" not in administrator
    people = {ACTS[kind].permission for kind in ("person.added", "role.granted", "person.ended")}
    for role in set(Role.values) - {"administrator"}:
        assert not people & policies.PERMISSIONS[role]


def test_roles_add_up_and_a_second_grant_changes_nothing(machine: Actor, newcomer: Person) -> None:
    from muniment_server.accounts import policies, services
    from muniment_server.accounts.models import RoleGrant

    auditor = services.Role.AUDITOR
    first = services.grant_role(machine, newcomer, role=auditor, reason="stands in")
    again = services.grant_role(machine, newcomer, role=auditor, reason="stands in")
    assert first.pk == again.pk
    assert RoleGrant.objects.filter(person=newcomer, ended__isnull=True).count() == 2
    assert actor(newcomer).permissions == policies.permissions_of(["analyst", "auditor"])
    services.revoke_role(machine, newcomer, role=auditor, reason="is back")
    assert actor(newcomer).permissions == policies.PERMISSIONS["analyst"]
    services.grant_role(machine, newcomer, role=auditor)
    assert RoleGrant.objects.filter(person=newcomer, role=auditor).count() == 2
    assert kinds(newcomer) == [
        "person.added",
        *("role.granted", "role.granted", "role.revoked", "role.granted"),
    ]


@pytest.mark.parametrize("role", ["lawyer", "emperor"])
def test_a_role_that_somebody_does_not_have_is_not_taken(
    machine: Actor, newcomer: Person, role: str
) -> None:
    from muniment_server.accounts import services

    with refused(NotFound, "role.not_found"):
        services.revoke_role(machine, newcomer, role=role, reason="no")


def test_the_end_of_somebodys_work_ends_every_way_in(machine: Actor, newcomer: Person) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.accounts.models import RoleGrant
    from muniment_server.custody import queries as custody

    code = services.new_enrolment(newcomer)
    enrolment = queries.open_enrolment(code)
    assert enrolment is not None
    user = services.enrol(enrolment, PHRASE)
    second = services.new_enrolment(newcomer)
    _row, token = services.new_token(newcomer, "a script")

    ended = services.end_person(machine, newcomer, reason="the contract ended")
    with refused(NotPermitted, "person.ended"):
        actor(ended)
    with refused(NotPermitted, "token.invalid"):
        queries.actor_by_token(token)
    user.refresh_from_db()
    assert not user.is_active
    assert queries.open_enrolment(second) is None
    assert not RoleGrant.objects.filter(person=ended, ended__isnull=True).exists()
    assert custody.compartments_of(ended.agent_id) == frozenset()
    assert kinds(ended) == ["person.added", "person.ended"]


def test_whoever_is_gone_is_given_nothing(machine: Actor, newcomer: Person) -> None:
    from muniment_server.accounts import services

    services.end_person(machine, newcomer, reason="the contract ended")
    when = newcomer.ended
    with refused(Conflict, "person.gone"):
        services.end_person(machine, newcomer, reason="again")
    with refused(Conflict, "person.gone"):
        services.grant_role(machine, newcomer, role=services.Role.READER)
    with refused(Conflict, "person.gone"):
        services.new_enrolment(newcomer)
    newcomer.refresh_from_db()
    assert newcomer.ended == when


def test_a_code_opens_once(newcomer: Person) -> None:
    from muniment_server.accounts import queries, services

    code = services.new_enrolment(newcomer)
    assert queries.open_enrolment("another") is None
    enrolment = queries.open_enrolment(f" {code}\n")
    assert enrolment is not None
    with refused(InvalidInput, "password.weak"):
        services.enrol(enrolment, "short")
    user = services.enrol(enrolment, PHRASE)
    assert user.check_password(PHRASE)
    assert user.username == "oksana"
    assert queries.open_enrolment(code) is None


def test_a_code_ends_with_the_next_and_with_its_time(newcomer: Person) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.accounts.models import Enrolment

    first, second = services.new_enrolment(newcomer), services.new_enrolment(newcomer)
    assert queries.open_enrolment(first) is None
    assert queries.open_enrolment(second) is not None
    for row in Enrolment.objects.all():
        Enrolment.objects.filter(pk=row.pk).update(expires=row.expires - timedelta(days=3))
    assert queries.open_enrolment(second) is None


def test_a_new_code_lets_somebody_back_in_with_a_new_password(newcomer: Person) -> None:
    from muniment_server.accounts import queries, services

    for phrase in (PHRASE, f"{PHRASE} again"):
        enrolment = queries.open_enrolment(services.new_enrolment(newcomer))
        assert enrolment is not None
        assert services.enrol(enrolment, phrase).check_password(phrase)
    assert not newcomer.user.check_password(PHRASE)


def test_neither_code_nor_token_is_kept(newcomer: Person) -> None:
    from muniment_server.accounts import services
    from muniment_server.accounts.models import Enrolment, Token

    code = services.new_enrolment(newcomer)
    _row, token = services.new_token(newcomer, "a script")
    kept = str(list(Enrolment.objects.values())) + str(list(Token.objects.values()))
    assert code not in kept
    assert token not in kept


def test_a_token_is_its_person_and_no_more(newcomer: Person) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.custody.policies import Door

    row, token = services.new_token(newcomer, "a script")
    by = queries.actor_by_token(token, handle="oksana")
    assert (by.agent, by.via) == (newcomer.agent_id, Door.API)
    assert by.permissions == actor(newcomer).permissions
    with refused(NotPermitted, "token.invalid"):
        queries.actor_by_token(token, handle="somebody-else")
    with refused(NotPermitted, "token.invalid"):
        queries.actor_by_token(token + "x")
    type(row).objects.filter(pk=row.pk).update(expires=row.expires - timedelta(days=90))
    with refused(NotPermitted, "token.invalid"):
        queries.actor_by_token(token)


def test_a_token_is_ended_by_its_person_once(machine: Actor, newcomer: Person) -> None:
    from muniment_server.accounts import queries, services

    other = services.add_person(machine, name="O", handle="other", role=services.Role.READER)
    row, token = services.new_token(newcomer, "a script")
    with refused(NotFound, "token.not_found"):
        services.revoke_token(other, row.pk)
    assert queries.actor_by_token(token).agent == newcomer.agent_id
    services.revoke_token(newcomer, row.pk)
    with refused(NotPermitted, "token.invalid"):
        queries.actor_by_token(token)
    with refused(NotFound, "token.not_found"):
        services.revoke_token(newcomer, row.pk)
    assert list(queries.tokens_of(newcomer)) == []


def test_a_token_made_with_a_token_does_not_outlive_it(newcomer: Person) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.accounts.models import Token

    row, token = services.new_token(newcomer, "a script")
    soon = row.expires - timedelta(days=80)
    Token.objects.filter(pk=row.pk).update(expires=soon)
    by = queries.actor_by_token(token)
    assert queries.session_ends(by) == soon
    child, _secret = services.new_token(newcomer, "its child", latest=queries.session_ends(by))
    assert child.expires == soon
    assert queries.session_ends(actor(newcomer)) is None
    free, _secret = services.new_token(newcomer, "made after logging in")
    assert free.expires > soon


def test_gaining_and_losing_a_credential_are_acts_of_ones_own(newcomer: Person) -> None:
    from muniment_server.accounts import services

    by = actor(newcomer)
    before = entries()
    services.record_credential(by, newcomer)
    services.record_credential_removed(by, newcomer)
    assert entries() == before + 2
    assert kinds(newcomer)[1:] == ["credential.added", "credential.removed"]


def test_a_name_that_nobody_has_is_not_found(machine: Actor) -> None:
    from muniment_server.accounts import queries

    with refused(NotFound, "person.not_found"):
        queries.person_or_absent(machine, "nobody")
    with refused(NotFound, "person.not_found"):
        queries.person_of(machine)


def test_whoever_enrols_sees_where_they_are_signed_in(newcomer: Person) -> None:
    from django.test import Client

    from muniment_server.accounts import services

    client = Client(SERVER_NAME="localhost")
    said = {"handle": newcomer.handle, "code": services.new_enrolment(newcomer)}
    answer = client.post("/enrol/", {**said, "password1": PHRASE, "password2": PHRASE})
    assert answer.headers["Location"] == "/log-in/2fa/"
    assert "127.0.0.1" in client.get("/log-in/sessions/").content.decode()
