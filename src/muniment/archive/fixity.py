"""Hashing every object again and comparing it with its name, as fast as the processors allow.

- Threads take objects one at a time, so that few large ones and many small ones are shared alike;
  each thread has one buffer.
- What lies among the objects and is none is reported; what lies in `tmp` is no concern of anyone.

Not its job: which objects there should be (`details_check`).
"""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import SimpleQueue
from random import SystemRandom
from typing import TYPE_CHECKING

from muniment.archive.hashing import Hasher
from muniment.archive.layout import is_digest, object_folders, object_name
from muniment.archive.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from muniment.archive.layout import Layout

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_WAITING = 4096  # names listed ahead of the threads
_MOMENT = 0.05  # seconds between two looks at how far the threads are


@dataclass(slots=True)
class Tally:
    """What one thread has checked so far."""

    objects: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])


def check_objects(
    layout: Layout, *, sample: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Hash all objects, or so many chosen at random; return counts and what is wrong.

    `progress` is told how many more are done, now and then.
    """
    total = Tally()
    names = _listed(layout, total.problems)
    if sample is not None:
        everything = list(names)
        names = iter(SystemRandom().sample(everything, min(sample, len(everything))))
    try:
        objects = os.open(layout.objects, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return total
    try:
        for tally in _hash_all(objects, names, progress):
            total.objects += tally.objects
            total.bytes += tally.bytes
            total.problems += tally.problems
    finally:
        os.close(objects)
    total.problems.sort(key=_subject)
    return total


def _hash_all(objects: int, names: Iterable[str], progress: Callable[[int], None]) -> list[Tally]:
    """Hash objects in threads; the caller's thread lists them and reports progress."""
    waiting: SimpleQueue[str | None] = SimpleQueue()
    tallies = [Tally() for _ in range(_processors())]
    told = 0

    def tell() -> None:
        nonlocal told
        done = sum(tally.objects for tally in tallies)
        if done > told:
            progress(done - told)
            told = done

    with ThreadPoolExecutor(len(tallies)) as pool:
        working = [pool.submit(_hash_waiting, objects, waiting, tally) for tally in tallies]
        try:
            for name in names:
                waiting.put(name)
                if waiting.qsize() > _WAITING:
                    wait(working, timeout=_MOMENT)
                    tell()
        finally:
            for _ in tallies:
                waiting.put(None)
        while wait(working, timeout=_MOMENT).not_done:
            tell()
        for one in working:
            one.result()
    tell()
    return tallies


def _hash_waiting(objects: int, waiting: SimpleQueue[str | None], tally: Tally) -> None:
    hasher = Hasher()
    while (digest := waiting.get()) is not None:
        try:
            size = _check(objects, digest, hasher)
        except FileNotFoundError:
            continue  # taken back after it was listed: then nothing was built on it
        except OSError as error:
            message = f"the object cannot be read: {os.strerror(error.errno or 0)}"
            tally.problems.append(Problem("object.unreadable", digest, message))
            size = 0
        if size is None:
            message = "the bytes are not those that were stored"
            tally.problems.append(Problem("object.damaged", digest, message))
        tally.objects += 1
        tally.bytes += size or 0


def _check(objects: int, digest: str, hasher: Hasher) -> int | None:
    """Return the size of an object that is what its name says, or None."""
    descriptor = os.open(object_name(digest), _READ, dir_fd=objects)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            return None
        return facts.st_size if hasher.digest(descriptor, facts.st_size) == digest else None
    finally:
        os.close(descriptor)


def _listed(layout: Layout, problems: list[Problem]) -> Iterator[str]:
    """Give the digests of all objects, folder by folder, and report what else lies there."""
    folders = object_folders()
    known = set(folders)
    others = [name for name in _names(layout.objects, problems) if name not in known]
    problems.extend(map(_stray, others))
    for folder in folders:
        for name in sorted(_names(os.path.join(layout.objects, folder), problems)):
            if is_digest(folder + name):
                yield folder + name
            else:
                problems.append(_stray(f"{folder}/{name}"))


def _names(folder: str, problems: list[Problem]) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []  # copies of an archive may lack empty folders
    except OSError as error:
        message = f"the folder cannot be read: {os.strerror(error.errno or 0)}"
        problems.append(Problem("object.unreadable", folder, message))
        return []


def _stray(name: str) -> Problem:
    return Problem("object.stray", f"objects/{name}", "this is no object and belongs elsewhere")


def _subject(problem: Problem) -> str:
    return problem.subject


def _processors() -> int:
    """Return how many threads can hash at once."""
    affinity = getattr(os, "sched_getaffinity", None)
    return max(2, len(affinity(0)) if affinity else os.cpu_count() or 2)
