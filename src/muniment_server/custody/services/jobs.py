"""Jobs: work that a worker does later, queued through `django_tasks`.

- A job is a row keyed on its task and its subject. Asked for again while it waits or runs, it
  stays one; done, its row goes; given up, it stays with its error until it is asked for again.
- An entry of the queue carries a group of jobs, and claiming it leases them, in one transaction.
  Its id fences: only jobs that still name it may take effect (`settle`), in the transaction of
  the effect. So a job runs at least once and takes effect once, whatever dies in between.
- A lease that ran out means a dead worker: `reap` puts its jobs back. After `ATTEMPTS` a job is
  given up. What failed in a group is tried again one by one, so that one cannot spoil the others.
- Tasks are named by dotted path, because a task is a door and services import no doors.

Nothing here is recorded: jobs are local, and what they do goes through acts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string
from django_tasks.base import TaskContext, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from muniment.errors import MunimentError
from muniment.evidence.instant import now
from muniment_server.custody.models import Job, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

LEASE: Final = timedelta(seconds=60)
ATTEMPTS: Final = 3
GROUP: Final = 16
_PAUSE: Final = timedelta(seconds=30)
_UNUSABLE: Final = 2  # the exit code of errors that asking again does not mend
_DIED: Final = "The worker ended while it was at this."


@dataclass(frozen=True, slots=True)
class Claim:
    """An entry of the queue that this worker holds, with what its jobs are about."""

    entry: Any  # a DBTaskResult, whose package ships no types for it
    task: str
    subjects: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How the jobs of one claim ended: done, or why not."""

    claim: Claim
    error: str = ""
    given_up: list[UUID] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many jobs were done."""
        return 0 if self.error else len(self.claim.subjects)


def enqueue(task: str, subjects: Iterable[UUID], *, by: UUID | None = None) -> None:
    """Ask a worker to do a task, by its dotted path, for each subject.

    Jobs that wait or run already stay as they are; one that was given up begins anew.
    """
    order = {subject: place for place, subject in enumerate(subjects)}
    asked = now()
    with transaction.atomic():
        ours = Job.objects.filter(task=task, subject__in=order)
        Job.objects.filter(pk__in=ours.filter(state=Job.State.FAILED)).delete()
        Job.objects.bulk_create(
            [Job(task=task, subject=subject, by=by, asked=asked) for subject in order],
            ignore_conflicts=True,
        )
        new = ours.filter(entry__isnull=True).select_for_update()
        _queue(sorted(new, key=lambda job: order[job.subject]), GROUP)


def claim(worker: str) -> Claim | None:
    """Take the next entry of the queue for a worker and lease its jobs; None when none is due."""
    while DBTaskResult.objects.ready().exists():  # asked first without the lock of the writers
        with transaction.atomic():
            entry = DBTaskResult.objects.ready().get_locked()
            if entry is None:
                return None
            jobs = Job.objects.filter(entry=entry.pk, state=Job.State.WAITING)
            subjects = tuple(jobs.values_list("subject", flat=True))
            if not subjects:  # all of them were done at once meanwhile
                DBTaskResult.objects.filter(pk=entry.pk).delete()
                continue
            entry.claim(worker)
            jobs.update(
                state=Job.State.RUNNING,
                worker=worker,
                lease=now() + LEASE,
                attempts=F("attempts") + 1,
            )
            return Claim(entry, entry.task_path, subjects)
    return None


def perform(claimed: Claim) -> Ended:
    """Run a claimed task and settle its jobs: done, to be tried again, or given up."""
    try:
        entry = claimed.entry
        entry.task.call(TaskContext(task_result=entry.task_result))
    except Exception as error:  # noqa: BLE001 - whatever a job raises is kept with the job
        return _failed(claimed, error)
    with transaction.atomic():
        Job.objects.filter(entry=claimed.entry.pk, state=Job.State.RUNNING).delete()
        DBTaskResult.objects.filter(pk=claimed.entry.pk).delete()
    return Ended(claimed)


def renew(worker: str) -> None:
    """Say that a worker is alive: its leases begin again."""
    running = Job.objects.filter(worker=worker, state=Job.State.RUNNING)
    running.update(lease=now() + LEASE)


def settle(entry: UUID) -> set[UUID]:
    """Take the jobs of an entry off and return the subjects it still carried.

    Call it in the transaction of the effect, and keep the effect to these subjects: another worker
    answers for the rest.
    """
    jobs = Job.objects.filter(entry=entry, state=Job.State.RUNNING).select_for_update()
    held = {job.pk: job.subject for job in jobs}
    Job.objects.filter(pk__in=held).delete()
    return set(held.values())


def drop(task: str, subjects: Iterable[UUID]) -> None:
    """Take jobs off that somebody did at once; call it in the transaction of the effect."""
    Job.objects.filter(task=task, subject__in=list(subjects)).delete()


def reap(at: datetime) -> int:
    """Queue again what lost its worker or its entry, and return how many jobs that were."""
    lapsed = Job.objects.filter(state=Job.State.RUNNING, lease__lt=at)
    entries = DBTaskResult.objects.values("pk")
    lost = Job.objects.filter(state=Job.State.WAITING).exclude(entry__in=entries)
    finished = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).exclude(
        pk__in=Job.objects.filter(entry__isnull=False).values("entry")
    )
    if not (lapsed.exists() or lost.exists() or finished.exists()):
        return 0
    with transaction.atomic():
        dead = list(lapsed.select_for_update())
        DBTaskResult.objects.filter(pk__in=[job.entry for job in dead]).delete()
        DBTaskResult.objects.filter(pk__in=list(finished.values_list("pk", flat=True))).delete()
        _again(dead, _DIED)
        alone = list(lost.select_for_update())
        _queue(alone, 1)
    return len(dead) + len(alone)


def move_mark(task: str, seq: int) -> None:
    """Keep how far a task's subjects were noticed."""
    Mark.objects.update_or_create(task=task, defaults={"seq": seq})


