"""Asking for time tokens: which head, whom, when again, and what becomes of the answers.

    queue = TimeQueue(workspace, log_key, keep)
    while queue.is_asked_for:
        outcome = queue.ask()          # a few times a minute; it asks only what is due

- One head at a time: the newest published one, chosen anew at most every eight minutes and only
  where the log has grown. All authorities are asked for the same head, so every entry is stamped
  within ten minutes (custody-log §4) and a busy log costs few tokens.
- Whoever fails is asked again by `RetryPlan`, then for the newest chosen head. What needs a person
  is asked again once a day, and at once when its settings change. Nobody gives up.
- A token that ages has its head stamped again, or a newer one where there is one.
- What is remembered here is no evidence: lost, it is made again from the tokens that are kept.

Not its job: when to look (the worker's), showing failures (it names them).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.archive.layout import TOKENS, Layout
from muniment.archive.log_files import published_size, read_kept
from muniment.archive.publication import make_folders
from muniment.archive.time_check import reread
from muniment.archive.time_settings import authorities_of, egress_rule
from muniment.archive.time_tokens import (
    KeptToken,
    newest_token,
    read_files,
    stamped_sizes,
)
from muniment.archive.turns import only_one
from muniment.custody.note import check_note, parse_note
from muniment.egress import Egress
from muniment.errors import MunimentError, TamperSuspected
from muniment.evidence.canonical import canonical
from muniment.evidence.instant import now as clock
from muniment.evidence.instant import parse, to_micros
from muniment.seal.rfc3161 import RenewalRule, RetryPlan, due_for_restamp
from muniment.seal.rfc3161.client import Stamp, request_stamp
from muniment.seal.rfc3161.retry import is_worth_asking_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey
    from muniment.seal.rfc3161 import TimeAuthority

    #: keeps a stamp over the head of that size, while nobody else adds to the log
    Keep = Callable[[int, Stamp, datetime, str], object]

EVERY: Final = timedelta(minutes=8)  # with two minutes left for the asking: custody-log §4
_ONCE_A_DAY: Final = timedelta(days=1)
_RENEWED: Final = timedelta(days=7)  # until an aged token that was renewed is renewed again
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Attempts:
    """How asking one authority goes: failures in a row, since when, the last one in words."""

    failures: int = 0
    since: str = ""
    last: str = ""
    code: str = ""
    message: str = ""
    waits_for_person: bool = False
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where one authority stands: its newest token, and what came in the way since."""

    authority: str
    size: int
    at: datetime | None
    attempts: Attempts
    overdue: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one round came to: the head, who stamped it, and who did not, with the reason."""

    size: int = 0
    stamped: tuple[str, ...] = ()
    failed: Mapping[str, Attempts] = field(default_factory=dict[str, Attempts])


@dataclass(slots=True)
class _State:
    """The head that is being stamped, since when, and the attempts by authority."""

    size: int = 0
    since: datetime | None = None
    attempts: dict[str, Attempts] = field(default_factory=dict[str, Attempts])


class TimeQueue:
    """The queue of one workspace; several processes may hold one, and one at a time asks."""

    def __init__(
        self,
        workspace: Workspace,
        log: VerifierKey,
        keep: Keep,
        *,
        plan: RetryPlan | None = None,
        renewal: RenewalRule | None = None,
        now: Callable[[], datetime] = clock,
    ) -> None:
        """Read the settings; raises InvalidInput where they cannot be used."""
        self._workspace = workspace
        self._archive = workspace.archive
        self._log = log
        self._keep = keep
        self._plan = plan or RetryPlan()
        self._renewal = renewal or RenewalRule()
        self._now = now
        self._authorities = authorities_of(workspace)
        self._egress = Egress(egress_rule(workspace))

    @property
    def is_asked_for(self) -> bool:
        """Whether any authority is named at all."""
        return bool(self._authorities)

    def ask(self) -> Outcome:
        """Ask whoever is due for the head that is due, once, and keep what comes.

        Does nothing while another process asks. Raises TamperSuspected for a head that the log did
        not sign or a token that was changed, Unavailable where nothing can be kept.
        """
        if not self._authorities or not published_size(self._archive):
            return Outcome()
        tokens = Path(Layout(self._archive).log) / TOKENS
        make_folders(str(tokens))
        with only_one(tokens) as free:
            if not free:
                return Outcome()
            state = self._read()
            self._choose(state)
            due = [one for one in self._authorities if self._is_due(one, state)]
            if not due:
                return Outcome(state.size)
            outcome = self._asked(due, state)
            self._write(state)
            return outcome

    def standings(self) -> list[Asked]:
        """Return where each authority stands now; raises TamperSuspected, Unavailable."""
        state, moment = self._read(), self._now()
        found: list[Asked] = []
        for one in self._authorities:
            newest = newest_token(self._archive, one.name)
            attempts = state.attempts.get(one.name, Attempts())
            failing = bool(attempts.failures) and self._plan.is_overdue(
                parse(attempts.since), moment
            )
            size, at = (newest.size, newest.at) if newest else (0, None)
            found.append(Asked(one.name, size, at, attempts, failing))
        return found

    def _choose(self, state: _State) -> None:
        """Choose the newest head where it is time for another one."""
        published, moment = published_size(self._archive), self._now()
        if state.size > published:  # what is remembered is of another copy of this archive
            state.size, state.since = 0, None
        waited = state.since is None or not timedelta() <= moment - state.since < EVERY
        if published > state.size and waited:
            state.size, state.since = published, moment
            self._write(state)

    def _is_due(self, authority: TimeAuthority, state: _State) -> bool:
        newest, moment = newest_token(self._archive, authority.name), self._now()
        if newest and newest.size >= state.size and not self._is_aged(newest, moment):
            return False
        attempts = state.attempts.get(authority.name)
        if attempts is None or attempts.settings != self._settings_of(authority):
            return True
        if not attempts.failures or moment < (last := parse(attempts.last)):
            return True
        if attempts.waits_for_person:
            return moment - last >= _ONCE_A_DAY
        return moment >= self._plan.next_attempt(attempts.failures, last)

    def _is_aged(self, newest: KeptToken, moment: datetime) -> bool:
        """Whether a token has to be followed by another one though the log did not grow."""
        if moment - newest.at < _RENEWED:
            return False
        verdict = reread(newest.path, read_files(self._archive, newest.path), moment)
        token = verdict.token
        return token is not None and bool(
            due_for_restamp(token, verdict.path, moment, self._renewal)
        )

    def _asked(self, due: Sequence[TimeAuthority], state: _State) -> Outcome:
        stamped = self._note(state.size)

        def one(authority: TimeAuthority) -> Stamp | MunimentError:
            try:
                return request_stamp(self._egress, authority, stamped, now=self._now)
            except MunimentError as error:
                return error

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(zip(due, pool.map(one, due), strict=True))
        good: list[str] = []
        failed: dict[str, Attempts] = {}
        for authority, answer in answers:
            if isinstance(answer, Stamp):
                self._keep(state.size, answer, self._now(), authority.url)
            if isinstance(answer, Stamp) and answer.verdict.holds:
                good.append(authority.name)
                attempts = Attempts(settings=self._settings_of(authority))
            else:
                attempts = self._failed(authority, answer, state.attempts.get(authority.name))
                failed[authority.name] = attempts
            state.attempts[authority.name] = attempts
        return Outcome(state.size, tuple(good), failed)

    def _failed(
        self, authority: TimeAuthority, answer: Stamp | MunimentError, before: Attempts | None
    ) -> Attempts:
        moment = to_micros(self._now())
        before = before or Attempts()
        code, message = (
            (f"token.{answer.verdict.finding}", answer.verdict.detail)
            if isinstance(answer, Stamp)
            else (answer.code, f"{answer.message}. {answer.hint}".strip())
        )
        return replace(
            before,
            failures=before.failures + 1,
            since=before.since or moment,
            last=moment,
            code=code,
            message=message,
            waits_for_person=not is_worth_asking_again(answer),
            settings=self._settings_of(authority),
        )

    def _note(self, size: int) -> bytes:
        """What is stamped of a kept head: its text and the log's own lines (custody-log §1)."""
        data = read_kept(self._archive, size)
        if not check_note(parse_note(data), self._log):
            message = f"log/checkpoints/{size} is not signed by the key of this log"
            raise TamperSuspected(
                message, code="checkpoint.signature", hint="Stop here and run `muniment check`."
            )
        return data

    def _settings_of(self, authority: TimeAuthority) -> str:
        outside = self._workspace.outside
        named = [*outside.networks, *map(str, outside.ports), *outside.own]
        return sha256(canonical({"authority": authority.to_json(), "reached": named})).hexdigest()

    def _read(self) -> _State:
        """What is remembered; begun anew from the kept tokens where it cannot be read."""
        try:
            value = json.loads(self._workspace.time_state.read_text(encoding="utf-8"))
            attempts = {str(name): _attempts(one) for name, one in value["attempts"].items()}
            return _State(int(value["size"]), parse(value["since"]), attempts)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, MunimentError):
            sizes = stamped_sizes(self._archive)
            return _State(sizes[-1] if sizes else 0)

    def _write(self, state: _State) -> None:
        document = {
            "size": state.size,
            "since": to_micros(state.since or self._now()),
            "attempts": {name: asdict(one) for name, one in state.attempts.items()},
        }
        draft = self._workspace.time_state.with_suffix(".new")
        draft.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        draft.replace(self._workspace.time_state)


def _attempts(value: object) -> Attempts:
    """The attempts that are remembered; raises ValueError or InvalidInput for anything else."""
    match value:
        case {
            "failures": int(failures),
            "since": str(since),
            "last": str(last),
            "code": str(code),
            "message": str(message),
            "waits_for_person": bool(waits),
            "settings": str(settings),
        }:
            if failures:
                parse(since)
                parse(last)
            return Attempts(failures, since, last, code, message, waits, settings)
        case _:
            raise ValueError(value)
