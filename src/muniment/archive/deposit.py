"""Depositing many files: groups of outcomes, each durable before it is handed out.

    store = FolderStore(archive)
    with closing(deposit(store, captures)) as groups:   # any iterable of sources and refusals
        for group in groups:                            # at most 255 outcomes, in their order
            for outcome in group:
                match outcome:
                    case Stored():   ...                # .source .sha256 .size .already_present
                    case Refused():  ...                # .path .code .message .hint
            record(group)                               # its rows, leaves and head; the next group
                                                        # is copied meanwhile

- Copying, hashing and settling run in a process of their own, so that the caller's Python and the
  deposit's do not wait for each other; a few small files are stored here and now.
- What was handed out is durable, whatever happens later. Unavailable ends the deposit: storage is
  full (`storage.full`), broken (`storage.not_durable`) or gone; what was not handed out leaves
  nothing but, at worst, objects that nothing names.
- The sources are taken from the iterable in the caller's thread, at most a few groups ahead.

Not its job: finding files (`muniment.capture`), rows and leaves, what the files are.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from muniment.archive.depositor import Depositor
from muniment.archive.durability import EachFile
from muniment.archive.outcome import Refused, Source, Stored, refused
from muniment.archive.pipeline import Held, Pipeline, Request, Unheld

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from muniment.archive.object_folder import ObjectFolder
    from muniment.archive.objects import FolderStore

GROUP_FILES = 255  # with the batch leaf, 256 acts: one transaction (custody-log §2)
GROUP_BYTES = 1 << 30

_FEW_FILES = 16
_AHEAD = 4  # groups that the other process is given before its first answer is read

S = TypeVar("S", bound=Source)


def deposit(
    store: FolderStore, sources: Iterable[S | Refused]
) -> Generator[list[Stored[S] | Refused]]:
    """Store files; yield groups of outcomes in the order of the sources, each group durable.

    Refusals among the sources are passed on in their place. Close the generator if you stop early.
    Raises Unavailable where nothing more can be stored.
    """
    groups = _groups(sources)
    first = next(groups, None)
    if first is None:
        return
    with store.writing() as folder:
        if len(first) <= _FEW_FILES and sum(one.size for one in _files(first)) < GROUP_BYTES:
            yield _stored_here(folder, first)
        else:
            yield from _stored_elsewhere(store, folder.prefix, chain((first,), groups))


def _groups(sources: Iterable[S | Refused]) -> Iterator[list[S | Refused]]:
    """Cut the sources into groups by number and by size; only the last is short of both."""
    group: list[S | Refused] = []
    size = 0
    for source in sources:
        group.append(source)
        if not isinstance(source, Refused):
            size += source.size
        if len(group) == GROUP_FILES or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _files(group: list[S | Refused]) -> list[S]:
    return [one for one in group if not isinstance(one, Refused)]


def _stored_here(folder: ObjectFolder, group: list[S | Refused]) -> list[Stored[S] | Refused]:
    """Store one small group in this process."""
    results: list[Held | Unheld] = []
    requests = [Request(one.path, one.device, one.inode) for one in _files(group)]
    Pipeline(folder, EachFile(), results.extend).run([requests])
    return _outcomes(group, results)


def _stored_elsewhere(
    store: FolderStore, prefix: str, groups: Iterator[list[S | Refused]]
) -> Generator[list[Stored[S] | Refused]]:
    """Store groups in a process that runs ahead of the caller."""
    given: deque[list[S | Refused]] = deque()
    with Depositor(store.layout.root, prefix) as depositor:
        for group in groups:
            depositor.give([(one.path, one.device, one.inode) for one in _files(group)])
            given.append(group)
            if len(given) == _AHEAD:
                oldest = given.popleft()
                yield _outcomes(oldest, depositor.take())
        depositor.end()
        for group in given:
            yield _outcomes(group, depositor.take())


def _outcomes(
    group: list[S | Refused], results: Iterable[Held | Unheld]
) -> list[Stored[S] | Refused]:
    """Put the results of a group's files where the files were."""
    following = iter(results)
    return [one if isinstance(one, Refused) else _outcome(one, next(following)) for one in group]


def _outcome(source: S, result: Held | Unheld) -> Stored[S] | Refused:
    if isinstance(result, Unheld):
        return refused(source.path, result.code, result.detail)
    return Stored(source, result.sha256, result.size, result.already_present)
