"""Hashing every object again and comparing it with its name, as fast as the processors allow.

- Threads take objects one at a time, so that few large ones and many small ones are shared alike;
  each thread has one buffer.
- A sample is chosen by a seed: whoever knows the seed and the store gets the same one.
- A whole check can be taken up where another was broken off: `Course` remembers, folder by folder.
- What lies among the objects and is none is reported; what lies in `tmp` is no concern of anyone.

Not its job: which objects there should be (`details_check`).
"""

from __future__ import annotations

import heapq
import os
import stat
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from muniment.archive.hashing import Hasher
from muniment.archive.layout import is_digest, object_folders, object_name
from muniment.archive.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from muniment.archive.course import Course
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
    folders: Counter[str] = field(default_factory=Counter[str])  # done, by folder


@dataclass(frozen=True, slots=True)
class Sample:
    """So many objects, chosen by a seed: those whose digest, hashed with the seed, comes first."""

    size: int
    seed: str

    def choose(self, digests: Iterable[str]) -> list[str]:
        """Return the chosen ones in order; the same seed chooses the same from the same."""
        return sorted(heapq.nsmallest(self.size, digests, key=self._rank))

    def _rank(self, digest: str) -> bytes:
        return sha256(f"{self.seed}\n{digest}".encode()).digest()


def check_objects(
    layout: Layout,
    *,
    sample: Sample | None = None,
    course: Course | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Hash all objects, or a sample of them; return counts and what is wrong.

    `course` is that of a whole check: what it has done already is not done again, and counts.
    `progress` is told how many more are done, now and then.
    """
    total = Tally()
    done = course.begin() if course else Tally()
    names = _listed(layout, total.problems, done.folders)
    if sample is not None:
        names = iter(sample.choose(names))
    try:
        objects = os.open(layout.objects, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return total
    progress(done.objects)
    try:
        tallies = _Hashing(objects, progress, course).all(names)
    finally:
        os.close(objects)
    for tally in (done, *tallies):
        total.objects += tally.objects
        total.bytes += tally.bytes
        total.problems += tally.problems
    if course:
        course.end()
    total.problems.sort(key=_subject)
    return total


def count_objects(layout: Layout) -> int:
    """Return how many objects there are to hash, without looking into any."""
    return sum(len(_names(os.path.join(layout.objects, one), [])) for one in object_folders())


class _Hashing:
    """Objects hashed in threads, while the caller's thread lists them and tells how far it is."""

    def __init__(
        self, objects: int, progress: Callable[[int], None], course: Course | None
    ) -> None:
        self._objects = objects
        self._progress = progress
        self._course = course
        self._waiting: SimpleQueue[str | None] = SimpleQueue()
        self._tallies = [Tally() for _ in range(_processors())]
        self._told = 0
        self._listed: Counter[str] = Counter()

    def all(self, names: Iterable[str]) -> list[Tally]:
        """Hash all of them and return what each thread found."""
        with ThreadPoolExecutor(len(self._tallies)) as pool:
            working = [
                pool.submit(_hash_waiting, self._objects, self._waiting, tally)
                for tally in self._tallies
            ]
            ended = False
            try:
                for name in names:
                    self._listed[name[:2]] += 1
                    self._waiting.put(name)
                    if self._waiting.qsize() > _WAITING:
                        wait(working, timeout=_MOMENT)
                        self._tell(listing=name[:2])
                self._finish(len(working))
                while wait(working, timeout=_MOMENT).not_done:
                    self._tell()
                ended = True
            finally:
                if not ended:
                    self._give_up(len(working))
            for one in working:
                one.result()
        self._tell()
        return self._tallies

    def _finish(self, threads: int) -> None:
        for _ in range(threads):
            self._waiting.put(None)

    def _give_up(self, threads: int) -> None:
        """Let nothing more begin: whoever interrupts does not wait for what was only listed."""
        with suppress(Empty):
            while True:
                self._waiting.get_nowait()
        self._finish(threads)

    def _tell(self, listing: str = "") -> None:
        """Say how many more are done, and which folders are: all but the one being listed."""
        done = sum(tally.objects for tally in self._tallies)
        if done > self._told:
            self._progress(done - self._told)
            self._told = done
        if self._course:
            counted: Counter[str] = Counter()
            for one in self._tallies:
                counted.update(one.folders.copy())
            whole = {
                folder: number
                for folder, number in self._listed.items()
                if folder != listing and counted[folder] == number
            }
            self._course.note(whole, self._tallies)


def _hash_waiting(objects: int, waiting: SimpleQueue[str | None], tally: Tally) -> None:
    hasher = Hasher()
    while (digest := waiting.get()) is not None:
        try:
            size = _check(objects, digest, hasher)
        except FileNotFoundError:
            tally.folders[digest[:2]] += 1
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
        tally.folders[digest[:2]] += 1


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


def _listed(layout: Layout, problems: list[Problem], done: Counter[str]) -> Iterator[str]:
    """Give the digests of all objects, folder by folder, and report what else lies there.

    Of folders that are done already only what is no object is reported.
    """
    folders = object_folders()
    known = set(folders)
    others = [name for name in _names(layout.objects, problems) if name not in known]
    problems.extend(map(_stray, others))
    for folder in folders:
        for name in sorted(_names(os.path.join(layout.objects, folder), problems)):
            if is_digest(folder + name):
                if folder not in done:
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
