"""The door of the job worker: removes what acts took out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django_tasks import task

from muniment_server.oversight import services

if TYPE_CHECKING:
    from django_tasks.base import TaskContext


@task(takes_context=True)
def erase(context: TaskContext) -> None:
    """Erase what an entry of the queue names."""
    services.erase_entry(UUID(context.task_result.id))
