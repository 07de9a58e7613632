"""The door of the job worker: builds who acts, and calls one service."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django_tasks import task

from muniment_server.accounts import queries as accounts
from muniment_server.catalogue import services
from muniment_server.custody import queries as custody
from muniment_server.custody.policies import Door
from muniment_server.custody.queries.jobs import held

if TYPE_CHECKING:
    from django_tasks.base import TaskContext

    from muniment_server.custody.policies import Actor


@task(takes_context=True)
def examine(context: TaskContext) -> None:
    """Examine the items of an entry of the queue, for whoever asked."""
    entry = UUID(context.task_result.id)
    services.examine_entry(_actor(entry), entry)


def _actor(entry: UUID) -> Actor:
    """Return the person who asked, with what they may do now; else this machine's agent."""
    agents = {job.by for job in held(entry) if job.by is not None}
    person = accounts.people().filter(agent__in=agents).first()
    if person is not None:
        return accounts.actor_of(person, Door.JOB)
    return accounts.machine_actor(custody.workspace().agent, Door.JOB)
