"""Checking an archive with nothing but the archive: is all of it still what it was?

    report = check_archive(archive, key=verifier_key)
    report.ok, report.objects, report.entries, report.problems, report.not_checked

- Objects are hashed again and compared with their names; leaves, tiles, heads, time tokens and
  details with each other (custody-log §5). No secret is needed, and no database.
- A problem is a value; a check goes on to the end whatever it finds.
- The report says what was not checked, and why.

Not its job: rows of a database, mending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.archive.details import DetailsFolder
from muniment.archive.details_check import check_details
from muniment.archive.fixity import check_objects
from muniment.archive.layout import Layout
from muniment.archive.log_check import LogCheck
from muniment.archive.problem import Problem
from muniment.archive.sealed_details import Opening
from muniment.archive.time_check import check_tokens
from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from muniment.archive.age_format import Identity
    from muniment.archive.course import Course
    from muniment.archive.fixity import Sample
    from muniment.custody.keys import VerifierKey
    from muniment.custody.policy import Policy

__all__ = ["Problem", "Report", "check_archive"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of an archive found."""

    objects: int  # that were hashed
    bytes: int  # that were hashed
    entries: int  # of the log, up to its head
    problems: tuple[Problem, ...]
    not_checked: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything that was checked is as it should be."""
        return not self.problems


def check_archive(
    archive: Path,
    *,
    key: VerifierKey | None = None,
    later: Sequence[VerifierKey] = (),
    policy: Policy | None = None,
    sample: Sample | None = None,
    course: Course | None = None,
    keys: Callable[[str], Identity] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Check log, details and objects of an archive; of objects all, or a sample.

    `key` is the log's own; without one, signatures are not checked. `later` are further keys of the
    log, under which every head stands too. `policy` names the witnesses;
    without one, cosignatures are not. `course` lets a check of all objects go on where an earlier
    one was broken off. `keys` gives the data keys of closed subjects by name; without it what is
    sealed is compared with its digest only. `progress` is told how many more objects are done.

    Raises Unavailable where there is no archive.
    """
    layout = Layout(archive)
    if not archive.is_dir():
        raise Unavailable(
            f"there is no archive at {archive}",
            code="archive.missing",
            hint="Check the path, and that its disk is there.",
        )
    log = LogCheck(layout, key, policy, later)
    opening = Opening(keys)
    problems = log.problems
    if log.head is not None:
        problems.extend(check_details(layout, log.hashes, log.head.origin, opening))
    problems.extend(check_tokens(layout))
    fixity = check_objects(layout, sample=sample, course=course, progress=progress)
    return Report(
        objects=fixity.objects,
        bytes=fixity.bytes,
        entries=log.head.size if log.head else 0,
        problems=(*problems, *fixity.problems),
        not_checked=(*_not_checked(layout, log, key, sample), *_shut(opening)),
    )


def _shut(opening: Opening) -> Iterator[str]:
    if opening.shut:
        what = "what one entry says" if opening.shut == 1 else f"what {opening.shut} entries say"
        yield f"{what}: closed, and no key here opens it; the sealed bytes were compared"


def _not_checked(
    layout: Layout, log: LogCheck, key: VerifierKey | None, sample: Sample | None
) -> Iterator[str]:
    if log.head is None:
        yield "the log: no head is published"
    else:
        if key is None:
            yield "the signatures of the heads: no key was given"
        if log.unknown_lines:
            yield "cosignatures of the heads: by witnesses whom no policy named"
        if not log.whole:
            yield f"entries from #{len(log.hashes)} on: their hashes are missing"
        if log.ahead or DetailsFolder(layout).holds(log.head.size):
            yield f"entries from #{log.head.size} on: no published head covers them yet"
    if sample is not None:
        yield f"objects outside the sample of {sample.size} with the seed {sample.seed}"
