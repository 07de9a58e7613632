"""Made-up readings, written as the log would have them at other times."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from muniment_server.custody.models import Access, Recorded
    from muniment_server.custody.policies import Actor

NOW = datetime.datetime(2030, 6, 14, 15, 30, tzinfo=datetime.UTC)


def at(moment: datetime.datetime) -> AbstractContextManager[object]:
    """Let readings be recorded at a moment; time in the log only goes forward."""
    return mock.patch("muniment_server.custody.queries.recording.now", return_value=moment)


def read_at(
    by: Actor,
    moment: datetime.datetime,
    times: int,
    kind: Access.Kind,
    record: Recorded | None = None,
) -> None:
    """Let somebody read so many times from a moment on."""
    from muniment_server.custody import queries

    with at(moment):
        for _ in range(times):
            queries.note(by, kind, record)
