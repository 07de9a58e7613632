"""`@act_many`: many subjects, in groups that are one transaction, one signature, one round.

- A batch is a subject of its own. Each group of at most 256 members ends in a leaf of the batch
  with `{count, more, reason, root}`; the last says `more: false` (custody-log §2).
- Bodies return members and save nothing themselves: the seam inserts their new rows in bulk.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from muniment.custody.merkle import root_of
from muniment.evidence.acts import ACTS
from muniment.evidence.canonical import Json
from muniment.evidence.instant import now
from muniment_server.custody import queries
from muniment_server.custody.acting.inserting import insert_rows
from muniment_server.custody.acting.placing import home_of
from muniment_server.custody.acting.rows import place, prepare, take_numbers
from muniment_server.custody.acting.single import permit
from muniment_server.custody.acting.work import Work, working
from muniment_server.custody.ledger import closing
from muniment_server.custody.ledger.appending import PendingAct
from muniment_server.custody.models import Batch, Recorded, Root
from muniment_server.database.closed_rows import shut

if TYPE_CHECKING:
    import datetime
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from muniment_server.custody.ledger.appending import Entry
    from muniment_server.custody.policies import Actor

P = ParamSpec("P")
I = TypeVar("I")  # noqa: E741 - the type of an input

LARGEST_GROUP = 256
CLOSED = "batch.closed"


@dataclass(slots=True)
class Member:
    """One subject of a batch: its root, the rows its act writes, and further groups."""

    root: Root
    rows: Sequence[Recorded] = ()
    groups: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Closing:
    """What the last leaf of a batch is about to be: its act id, its batch, and its time."""

    eid: str
    batch: Batch
    t: datetime.datetime
    #: whose readers alone may read it; empty where it is open
    home: str = ""
    #: the objects that are kept for it: whoever selects names them here
    objects: list[str] = field(default_factory=list)


#: Makes the `selection` group of the last leaf, which names files that name the act's own time.
Select = Callable[[Closing], Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Group:
    """What became of one group of inputs; without members nothing was written."""

    batch: Batch
    inputs: Sequence[object]
    members: list[Member]
    entries: list[Entry]
    closing: Entry | None


class Grouped(Generic[I, P]):
    """A bulk service: call it with groups of inputs; see `act_many`."""

    def __init__(
        self,
        kind: str,
        may: Callable[[Actor], bool],
        body: Callable[Concatenate[Actor, Sequence[I], P], Iterable[Member]],
        select: Select | None = None,
    ) -> None:
        """Keep what `act_many` was given; `select` makes the last leaf's selection."""
        self.act = ACTS[kind]
        self._may = may
        self._body = body
        self._select = select
        functools.update_wrapper(self, body)

    def selecting(self, select: Select) -> Grouped[I, P]:
        """Return the same service, whose last leaf discloses what `select` makes."""
        return Grouped(self.act.name, self._may, self._body, select)

    def __call__(
        self, by: Actor, inputs: Iterable[Sequence[I]], *args: P.args, **kwargs: P.kwargs
    ) -> Generator[Group]:
        """Commit and sign group after group, lazily; one group is read ahead."""
        permit(by, self.act.name, self._may, None, [*args, *kwargs.values()])
        run = _Run(by, self.act.name, str(kwargs.get("reason") or ""), self._select)
        for some, more in _with_more(inputs):
            permit(by, self.act.name, self._may, None, list(some))
            with working() as work:
                members = list(self._body(by, some, *args, **kwargs))
                entries, closing = run.write(work, members, more=more)
            yield Group(run.batch, some, members, entries, closing)


def act_many(
    kind: str, *, may: Callable[[Actor], bool]
) -> Callable[
    [Callable[Concatenate[Actor, Sequence[I], P], Iterable[Member]]],
    Grouped[I, P],
]:
    """Make a function from inputs to members the bulk form of an act.

    The service takes groups of inputs, lazily, and yields each group once it is committed and
    signed. It reads one group ahead, because the last leaf must say that nothing follows.
    """
    if kind not in ACTS:
        message = f"{kind} is not in the closed list of acts"
        raise ValueError(message)

    def decorate(
        body: Callable[Concatenate[Actor, Sequence[I], P], Iterable[Member]],
    ) -> Grouped[I, P]:
        return Grouped(kind, may, body)

    return decorate


