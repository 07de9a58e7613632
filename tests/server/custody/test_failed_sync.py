"""A sync of the database that failed is final: the process writes no more."""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
from typing import TYPE_CHECKING

import pytest
from django.db.utils import OperationalError

from muniment.errors import Unavailable

if TYPE_CHECKING:
    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


@pytest.mark.parametrize("engine", ["sqlite"])  # PostgreSQL ends itself where a sync fails
def test_after_a_failed_sync_the_process_writes_no_more(
    engine: str, machine: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.backends.sqlite3.base import DatabaseWrapper

    from muniment_server.catalogue import queries, services

    def commit(_self: DatabaseWrapper) -> None:
        cause = sqlite3.OperationalError("disk I/O error")
        cause.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise OperationalError(*cause.args) from cause

    with monkeypatch.context() as patched:
        patched.setattr(DatabaseWrapper, "_commit", commit)
        with pytest.raises(OperationalError):
            services.make_collection(machine, title="not durable")
    with pytest.raises(Unavailable) as caught:
        services.make_collection(machine, title="after it")
    assert caught.value.code == "storage.not_durable"
    assert list(queries.collections(machine)) == []  # reading goes on


def test_a_server_whose_publisher_cannot_sync_ends(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.archive.durability import not_durable
    from muniment_server.custody.ledger import publishing

    class EndedError(Exception):
        """Stands for the end of the process."""

    def failing() -> int:
        raise not_durable(OSError(errno.EIO, "Input/output error"))

    def end(code: int) -> None:
        raise EndedError(code)

    monkeypatch.setattr(publishing, "publish", failing)
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(logging, "shutdown", lambda: None)
    with pytest.raises(EndedError) as ended:
        publishing.Publisher().run()
    assert ended.value.args == (3,)
