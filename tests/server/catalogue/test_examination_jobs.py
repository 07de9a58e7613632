"""Examinations by a worker: found by itself or asked for, done once, retried, given up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.errors import NotPermitted
from muniment.evidence.disclosure import open_disclosure

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from uuid import UUID

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment.examine.examiner import Examined, Examiner
    from muniment_server.catalogue.models import Finding, Item, Part
    from muniment_server.catalogue.services.acts import Still
    from muniment_server.commands.work import Worker
    from muniment_server.custody.models import Job
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.jobs import Ended


@pytest.fixture
def worker(workspace: Workspace) -> Worker:
    """A worker in the test's own process."""
    from muniment_server.commands.work import Worker

    return Worker(workspace)


def drain(worker: Worker) -> list[Ended]:
    """Let a worker do everything that is due."""
    worker.notice()
    return list(worker.work())


def examined(item: Item) -> int:
    """How many acts say that an item was examined."""
    from muniment_server.custody import queries

    return [leaf.kind for leaf in queries.chain_of(item.pk)].count("item.examined")


def job(item: Item) -> Job:
    """The job about an item, as its page knows it."""
    from muniment_server.catalogue import queries

    found = queries.examination_of(item)
    assert found is not None
    return found


def settled(item: Item) -> bool:
    """Whether nothing waits, runs or failed, for an item and in the queue."""
    from muniment_server.catalogue import queries

    return queries.examination_of(item) is None and queue() == 0


def queue() -> int:
    """How many entries the queue holds, whatever their state."""
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.count()


def make_due() -> None:
    """Let the time pass that a job waits before another try."""
    from django_tasks_db.models import DBTaskResult

    from muniment.evidence.instant import now

    DBTaskResult.objects.update(run_after=now())


def spoil(monkeypatch: pytest.MonkeyPatch, item: Item, error: Exception) -> None:
    """Let the examination of one item raise an error."""
    from muniment_server.catalogue.services import examination

    real = examination._examine

    def examine(examiner: Examiner, of: Item, part: Part) -> Examined:
        if of.pk == item.pk:
            raise error
        return real(examiner, of, part)

    monkeypatch.setattr(examination, "_examine", examine)


def test_what_came_in_is_examined_once(worker: Worker, items: Callable[..., list[Item]]) -> None:
    from muniment_server.catalogue import queries

    first, second = items("a.txt", "b.txt")
    assert job(first).state == "waiting"
    (ended,) = drain(worker)
    assert (ended.done, ended.error) == (2, "")
    assert drain(worker) == []
    assert [examined(first), examined(second)] == [1, 1]
    assert len({one.examination for one in queries.findings_of(first)}) == len(
        queries.findings_of(first)
    )
    assert settled(first)


def test_depositing_queues_nothing(items: Callable[..., list[Item]]) -> None:
    from muniment_server.custody.queries.jobs import jobs

    items("a.txt")
    assert (jobs().count(), queue()) == (0, 0)


def test_asked_for_twice_it_is_done_once_more(
    worker: Worker, items: Callable[..., list[Item]], person: Callable[..., Actor]
) -> None:
    from muniment_server.catalogue.services import ask_for_examination
    from muniment_server.custody import queries

    (item,) = items("a.txt")
    drain(worker)
    analyst = person("analyst")
    ask_for_examination(analyst, item)
    ask_for_examination(analyst, item)
    assert sum(ended.done for ended in drain(worker)) == 1
    assert examined(item) == 2
    leaf = queries.chain_of(item.pk)[-1]
    assert leaf.by == analyst.agent
    told = [open_disclosure(text) for text in leaf.disclosures.split("\n")]
    handling = next(one.value for one in told if one.name == "handling")
    assert isinstance(handling, dict)
    assert handling["via"] == "job"


def test_who_may_not_examine_may_not_ask(
    items: Callable[..., list[Item]], person: Callable[..., Actor]
) -> None:
    from muniment_server.catalogue.services import ask_for_examination

    (item,) = items("a.txt")
    with pytest.raises(NotPermitted):
        ask_for_examination(person("reader"), item)
    assert queue() == 0


