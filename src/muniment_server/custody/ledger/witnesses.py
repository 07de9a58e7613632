"""Who outside saw our heads: the workspace's policy, and what the kept heads show under it.

- What is shown is judged from the archive, whatever brought it: a worker, a command, a file.
- A head of one size is judged again only when its file or the policy changed.
- Where nobody watches, or nobody has signed yet, that is said.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from muniment.archive import asking
from muniment.archive.layout import KEPT, kept_checkpoint
from muniment.archive.log_files import kept_sizes
from muniment.archive.witnessing import judged, read_policy
from muniment.custody.policy import NONE
from muniment.errors import InvalidInput, MunimentError, NotFound, TamperSuspected
from muniment_server.custody import queries
from muniment_server.custody.ledger import sealing
from muniment_server.custody.ledger.turns import WITNESSING, only_one_machine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from muniment.archive.asking import Question, Round
    from muniment.archive.workspace import Workspace
    from muniment.custody.policy import Policy, Witnessed

_LOOKED_THROUGH: Final = 256  # kept heads, the newest
_SETTLED: Final = 2.0  # seconds after which a folder's time tells whether it changed


@dataclass(frozen=True, slots=True)
class Seen:
    """What witnesses said of the log above an entry: k of n, on which head, and who.

    `size` is that of the newest head that a quorum signed, else of the one that most signed, or 0.
    `of` is 0 where nobody watches. `trouble` says why nothing can be told: `policy` where it cannot
    be used, `cosignature` where one does not check.
    """

    size: int = 0
    names: tuple[str, ...] = ()
    times: tuple[datetime, ...] = ()
    of: int = 0
    quorum_met: bool = False
    trouble: str = ""
    questions: tuple[Question, ...] = ()


def policy() -> Policy | None:
    """Return the witness policy of the workspace, or None; raises as `read_policy` does."""
    workspace = queries.workspace()
    try:
        return read_policy(workspace.witness_policy, sealing.sealer().signer.verifier)
    except NotFound:
        return None


def watching() -> Policy | None:
    """Return the policy where it names a witness and asks for a quorum, else None."""
    found = policy()
    return found if found and found.witnesses and found.quorum != NONE else None


def seen(index: int) -> Seen:
    """Return who saw the log above an entry, as the newest heads show it."""
    try:
        found = policy()
    except MunimentError:
        return Seen(trouble="policy")
    if found is None or not found.witnesses:
        return Seen()
    try:
        return _newest(queries.workspace(), found, index)
    except (TamperSuspected, InvalidInput):
        return Seen(trouble="cosignature")


def seen_lately() -> Seen:
    """Return who saw the newest heads, with how asking stands."""
    told = asking.questions(queries.workspace().witness_state)
    return replace(seen(-1), questions=tuple(told))


def first_cosigned(indices: Iterable[int], found: Policy) -> dict[int, int]:
    """Return by entry the size of the first kept head above it that a quorum signed, or 0."""
    archive = queries.workspace().archive
    sizes = kept_sizes(archive)
    first: dict[int, int] = {}
    size, end = 0, len(sizes)
    for index in sorted(set(indices), reverse=True):
        start = bisect_right(sizes, index)
        met = (one for one in sizes[start:end] if judge(archive, one, found).quorum_met)
        first[index] = size = next(met, size)
        end = start
    return first


def judge(archive: Path, size: int, found: Policy) -> Witnessed:
    """Return who of a policy cosigned a kept head; a quorum of `none` is never met."""
    told = judged(archive, size, found)
    if found.quorum != NONE:
        return told
    return replace(told, quorum_met=False)


def ask(*, at_once: bool = True) -> Round | None:
    """Ask everybody who has not cosigned the published head, or who is due; raises as `ask_due`.

    None where another process of any machine asks.
    """
    verifier = sealing.sealer().signer.verifier
    with only_one_machine(WITNESSING) as ours:
        return asking.ask_due(queries.workspace(), verifier, at_once=at_once) if ours else None


def _newest(workspace: Workspace, found: Policy, index: int) -> Seen:
    best = Seen(of=len(found.witnesses))
    for size in reversed(_sizes(workspace.archive)[-_LOOKED_THROUGH:]):
        if size <= index:
            break
        told = _judged(workspace, size, *_changed(workspace, size))
        if told.quorum_met or len(told.names) > len(best.names):
            names = tuple([name.decode("utf-8", "backslashreplace") for name in told.names])
            times = tuple([one.time for one in told.cosignatures])
            best = Seen(size, names, times, told.of, told.quorum_met)
        if told.quorum_met:
            break
    return best


def _changed(workspace: Workspace, size: int) -> tuple[int, ...]:
    """Return what is another number as soon as the head's file or the policy is another."""
    kept = (workspace.archive / "log" / kept_checkpoint(size)).stat()
    named = workspace.witness_policy.stat()
    return (kept.st_ino, kept.st_mtime_ns, named.st_ino, named.st_mtime_ns, named.st_size)


@lru_cache(maxsize=1024)
def _judged(workspace: Workspace, size: int, *_changed: int) -> Witnessed:
    found = policy()
    if found is None:
        raise NotFound("the witness policy went away", code="policy.missing")
    return judge(workspace.archive, size, found)


def _sizes(archive: Path) -> list[int]:
    """Return the sizes of the kept heads; the folder is listed again only when it changed."""
    try:
        state = (archive / "log" / KEPT).stat()
    except FileNotFoundError:
        return []
    if time.time() - state.st_mtime < _SETTLED:
        return kept_sizes(archive)
    return _listed(archive, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=4)
def _listed(archive: Path, *_changed: int) -> list[int]:
    return kept_sizes(archive)
