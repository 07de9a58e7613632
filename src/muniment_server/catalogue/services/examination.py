"""Examining items: every examination that applies, in the sandbox, and one act per group.

- Examinations never fail: what could not be done is a finding that says so.
- Whoever deposits queues nothing. A worker notices what came in by its place in the log, so that
  receiving many files costs nothing more, and nothing is forgotten (decision 0012).
- At once or by a worker, an item is recorded once for each time it was asked for; without
  anybody's asking, only while nothing was found in it yet.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from muniment.errors import NotFound
from muniment.evidence.instant import now
from muniment.examine.api import Media
from muniment.examine.examiner import Examined as FileExamined
from muniment.examine.examiner import Examiner, memory_folder, on_disk
from muniment.plugins import examiners
from muniment.sandbox import find_confinement
from muniment_server.catalogue import policies, queries
from muniment_server.catalogue.models import Finding, Part, Rendition
from muniment_server.catalogue.services.acts import Examined, record_examinations
from muniment_server.custody import queries as custody
from muniment_server.custody.acting.single import permit
from muniment_server.custody.queries.jobs import held as held_jobs
from muniment_server.custody.queries.jobs import mark
from muniment_server.custody.services import jobs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from uuid import UUID

    from muniment_server.catalogue.models import Item
    from muniment_server.catalogue.services.acts import Still
    from muniment_server.custody.policies import Actor

_GROUP = 64
_AT_ONCE = 2  # sandboxes side by side
_NOTICED = 1024  # items a worker queues in one transaction


def ask_for_examination(by: Actor, item: Item) -> None:
    """Ask a worker to examine an item, even where findings are there already."""
    permit(by, "item.examined", policies.may_examine, item, [item])
    queries.refuse_barred(by, item)
    jobs.enqueue(queries.EXAMINE, [item.pk], by=by.agent)


def notice_items(by: Actor) -> int:
    """Look at the next items received since a worker last looked, and return how many those are.

    Those without findings are queued. Only items that the actor may know of are noticed; others
    are examined when somebody who may asks for it.
    """
    if not queries.unnoticed(by, mark(queries.EXAMINE)).exists():
        return 0
    with transaction.atomic():
        rows = queries.unnoticed(by, jobs.lock_mark(queries.EXAMINE))
        new = list(rows[:_NOTICED])
        if not new:
            return 0
        unexamined = _without_findings([item.pk for item in new])
        jobs.enqueue(queries.EXAMINE, [item.pk for item in new if item.pk in unexamined])
        jobs.move_mark(queries.EXAMINE, max(item.seq for item in new if item.seq is not None))
    return len(new)


def examine_items(
    by: Actor, items: Iterable[Item], *, reason: str = ""
) -> Generator[list[Finding]]:
    """Examine items at once and record what was found, a group at a time."""
    return _examined(by, items, _each, reason)


def examine_new(by: Actor, items: Iterable[Item]) -> Generator[list[Finding]]:
    """Examine items at once, and record only what nobody examined meanwhile."""
    return _examined(by, items, _still_new, "")


def examine_entry(by: Actor, entry: UUID) -> None:
    """Examine the items that a worker's entry of the queue carries.

    Raises `NotFound` where the actor may not know of one of them.
    """
    held = held_jobs(entry)
    items = list(queries.visible_items(by).filter(pk__in=[job.subject for job in held]))
    if len(items) < len(held):
        raise NotFound(
            _("an item is not there, or {name} is not cleared for it").format(name=by.name),
            code="item.not_found",
            hint=_("Somebody who is cleared for it can ask for the examination."),
        )
    asked_for = {job.subject for job in held if job.by is not None}

    def still(items: Sequence[Item]) -> set[UUID]:
        return jobs.settle(entry) & (asked_for | _without_findings([one.pk for one in items]))

    for _group in _examined(by, items, still, ""):
        pass


def _each(items: Sequence[Item]) -> set[UUID]:
    """Let every item through; whatever waited for a worker is done with this."""
    keys = {item.pk for item in items}
    jobs.drop(queries.EXAMINE, keys)
    return keys


def _still_new(items: Sequence[Item]) -> set[UUID]:
    new = _without_findings([item.pk for item in items])
    jobs.drop(queries.EXAMINE, new)
    return new


def _without_findings(keys: Sequence[UUID]) -> set[UUID]:
    examined = Finding.objects.filter(part__item__in=keys).values_list("part__item", flat=True)
    return set(keys) - set(examined)


def _examined(
    by: Actor, items: Iterable[Item], still: Still, reason: str
) -> Generator[list[Finding]]:
    examiner = Examiner(examiners().values(), find_confinement())
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        groups = _groups(items, pool, examiner)
        for group in record_examinations(by, groups, still=still, reason=reason):
            rows = (row for member in group.members for row in member.rows)
            yield [row for row in rows if isinstance(row, Finding)]


def _groups(
    items: Iterable[Item], pool: ThreadPoolExecutor, examiner: Examiner
) -> Iterator[list[Examined]]:
    waiting = iter(items)
    while some := list(islice(waiting, _GROUP)):
        # What was put aside unopened is parsed by nobody, whoever asked for it before.
        opened = [item for item in some if item.barred is None]
        parts = [(item, part) for item in opened for part in queries.parts_of(item)]
        results = pool.map(lambda pair: _examine(examiner, *pair), parts)
        rows: dict[Item, tuple[list[Finding], list[Rendition]]] = {item: ([], []) for item in some}
        for (item, part), result in zip(parts, results, strict=True):
            _add_rows(item, part, result, *rows[item])
        yield [Examined(item, *found) for item, found in rows.items()]


def _examine(examiner: Examiner, item: Item, part: Part) -> FileExamined:
    media = Media(part.name, part.media_type, part.size, part.sha256)
    folder = memory_folder(part.size) if part.stored_sha256 else None
    with on_disk(partial(queries.content_of, item, part), folder) as path:
        return examiner.examine(path, media)


def _add_rows(
    item: Item,
    part: Part,
    result: FileExamined,
    findings: list[Finding],
    renditions: list[Rendition],
) -> None:
    made = now()
    for found in result.findings:
        findings.append(
            Finding(
                part=part,
                examination=found.examination,
                tool=found.tool,
                version=found.version,
                rules=found.rules,
                outcome=found.outcome.value,
                summary=found.summary,
                basis=found.basis,
                facts=[{"name": fact.name, "value": fact.value} for fact in found.facts],
                citation=found.citation,
                made=made,
            )
        )
        for one in found.renditions:
            stored = custody.put_object(item.pk, one.data, item.compartment_id)
            digest = hashlib.sha256(one.data).hexdigest()
            renditions.append(
                Rendition(
                    part=part,
                    kind=one.purpose,
                    sha256=digest,
                    size=len(one.data),
                    stored_sha256=stored.sha256 if stored.sha256 != digest else None,
                    media_type=one.media_type,
                    parent_sha256=one.parent_sha256,
                    tool=one.tool,
                    version=one.version,
                    parameters=dict(one.parameters),
                )
            )
