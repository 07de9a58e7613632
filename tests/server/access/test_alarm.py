"""Where something does not check, the answer is an alarm that nobody takes for a passing fault."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

#: what stands over every page of a workspace of demonstration material
BAND = '<aside class="specimen"'


@pytest.fixture
def package(machine: Actor, items: Callable[..., list[Item]], workspace: Workspace) -> str:
    """The number of a package whose proofs' heads have gone from the archive."""
    from muniment_server.disclosure import services

    bundle = services.export_bundle(machine, items("film"), services.Order("SPECIMEN court"))
    bundle.stream.close()
    shutil.rmtree(workspace.archive / "log" / "checkpoints")
    return bundle.package.number


def test_a_page_raises_the_alarm(package: str, browser: Callable[..., Client]) -> None:
    answer = browser("lawyer").get(f"/packages/{package}/bundle/")
    assert answer.status_code == 500
    assert "alarm.html" in [one.name for one in answer.templates]
    page = answer.content.decode()
    assert "no published head covers act" in page  # what differs
    assert "do not try again" in page  # what to do
    assert "log.not_published" in page
    assert "Retry-After" not in answer.headers


def test_the_api_raises_the_alarm(package: str, browser: Callable[..., Client]) -> None:
    answer = browser("lawyer").get(f"/api/packages/{package}/bundle")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("application/json")
    told = answer.json()["error"]
    assert set(told) == {"code", "message", "hint"}
    assert told["code"] == "log.not_published"
    assert "Retry-After" not in answer.headers


def test_every_error_of_ours_has_its_page(browser: Callable[..., Client]) -> None:
    answer = browser("lawyer").get("/items/M-00099/")
    assert (answer.status_code, answer.templates[0].name) == (404, "404.html")
    assert '<span class="num">404</span>' in answer.content.decode()


@pytest.mark.parametrize(("address", "status"), [("/items/M-00099/", 404), ("/people/", 403)])
def test_an_error_in_a_specimen_workspace_says_that_it_is_one(
    browser: Callable[..., Client], address: str, status: int
) -> None:
    answer = browser("reader").get(address)
    assert answer.status_code == status
    assert BAND in answer.content.decode()


def test_a_fault_has_a_page_that_asks_for_nobody(
    browser: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser("reader")
    client.raise_request_exception = False
    monkeypatch.setattr("muniment_server.accounts.queries.actor_of_user", _broken)
    answer = client.get("/items/")
    page = answer.content.decode()
    assert (answer.status_code, answer.templates[0].name) == (500, "500.html")
    assert '<span class="num">500</span>' in page
    assert BAND in page


def test_an_error_page_stands_without_any_context(workspace: Workspace) -> None:
    from django.template.loader import render_to_string

    page = render_to_string("404.html")
    assert "<h1>" in page
    assert BAND not in page


def _broken(*_args: object, **_kwargs: object) -> None:
    raise OSError