def lock_mark(task: str) -> int:
    """Return how far a task's subjects were noticed, alone until the transaction ends."""
    Mark.objects.get_or_create(task=task)
    return Mark.objects.select_for_update().get(task=task).seq


def _queue(jobs: list[Job], size: int, run_after: datetime | None = None) -> None:
    """Make entries of the queue for jobs, each for jobs of one task and one person."""
    for (path, _by), some in groupby(jobs, key=lambda job: (job.task, job.by)):
        task = import_string(path).using(run_after=run_after)
        alike = [job.pk for job in some]
        for start in range(0, len(alike), size):
            entry = UUID(task.enqueue().id)
            Job.objects.filter(pk__in=alike[start : start + size]).update(entry=entry)


def _failed(claimed: Claim, error: Exception) -> Ended:
    said = _sentence(error)
    with transaction.atomic():
        jobs = list(
            Job.objects.filter(entry=claimed.entry.pk, state=Job.State.RUNNING).select_for_update()
        )
        DBTaskResult.objects.filter(pk=claimed.entry.pk).delete()
        if len(jobs) > 1:
            return Ended(claimed, said, _again(jobs, said))
        if isinstance(error, MunimentError) and error.exit_code == _UNUSABLE:
            return Ended(claimed, said, _give_up(jobs, said))
        pause = _PAUSE * max((job.attempts for job in jobs), default=1)
        return Ended(claimed, said, _again(jobs, said, now() + pause))


def _again(jobs: list[Job], error: str, run_after: datetime | None = None) -> list[UUID]:
    """Queue jobs again, one by one; return the subjects of those that were tried often enough."""
    spent = [job for job in jobs if job.attempts >= ATTEMPTS]
    rest = [job for job in jobs if job.attempts < ATTEMPTS]
    Job.objects.filter(pk__in=[job.pk for job in rest]).update(
        state=Job.State.WAITING, entry=None, lease=None, worker="", error=error
    )
    _queue(rest, 1, run_after)
    return _give_up(spent, error)


def _give_up(jobs: list[Job], error: str) -> list[UUID]:
    Job.objects.filter(pk__in=[job.pk for job in jobs]).update(
        state=Job.State.FAILED, entry=None, lease=None, worker="", error=error
    )
    return [job.subject for job in jobs]


def _sentence(error: Exception) -> str:
    if isinstance(error, MunimentError):
        return f"{error}. {error.hint}".strip()
    return f"{type(error).__name__}: {error}"
