"""Reads of the jobs that wait for a worker, run, or were given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment_server.custody.models import Job, Mark

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


def job_of(task: str, subject: UUID) -> Job | None:
    """Return the job of a subject: None where nothing was asked, or all of it is done."""
    return Job.objects.filter(task=task, subject=subject).first()


def jobs() -> QuerySet[Job]:
    """Return every job that is not done, in the order asked."""
    return Job.objects.order_by("asked", "pk")


def waiting() -> int:
    """Return how many jobs wait for a worker, those that wait for another try included."""
    return Job.objects.filter(state=Job.State.WAITING).count()


def held(entry: UUID) -> list[Job]:
    """Return the jobs that an entry of the queue carries for the worker that claimed it."""
    return list(Job.objects.filter(entry=entry, state=Job.State.RUNNING))


def mark(task: str) -> int:
    """Return the `seq` up to which a task's subjects were noticed; -1 before the first."""
    found = Mark.objects.filter(task=task).first()
    return -1 if found is None else found.seq
