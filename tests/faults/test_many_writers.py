"""Sixteen processes write at once: nobody is turned away, the log has no gap and no fork."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

import pytest

from tests.faults.counts import cases, tell

if TYPE_CHECKING:
    from muniment.archive.workspace import Workspace

WRITERS = 16
ACTS = cases(32, 500)  # of each


@pytest.mark.slow
def test_sixteen_processes_write_one_log(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.db import connections

    from muniment_server.catalogue.models import Collection
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import checking, publishing, startup
    from tests.server.conftest import enter

    before = queries.custody_head().size
    connections.close_all()
    children = [_writer(workspace, number) for number in range(WRITERS)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0] * WRITERS

    enter(workspace)
    startup.check()
    publishing.publish()
    total = WRITERS * ACTS
    assert queries.custody_head().size == before + total
    numbers = set(Collection.objects.values_list("number", flat=True))
    assert numbers == {f"COL-{n:05d}" for n in range(1, total + 1)}
    assert checking.check_rows(lambda _done: None) == []
    tell(capsys, f"{total} acts of {WRITERS} processes at once, no gap and no fork")


def _writer(workspace: Workspace, number: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1  # pragma: no cover - the rest runs in the child
    try:
        _write(workspace, number)
        code = 0
    except BaseException:  # noqa: BLE001 - the child must not unwind into the test's own frames
        traceback.print_exc()
    os._exit(code)


def _write(workspace: Workspace, number: int) -> None:  # pragma: no cover - runs in the child
    from muniment_server.accounts import queries
    from muniment_server.catalogue import services
    from tests.server.conftest import enter

    enter(workspace)
    by = queries.machine_actor(workspace.agent)
    for turn in range(ACTS):
        services.make_collection(by, title=f"writer {number}, turn {turn}")
