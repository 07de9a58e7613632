"""Log-ins are recorded, those that fail too, and none goes through unrecorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from muniment.errors import NotPermitted, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.custody.policies import Actor

PHRASE = "a long phrase that nobody guesses"


def log_in(username: str, password: str) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.post("/log-in/login/", {"login": username, "password": password})
    return client


def kinds() -> list[str]:
    from muniment_server.custody.models import Access

    return list(Access.objects.order_by("index").values_list("kind", flat=True))


def test_a_log_in_is_recorded_with_its_session(browser: Callable[..., Client]) -> None:
    from muniment_server.custody.models import Access

    browser("analyst")
    client = log_in("analyst", PHRASE)
    assert client.get("/items/").status_code == 200
    logged, listed = Access.objects.order_by("-index")[:2][::-1]
    assert (logged.kind, listed.kind) == ("logged_in", "listed")
    assert logged.by == listed.by
    assert logged.session == listed.session != ""


def test_a_failed_log_in_is_recorded_and_what_was_typed_is_not(
    browser: Callable[..., Client],
) -> None:
    from muniment_server.custody.models import Access

    browser("analyst")
    log_in("analyst", "wrong")
    log_in("my secret phrase", "wrong")
    first, second = Access.objects.order_by("-index")[:2][::-1]
    assert (first.kind, first.by, second.kind) == ("login_refused", None, "login_refused")
    assert first.obj is not None
    assert second.obj is None
    assert "secret" not in second.detail + second.disclosures


def test_who_cannot_be_recorded_is_not_logged_in(
    browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody import queries

    def fail(*_given: object) -> None:
        raise Unavailable("no room", code="access.not_recorded")

    browser("analyst")
    monkeypatch.setattr(queries, "note_log_in", fail)
    client = log_in("analyst", PHRASE)
    monkeypatch.undo()
    assert client.get("/items/").status_code == 302


def test_an_ended_token_leaves_a_trace_and_a_guess_none(
    machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.accounts import queries, services

    analyst = person("analyst")
    member = queries.person_of(analyst)
    row, token = services.new_token(member, "script")
    queries.actor_by_token(token)
    services.revoke_token(member, row.pk)
    before = kinds().count("login_refused")
    for tried in (token, "a guess"):
        with pytest.raises(NotPermitted):
            queries.actor_by_token(tried)
    assert kinds().count("login_refused") == before + 1