def _with_more(inputs: Iterable[Sequence[I]]) -> Iterator[tuple[Sequence[I], bool]]:
    waiting: Sequence[I] | None = None
    for some in inputs:
        if len(some) > LARGEST_GROUP:
            message = f"a group holds at most {LARGEST_GROUP} members, not {len(some)}"
            raise ValueError(message)
        if waiting is not None:
            yield waiting, True
        waiting = some
    if waiting is not None:
        yield waiting, False


class _Run:
    """One batch while it runs: its row, and whether a leaf already promised more."""

    def __init__(self, by: Actor, kind: str, reason: str, select: Select | None) -> None:
        self.by = by
        self.kind = kind
        self.reason = reason
        self.select = select
        self.batch = Batch(kind=kind, began=now())
        self.promised = False

    def write(
        self, work: Work, members: list[Member], *, more: bool
    ) -> tuple[list[Entry], Entry | None]:
        # A group in which nothing was new leaves no leaf, but a promise of more is kept.
        if not members and (more or not self.promised):
            return [], None
        place([member.root for member in members])
        pending = [self._pending(member) for member in members]
        work.foresee([member.root for member in members])
        homes = {act.obj: act.home for act in pending if act.home}
        _insert(members, homes)
        work.waiting.extend(pending)
        entries = work.write()
        closing_act = self._closing(entries, more=more)
        closing_act.home = next((act.home for act in pending if act.home), "")
        if self.select is not None and not more:
            closing = Closing(closing_act.eid, self.batch, work.lock()[1], closing_act.home)
            closing_act.groups["selection"] = self.select(closing)
            closing_act.objects = closing.objects
        work.waiting.append(closing_act)
        self.promised = more
        return entries, work.write()[0]

    def _pending(self, member: Member) -> PendingAct:
        fresh = member.root._state.adding
        handling: dict[str, Json] = {
            "batch": self.batch.pk.hex,
            "compartment": queries.compartment_name(member.root.compartment_id),
            "via": self.by.via.value,
        }
        return PendingAct(
            self.kind,
            self.by.agent.hex,
            obj=member.root.pk.hex,
            fresh=fresh,
            rows=list(member.rows),
            groups={**member.groups, "handling": handling},
            home=home_of([member.root, *member.rows]),
        )

    def _closing(self, entries: list[Entry], *, more: bool) -> PendingAct:
        fresh = self.batch._state.adding
        if fresh:
            self.batch.save(force_insert=True)
        reason: dict[str, Json] = {
            "count": len(entries),
            "more": more,
            "root": root_of([entry.hash for entry in entries]).hex(),
        }
        if self.reason:
            reason["reason"] = self.reason
        return PendingAct(
            CLOSED,
            self.by.agent.hex,
            obj=self.batch.pk.hex,
            fresh=fresh,
            rows=[self.batch] if fresh else [],
            groups={"reason": reason},
        )


def _insert(members: list[Member], homes: Mapping[str, str]) -> None:
    """Insert the members' new rows, model by model in the order of first appearance."""
    new: dict[type[Recorded], list[Recorded]] = {}
    changed: list[Recorded] = []
    for member in members:
        for row in member.rows:
            if row._state.adding:
                new.setdefault(type(row), []).append(row)
            else:
                changed.append(row)
    _number(new)
    with ExitStack() as closed:
        for home in set(homes.values()):
            rows = {one.root.pk.hex: one.rows for one in members
                    if homes.get(one.root.pk.hex) == home}  # fmt: skip
            closed.enter_context(shut(closing.keyed_rows(home, rows)))
        for row in changed:
            row.save(force_update=True)
        for model, some in new.items():
            insert_rows(model, some)


def _number(new: Mapping[type[Recorded], list[Recorded]]) -> None:
    """Complete new rows: text as it is stored, and the number of every root."""
    for rows in new.values():
        prepare(rows)
        roots = [row for row in rows if isinstance(row, Root)]
        if roots:
            for root, number in zip(roots, take_numbers(type(roots[0]), len(roots)), strict=True):
                root.number = number