def test_an_item_examined_at_once_is_not_examined_again(
    worker: Worker, machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue.services import examine_new

    first, second = items("a.txt", "b.txt")
    worker.notice()
    list(examine_new(machine, [first]))
    drain(worker)
    list(examine_new(machine, [first, second]))
    assert [examined(first), examined(second)] == [1, 1]


def test_a_worker_that_lost_its_lease_records_nothing(
    workspace: Workspace, worker: Worker, items: Callable[..., list[Item]]
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.custody.services import jobs

    (item,) = items("a.txt")
    worker.notice()
    slow = jobs.claim("a worker that sleeps")
    assert slow is not None
    assert jobs.reap(now()) == 0
    assert jobs.claim(worker.name) is None
    assert jobs.reap(now() + 2 * jobs.LEASE) == 1
    assert sum(ended.done for ended in drain(worker)) == 1
    jobs.perform(slow)
    assert examined(item) == 1
    assert settled(item)


def test_a_worker_that_loses_its_lease_while_it_examines_records_nothing(
    worker: Worker,
    items: Callable[..., list[Item]],
    person: Callable[..., Actor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.catalogue.services import ask_for_examination, examination
    from muniment_server.custody.services import jobs

    (item,) = items("a.txt")
    drain(worker)
    ask_for_examination(person("analyst"), item)  # that there are findings already says nothing
    slow = jobs.claim("a worker that sleeps")
    assert slow is not None
    real = examination._examined

    def sleeping(
        by: Actor, some: Iterable[Item], still: Still, reason: str
    ) -> Generator[list[Finding]]:
        monkeypatch.setattr(examination, "_examined", real)
        jobs.reap(now() + 2 * jobs.LEASE)
        drain(worker)
        return real(by, some, still, reason)

    monkeypatch.setattr(examination, "_examined", sleeping)
    jobs.perform(slow)
    assert examined(item) == 2
    assert settled(item)


def test_a_sign_of_life_keeps_the_lease(
    worker: Worker, items: Callable[..., list[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.custody.services import jobs

    items("a.txt")
    worker.notice()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "LEASE", timedelta(seconds=-1))
        assert jobs.claim(worker.name) is not None
    jobs.renew(worker.name)
    assert jobs.reap(now()) == 0


def test_workers_that_die_of_it_end_the_job(
    worker: Worker, items: Callable[..., list[Item]]
) -> None:
    from muniment.evidence.instant import now
    from muniment_server.custody.services import jobs

    (item,) = items("a.txt")
    worker.notice()
    for _attempt in range(jobs.ATTEMPTS):
        assert jobs.claim("a worker about to die") is not None
        jobs.reap(now() + 2 * jobs.LEASE)
    assert jobs.claim(worker.name) is None
    assert (job(item).state, job(item).attempts) == ("failed", jobs.ATTEMPTS)
    assert "worker ended" in job(item).error


def test_a_poisonous_item_spoils_no_other_and_is_given_up(
    worker: Worker,
    items: Callable[..., list[Item]],
    browser: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment_server.custody.services import jobs

    good, bad, better = items("a.txt", "b.txt", "c.txt")
    client = browser("analyst")
    with monkeypatch.context() as patch:
        spoil(patch, bad, OSError("the disk is full (specimen)"))
        ended = drain(worker)
        assert [examined(item) for item in (good, bad, better)] == [1, 0, 1]
        assert (job(bad).state, job(bad).attempts) == ("waiting", 2)
        make_due()
        ended += drain(worker)
    assert [one.given_up for one in ended if one.given_up] == [[bad.pk]]
    assert (job(bad).state, job(bad).attempts) == ("failed", jobs.ATTEMPTS)
    page = client.get(f"/items/{bad.number}/").content.decode()
    assert "examination failed" in page
    assert "the disk is full (specimen)" in page
    # Asked for again, it begins anew.
    client.post(f"/items/{bad.number}/examine/")
    assert "examination waiting" in client.get(f"/items/{bad.number}/").content.decode()
    assert sum(one.done for one in drain(worker)) == 1
    assert examined(bad) == 1
    assert settled(bad)


def test_what_asking_again_does_not_mend_is_given_up_at_once(
    worker: Worker,
    machine: Actor,
    items: Callable[..., list[Item]],
    person: Callable[..., Actor],
) -> None:
    from muniment_server.accounts import queries as accounts
    from muniment_server.accounts import services
    from muniment_server.catalogue.services import ask_for_examination

    (item,) = items("a.txt")
    drain(worker)
    analyst = person("analyst")
    ask_for_examination(analyst, item)
    gone = accounts.person("analyst")
    assert gone is not None
    services.end_person(machine, gone, reason="left (specimen)")
    (ended,) = drain(worker)
    assert ended.given_up == [item.pk]
    assert "works here no longer" in job(item).error
    assert examined(item) == 1


def test_a_page_says_that_an_examination_runs(
    worker: Worker, items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody.services import jobs

    (item,) = items("a.txt")
    client = browser("reader")
    worker.notice()
    jobs.claim(worker.name)
    assert "examination running" in client.get(f"/items/{item.number}/").content.decode()


def test_an_entry_that_lost_its_job_and_a_job_that_lost_its_entry_are_mended(
    worker: Worker, items: Callable[..., list[Item]]
) -> None:
    from django_tasks_db.models import DBTaskResult

    (item,) = items("a.txt")
    worker.notice()
    DBTaskResult.objects.all().delete()
    assert sum(ended.done for ended in drain(worker)) == 1
    assert examined(item) == 1


def test_the_mark_passes_what_was_examined_already(
    worker: Worker, machine: Actor, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.catalogue.services import examine_items
    from muniment_server.custody.services import jobs

    first, second = items("a.txt", "b.txt")
    list(examine_items(machine, [first]))
    worker.notice()
    claimed = jobs.claim(worker.name)
    assert claimed is not None
    subjects: tuple[UUID, ...] = claimed.subjects
    assert subjects == (second.pk,)
