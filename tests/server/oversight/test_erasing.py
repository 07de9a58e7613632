"""What is left to erase survives the death of whoever erases, and ends with nothing left."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import Unavailable
from muniment.evidence.instant import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@pytest.fixture
def shredded(
    asker: Actor, giver: Actor, item: Item, requested: Callable[..., Any]
) -> tuple[Item, str]:
    """An item that two people had shredded, of which nothing is erased yet, and its digest."""
    from muniment_server.catalogue import queries
    from muniment_server.custody.ledger import publishing
    from muniment_server.oversight.services import give

    publishing.publish()
    [part] = queries.parts_of(item)
    give(giver, requested(asker, item))
    publishing.publish()
    return item, part.sha256


def work() -> str:
    """Do the next thing a worker has to do; return what went wrong."""
    from muniment_server.custody.services import jobs

    claimed = jobs.claim("worker")
    assert claimed is not None
    return jobs.perform(claimed).error


def place(workspace: Workspace, digest: str) -> Path:
    return workspace.archive / "objects" / digest[:2] / digest[2:]


def nothing_left(item: Item) -> bool:
    from muniment_server.custody.services import jobs
    from muniment_server.oversight import queries

    return queries.left_to_erase(item.pk) == [] and jobs.claim("worker") is None


def test_a_worker_erases(shredded: tuple[Item, str], workspace: Workspace) -> None:
    item, digest = shredded
    assert place(workspace, digest).exists()
    assert work() == ""
    assert not place(workspace, digest).exists()
    assert nothing_left(item)


STEPS = ("replace_lines", "settle_key", "remove_objects", "sweep")


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_another_worker_ends_it(
    shredded: tuple[Item, str], workspace: Workspace, step: str
) -> None:
    from django.db import connections

    from muniment_server.custody.services import jobs

    item, digest = shredded
    connections.close_all()
    child = os.fork()
    if child == 0:
        _die_at(step)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert jobs.reap(now() + timedelta(hours=1)) == 1
    assert work() == ""
    assert not place(workspace, digest).exists()
    assert nothing_left(item)


def _die_at(step: str) -> None:
    from muniment_server.oversight.services import erasing

    def die(*_given: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(erasing, step, die)
    work()
    os._exit(0)


def test_what_cannot_be_erased_now_is_tried_again(
    shredded: tuple[Item, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody.models import Job
    from muniment_server.oversight.services import erase_now, erasing

    item, _digest = shredded

    def busy(_tables: object) -> None:
        raise Unavailable("somebody still reads", code="database.not_swept")

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "sweep", busy)
        assert "somebody still reads" in erase_now(item.pk)
        assert "somebody still reads" in work()
    assert Job.objects.get(subject=item.pk).state == Job.State.WAITING
    assert erase_now(item.pk) == ""


def test_replicas_are_erased_too(
    shredded: tuple[Item, str],
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil
    from dataclasses import replace

    from django.conf import settings

    from muniment.archive.check import check_archive
    from muniment_server.oversight.services import finish

    item, digest = shredded
    second = tmp_path / "second"
    shutil.copytree(workspace.archive, second)
    monkeypatch.setattr(settings, "WORKSPACE", replace(workspace, replicas=(second,)))
    finish(item.pk)
    assert not (second / "objects" / digest[:2] / digest[2:]).exists()
    assert check_archive(second).problems == ()


def test_a_replica_that_is_away_is_said_and_erased_once_it_is_back(
    shredded: tuple[Item, str],
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import shutil
    from dataclasses import replace

    from django.conf import settings

    from muniment_server.oversight.services import erase_now, erase_rest

    item, digest = shredded
    second = tmp_path / "second"
    shutil.copytree(workspace.archive, tmp_path / "away")
    monkeypatch.setattr(settings, "WORKSPACE", replace(workspace, replicas=(second,)))
    assert str(second) in erase_now(item.pk)
    assert not place(workspace, digest).exists()
    shutil.copytree(tmp_path / "away", second)
    assert erase_rest() == {}
    assert not (second / "objects" / digest[:2] / digest[2:]).exists()
    assert nothing_left(item)
