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
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from muniment.archive.depositor import Depositor
from muniment.archive.durability import EachFile
from muniment.archive.outcome import Refused, Sealing, Source, Stored, refused
from muniment.archive.pipeline import Held, Pipeline, Request, Unheld

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from muniment.archive.object_folder import ObjectFolder
    from muniment.archive.objects import FolderStore

GROUP_FILES = 255  # with the batch leaf, 256 acts: one transaction (custody-log §2)
GROUP_BYTES = 1 << 30

_FEW_FILES = 16
_AHEAD = 4  # groups that the other process is given before its first answer is read

S = TypeVar("S", bound=Source)

#: gives so many fresh subjects and their keys, durable (closed compartments)
Seal: TypeAlias = "Callable[[int], Sequence[Sealing]]"
_OPEN = Sealing("", "")


@dataclass(slots=True)
class _Group(Generic[S]):
    """Some sources and refusals in order, and what each of the sources is sealed to."""

    sources: list[S | Refused]
    sealings: Sequence[Sealing]

    @property
    def files(self) -> list[S]:
        return [one for one in self.sources if not isinstance(one, Refused)]

    def requests(self) -> list[Request]:
        return [
            Request(one.path, one.device, one.inode, sealing.recipient)
            for one, sealing in zip(self.files, self.sealings, strict=True)
        ]

    def outcomes(self, results: Iterable[Held | Unheld]) -> list[Stored[S] | Refused]:
        """Put the results of a group's files where the files were."""
        following = zip(results, self.sealings, strict=True)
        return [
            one if isinstance(one, Refused) else _outcome(one, *next(following))
            for one in self.sources
        ]


def deposit(
    store: FolderStore, sources: Iterable[S | Refused], seal: Seal | None = None
) -> Generator[list[Stored[S] | Refused]]:
    """Store files; yield groups of outcomes in the order of the sources, each group durable.

    With `seal` every file is sealed to a subject of its own, and its content reaches no disk.
    Refusals among the sources are passed on in their place. Close the generator if you stop early.
    Raises Unavailable where nothing more can be stored, and what `seal` raises.
    """
    groups = (_Group(some, _sealings(some, seal)) for some in _groups(sources))
    first = next(groups, None)
    if first is None:
        return
    with store.writing() as folder:
        files = first.files
        if len(first.sources) <= _FEW_FILES and sum(one.size for one in files) < GROUP_BYTES:
            yield _stored_here(folder, first)
        else:
            packages = [] if seal is None else _packages()
            with Depositor(store.layout.root, folder.prefix, packages) as depositor:
                yield from _stored_elsewhere(depositor, chain((first,), groups))


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


def _sealings(sources: list[S | Refused], seal: Seal | None) -> Sequence[Sealing]:
    count = sum(not isinstance(one, Refused) for one in sources)
    return [_OPEN] * count if seal is None or not count else seal(count)


def _packages() -> list[str]:
    """Return the folders of the packages that seal, for a process that knows of none."""
    found = [find_spec(name) for name in ("cryptography", "_cffi_backend")]
    places = [Path(one.origin) for one in found if one and one.origin]
    return list(dict.fromkeys(
        str(place.parents[1] if place.name == "__init__.py" else place.parent) for place in places
    ))  # fmt: skip


def _stored_here(folder: ObjectFolder, group: _Group[S]) -> list[Stored[S] | Refused]:
    """Store one small group in this process."""
    results: list[Held | Unheld] = []
    Pipeline(folder, EachFile(), results.extend).run([group.requests()])
    return group.outcomes(results)


def _stored_elsewhere(
    depositor: Depositor, groups: Iterator[_Group[S]]
) -> Generator[list[Stored[S] | Refused]]:
    """Store groups in a process that runs ahead of the caller."""
    given: deque[_Group[S]] = deque()
    for group in groups:
        depositor.give(group.requests())
        given.append(group)
        if len(given) == _AHEAD:
            yield given.popleft().outcomes(depositor.take())
    depositor.end()
    for group in given:
        yield group.outcomes(depositor.take())


def _outcome(source: S, result: Held | Unheld, sealing: Sealing) -> Stored[S] | Refused:
    if isinstance(result, Unheld):
        return refused(source.path, result.code, result.detail)
    sha256, size, present, stored = result
    return Stored(source, sha256, size, present, stored, sealing.subject)
