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
