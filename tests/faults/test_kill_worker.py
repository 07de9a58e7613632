"""Workers that die at work, and workers side by side: every item is examined once, none twice.

Workers are forked from this process and killed with SIGKILL: in the middle of a job that waits for
it, and at random moments while they race through many.
"""

from __future__ import annotations

import os
import random
import select
import signal
import traceback
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment.examine.examiner import Examined, Examiner
    from muniment_server.catalogue.models import Item, Part
    from muniment_server.custody.policies import Actor

ITEMS = 24
WORKERS = 4
KILLS = 12  # on each database


def test_a_job_whose_worker_was_killed_is_done_once(
    workspace: Workspace, machine: Actor, tmp_path: Path
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.commands.work import Worker
    from muniment_server.custody.services import jobs
    from tests.server.conftest import enter

    items = _deposited(machine, tmp_path, 2)
    reader, writer = os.pipe()
    child = _forked(workspace, lambda: _stuck(workspace, writer))
    assert os.read(reader, 1) == b"."  # it examines
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)

    enter(workspace)
    worker = Worker(workspace)
    worker.notice()
    assert list(worker.work()) == []  # its lease still runs: it might live
    assert jobs.reap(now() + 2 * jobs.LEASE) == len(items)
    assert sum(ended.done for ended in worker.work()) == len(items)
    _assert_once(items)


@pytest.mark.slow
def test_workers_side_by_side_never_do_the_same_job(
    workspace: Workspace, machine: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment_server.custody.services import jobs
    from tests.server.conftest import enter

    monkeypatch.setattr(jobs, "GROUP", 1)  # many claims to quarrel about
    items = _deposited(machine, tmp_path, ITEMS)
    reader, writer = os.pipe()
    children = [_forked(workspace, lambda: _race(workspace, writer)) for _ in range(WORKERS)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    os.close(writer)
    with os.fdopen(reader) as told:
        done = told.read().split()
    assert codes == [0] * WORKERS
    assert sorted(done) == sorted(item.pk.hex for item in items)
    enter(workspace)
    _assert_once(items)


@pytest.mark.slow
def test_workers_killed_at_any_moment_double_nothing(
    workspace: Workspace, machine: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.commands.work import Worker
    from muniment_server.custody.services import jobs
    from tests.server.conftest import enter

    monkeypatch.setattr(jobs, "GROUP", 3)
    monkeypatch.setattr(jobs, "ATTEMPTS", KILLS + 2)  # nothing is given up here
    chance = random.Random(20312)
    items = _deposited(machine, tmp_path, ITEMS)
    for _kill in range(KILLS):
        reader, writer = os.pipe()
        child = _forked(workspace, lambda: _race(workspace, writer))  # noqa: B023 - it runs now
        os.close(writer)
        select.select([reader], [], [], 30)  # its first job is done, or it ended
        select.select([], [], [], chance.uniform(0, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        enter(workspace)
        jobs.reap(now() + 2 * jobs.LEASE)
    worker = Worker(workspace)
    worker.notice()
    list(worker.work())
    _assert_once(items)


def _deposited(machine: Actor, folder: Path, count: int) -> list[Item]:
    from muniment.archive.outcome import Refused
    from muniment.capture.file import capture_file
    from muniment_server.catalogue.services import Provenance, receive_files

    for number in range(count):
        (folder / f"{number}.txt").write_text(f"SPECIMEN {number}\n", encoding="utf-8")
    found = [capture_file(os.fsencode(folder / f"{number}.txt")) for number in range(count)]
    with closing(receive_files(machine, found, Provenance("faults"))) as groups:
        return [one.item for group in groups for one in group if not isinstance(one, Refused)]


def _forked(workspace: Workspace, work: Callable[[], None]) -> int:
    """Fork a child that enters the workspace and works; its exit code says whether it could."""
    from django.db import connections

    from tests.server.conftest import enter

    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1  # pragma: no cover - the rest runs in the child
    try:
        enter(workspace)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the child must not unwind into the test's own frames
        traceback.print_exc()
    os._exit(code)


def _stuck(workspace: Workspace, writer: int) -> None:  # pragma: no cover - runs in the child
    from muniment_server.catalogue.services import examination
    from muniment_server.commands.work import Worker

    def examine(_examiner: Examiner, _store: object, _part: Part) -> Examined:
        os.write(writer, b".")
        signal.pause()
        raise AssertionError

    examination._examine = examine  # type: ignore[assignment]  # this child's own, until it is killed
    worker = Worker(workspace)
    worker.notice()
    list(worker.work())


def _race(workspace: Workspace, writer: int) -> None:  # pragma: no cover - runs in the child
    from muniment_server.commands.work import Worker

    worker = Worker(workspace)
    worker.notice()
    for ended in worker.work():
        assert not ended.error, ended.error
        for subject in ended.claim.subjects:
            os.write(writer, f"{subject.hex}\n".encode())


def _assert_once(items: list[Item]) -> None:
    from django_tasks_db.models import DBTaskResult

    from muniment_server.catalogue import queries
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import checking, publishing, startup
    from muniment_server.custody.queries.jobs import jobs

    startup.check()
    publishing.publish()
    for item in items:
        kinds = [leaf.kind for leaf in custody.chain_of(item.pk)]
        assert kinds == ["item.received", "item.examined"]
        names = [finding.examination for finding in queries.findings_of(item)]
        assert sorted(set(names)) == sorted(names)
        assert names
    assert checking.check_rows(lambda _done: None) == []
    assert (jobs().count(), DBTaskResult.objects.count()) == (0, 0)
