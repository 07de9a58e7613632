"""`muniment work`: a worker, which does what waits until it is stopped.

- SIGTERM or SIGINT once: the jobs at hand are finished, then it leaves. Twice: it leaves at once,
  and what it was at is queued again when its lease has run out.
- Several workers may run, on one machine or, with PostgreSQL, on many.
- What it did is published before it says so.
- It has the log's heads time-stamped where the settings name an authority (`timekeeping`), and
  cosigned where a policy names witnesses (`watching`).
- It tends the access log: unusual volumes are recorded, and old readings end by rule (`tending`).
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from muniment.errors import Unavailable
from muniment_server.commands import session, timekeeping, watching
from muniment_server.commands.answers import answer, table
from muniment_server.commands.tending import Tending

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType
    from uuid import UUID

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services import Job
    from muniment_server.custody.services.jobs import Ended

HELP = "do the jobs that wait, such as examinations, until stopped"

_PAUSE: Final = 0.5  # seconds between two looks at an empty queue
_RENEW: Final = 15.0  # seconds between two signs of life; a lease is four of them
_UNFINISHED: Final = 3  # exit code: could not do it now


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `work`."""
    parser.add_argument("--once", action="store_true", help="do what waits now, then leave")
    parser.add_argument(
        "--list", action="store_true", help="list jobs that wait, run or were given up, and leave"
    )
    # `serve` starts its worker with its own process number, so that it never outlives it.
    parser.add_argument("--beside", type=int, metavar="PID", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Work until stopped, or until nothing waits."""
    with session.opened(args) as workspace:
        if args.list:
            return _list(args, workspace)
        worker = Worker(workspace, beside=args.beside)
        with worker.stopping(), worker.alive():
            if args.once:
                return _once(args, worker, workspace)
            with timekeeping.stamping(workspace), watching.asking():
                return _until_stopped(args, worker)


class Worker:
    """One worker: whether it is to stop, and what it does between two looks."""

    def __init__(self, workspace: Workspace, *, beside: int | None = None) -> None:
        """Begin as this machine's agent; `beside` is the process it must not outlive."""
        from muniment.evidence.identifiers import new_id
        from muniment_server.accounts import queries
        from muniment_server.custody.policies import Door

        self.name = new_id()
        self.by: Actor = queries.machine_actor(workspace.agent, Door.JOB)
        self._beside = beside
        self._stop = False

    @property
    def stopped(self) -> bool:
        """Whether it is to leave: it was told to, or what it stood beside is gone."""
        return self._stop or self._beside not in {None, os.getppid()}

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Let the first signal finish what is at hand, and a second one end it."""

        def stop(number: int, _frame: FrameType | None) -> None:
            self._stop = True
            signal.signal(number, signal.SIG_DFL)

        before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Renew the leases for as long as this process lives and the block lasts."""
        ended = threading.Event()
        thread = threading.Thread(target=self._renew, args=[ended], name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _renew(self, ended: threading.Event) -> None:
        from django.db import connections
        from django.db.utils import OperationalError

        from muniment_server.custody.services import jobs

        while not ended.wait(_RENEW):
            with suppress(OperationalError):  # the next sign of life may get through
                jobs.renew(self.name)
        connections.close_all()

    def notice(self) -> None:
        """Queue what came in, and what workers that died left behind."""
        from muniment.evidence.instant import now
        from muniment_server.catalogue.services import notice_items
        from muniment_server.custody.services import jobs

        jobs.reap(now())
        while notice_items(self.by):
            pass

    def work(self) -> Iterator[Ended]:
        """Do what is due, and give each group of jobs once its outcome is published."""
        from muniment_server.custody.ledger import publishing
        from muniment_server.custody.services import jobs

        while not self.stopped and (claimed := jobs.claim(self.name)) is not None:
            ended = jobs.perform(claimed)
            publishing.publish()
            yield ended


def _once(args: argparse.Namespace, worker: Worker, workspace: Workspace) -> int:
    from muniment.cli.progress import progress
    from muniment_server.custody.queries.jobs import jobs, waiting

    worker.notice()
    done = 0
    Tending(worker.by).step()
    with progress("working", waiting()) as advance:
        for ended in worker.work():
            done += ended.done
            advance(ended.done)
            _complain(ended, worker.by)
    left = _records(worker.by, jobs())
    stamped = timekeeping.stamp_now(workspace)
    watched = watching.ask_now(workspace)
    document = {"done": done, "jobs": left, **_beside(stamped, watched)}
    text = f"{done} done." if not left else f"{done} done; not done:\n{_text(left)}"
    told = [text, *timekeeping.lines(stamped), *watching.lines(watched)]
    answer(document, "\n".join(told), as_json=args.json)
    unfinished = left or any(one["failures"] for one in stamped)
    return watching.exit_code(watched) or (_UNFINISHED if unfinished else 0)


def _beside(stamped: list[dict[str, Any]], watched: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how the authorities and the witnesses stand, where there are any."""
    told = {"time": stamped, "witnesses": watched}
    return {name: records for name, records in told.items() if records}


def _until_stopped(args: argparse.Namespace, worker: Worker) -> int:
    from django.db.utils import OperationalError

    if args.beside is None:
        session.say("A worker is at work.   (stop with Ctrl-C)")
    done, tending = 0, Tending(worker.by)
    try:
        while not worker.stopped:
            tending.step()
            worker.notice()
            for ended in worker.work():
                done += ended.done
                _complain(ended, worker.by)
            if not worker.stopped:
                time.sleep(_PAUSE)
    except OperationalError as error:
        raise Unavailable(
            f"the database does not answer: {error}".strip(),
            code="database.unreadable",
            hint="Check that it is there and readable, then start the worker again.",
        ) from None
    answer({"done": done}, "" if args.beside else f"{done} done.", as_json=args.json)
    return 0


def _complain(ended: Ended, by: Actor) -> None:
    """Say what failed and what becomes of it."""
    if not ended.error:
        return
    numbers = _numbers(by, ended.claim.subjects)
    names = ", ".join(numbers.get(one, one.hex) for one in ended.claim.subjects)
    given_up = len(ended.given_up) == len(ended.claim.subjects)
    fate = "given up; see `muniment work --list`" if given_up else "will be tried again"
    session.say(f"muniment: {_short(ended.claim.task)} {names}: {ended.error}\n  {fate}")


def _list(args: argparse.Namespace, workspace: Workspace) -> int:
    from muniment_server.catalogue.queries import EXAMINE, unexamined
    from muniment_server.custody.queries.jobs import jobs, mark

    by = session.actor(args, workspace)
    records = _records(by, jobs())
    fresh = unexamined(by).filter(seq__gt=mark(EXAMINE)).count()
    lines = [_text(records)] if records else []
    if fresh:
        lines.append(f"{fresh} items came in that no worker has seen yet.")
    stamped = timekeeping.standings(workspace)
    watched = watching.standings(workspace)
    told = [*(lines or ["Nothing waits."]), *timekeeping.lines(stamped), *watching.lines(watched)]
    document = {"jobs": records, "not_queued": fresh, **_beside(stamped, watched)}
    answer(document, "\n".join(told), as_json=args.json)
    return 0


def _records(by: Actor, rows: Iterable[Job]) -> list[dict[str, Any]]:
    """Return the jobs about what the actor may know of, as `--json` prints them."""
    from muniment.evidence.instant import to_micros

    listed = list(rows)
    numbers = _numbers(by, [job.subject for job in listed])
    return [
        {
            "id": job.pk.hex,
            "task": _short(job.task),
            "subject": job.subject.hex,
            "number": numbers[job.subject],
            "state": job.state,
            "attempts": job.attempts,
            "error": job.error,
            "asked": to_micros(job.asked),
            "by": job.by.hex if job.by else "",
        }
        for job in listed
        if job.subject in numbers
    ]


def _numbers(by: Actor, subjects: Iterable[UUID]) -> dict[UUID, str]:
    from muniment_server.catalogue.queries import numbers_of

    return numbers_of(by, subjects)


def _short(task: str) -> str:
    """Return a task's own name, which people know it by."""
    return task.rpartition(".")[2]


def _text(records: list[dict[str, Any]]) -> str:
    return table(
        [
            (
                one["number"],
                one["task"],
                "given up" if one["state"] == "failed" else one["state"],
                f"tried {one['attempts']} times" if one["attempts"] else "",
                one["error"],
            )
            for one in records
        ]
    )
