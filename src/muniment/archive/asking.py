"""Asking witnesses from a queue: who is due, what came of it, when they are asked again.

- Everything stands in one small file that is no evidence and may go at any time: lost, everybody is
  due. What was cosigned is kept with the heads (`witnessing`).
- One process asks at a time: whoever does holds a lock of the policy's file.
- A witness that fails is asked again soon, then less and less often; nobody is given up. One that
  contradicts us is an alarm and asked again once an hour, in case a person mended it.

Not its job: threads, telling people.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from muniment.archive.log_files import kept_sizes, published_size
from muniment.archive.turns import only_one
from muniment.archive.witnessing import ask_all, judged, outward, read_policy
from muniment.egress import Egress
from muniment.errors import MunimentError, NotFound, TamperSuspected
from muniment.evidence.instant import now, parse, to_seconds
from muniment.seal.witness_client import through

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey
    from muniment.custody.policy import Policy
    from muniment.seal.witness_client import Transport

_EVERY: Final = timedelta(seconds=15)  # between two questions to a witness that answers
_FIRST: Final = timedelta(seconds=15)
_LONGEST: Final = timedelta(minutes=10)
_ALARMED: Final = timedelta(hours=1)
_DOUBLINGS: Final = 10


@dataclass(frozen=True, slots=True)
class Question:
    """How asking one witness stands: for which head, when, and what came in the way.

    `asked` and `due` are UTC with seconds. `alarm` says that the witness contradicts the log.
    """

    name: str
    size: int
    asked: str
    due: str
    failures: int = 0
    code: str = ""
    error: str = ""
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of asking came to: who cosigned which head, and who failed."""

    size: int
    added: tuple[str, ...]
    failed: tuple[Question, ...]


def questions(state: Path) -> list[Question]:
    """Return how asking stands, in the order of the policy; nothing where nobody was asked."""
    found: list[Question] = []
    with suppress(OSError, ValueError, TypeError, AttributeError, MunimentError):
        for one in json.loads(state.read_text(encoding="utf-8")):
            question = Question(**one)
            parse(question.due)
            found.append(question)
    return found


def ask_due(
    workspace: Workspace,
    log: VerifierKey,
    *,
    at_once: bool = False,
    transport: Transport | None = None,
    clock: Callable[[], datetime] = now,
) -> Round | None:
    """Ask the witnesses of the workspace's policy who are due about the published head.

    With `at_once` everybody is due who has not cosigned it. Returns None where there is no policy,
    nobody is due, or another process asks. Raises InvalidInput for a policy that cannot be used,
    Unavailable.
    """
    try:
        policy = read_policy(workspace.witness_policy, log)
    except NotFound:
        return None
    with only_one(workspace.witness_policy) as ours:
        if not ours:
            return None
        known = {one.name: one for one in questions(workspace.witness_state)}
        time = clock()
        due = _due(workspace.archive, policy, known, None if at_once else time)
        if not due:
            return None
        asked = replace(policy, witnesses={name: policy.witnesses[name] for name in due})
        way = transport or through(Egress(outward(policy, workspace.outside)))
        size, added, failed = _ask(workspace.archive, asked, log, way)
        told = {_text(name): _told(name, size, known, failed.get(name), time) for name in due}
        everybody = [_text(name) for name in policy.witnesses]
        now_known = {**known, **told}
        _write(workspace.witness_state, [now_known[one] for one in everybody if one in now_known])
        wrong = tuple([one for one in told.values() if one.failures])
        return Round(size, tuple([_text(name) for name in added]), wrong)


def _due(
    archive: Path, policy: Policy, known: Mapping[str, Question], time: datetime | None
) -> list[bytes]:
    """Return who has an address, has not cosigned the published head, and may be asked by now."""
    size = published_size(archive)
    if not size or size not in kept_sizes(archive):
        return []
    done = judged(archive, size, policy).names
    left = [name for name, one in policy.witnesses.items() if one.url and name not in done]
    if time is None:
        return left
    return [
        name for name in left if (one := known.get(_text(name))) is None or parse(one.due) <= time
    ]


def _ask(
    archive: Path, policy: Policy, log: VerifierKey, transport: Transport
) -> tuple[int, tuple[bytes, ...], Mapping[bytes, MunimentError]]:
    """Ask them all; whatever keeps their lines from being kept came in the way of everybody."""
    size = published_size(archive)
    try:
        asked = ask_all(archive, policy, log, transport)
    except MunimentError as error:
        return size, (), dict.fromkeys(policy.witnesses, error)
    return asked.kept.size, asked.kept.added, asked.failed


def _told(
    name: bytes,
    size: int,
    known: Mapping[str, Question],
    error: MunimentError | None,
    time: datetime,
) -> Question:
    text, asked = _text(name), to_seconds(time)
    if error is None:
        return Question(text, size, asked, to_seconds(time + _EVERY))
    before = known.get(text)
    failures = before.failures + 1 if before else 1
    alarm = isinstance(error, TamperSuspected)
    wait = _ALARMED if alarm else min(_FIRST * (1 << min(failures - 1, _DOUBLINGS)), _LONGEST)
    said = f"{error.message}. {error.hint}".strip()
    return Question(text, size, asked, to_seconds(time + wait), failures, error.code, said, alarm)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _write(state: Path, found: list[Question]) -> None:
    draft = state.with_name(f"{state.name}.{os.getpid()}")
    with suppress(OSError):  # it saves questions, and nothing depends on it
        draft.write_text(json.dumps([asdict(one) for one in found]), encoding="utf-8")
        draft.replace(state)
