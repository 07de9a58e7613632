"""`@act`: one subject, one act."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from muniment.errors import NotFound, NotPermitted
from muniment.evidence.acts import ACTS
from muniment_server.custody import policies, queries
from muniment_server.custody.acting.placing import home_of
from muniment_server.custody.acting.rows import recording
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger.appending import PendingAct
from muniment_server.custody.models import Access, Recorded, Root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from muniment_server.custody.policies import Actor

P = ParamSpec("P")
R = TypeVar("R")


def act(
    kind: str, *, may: Callable[..., bool]
) -> Callable[[Callable[Concatenate[Actor, P], R]], Callable[Concatenate[Actor, P], R]]:
    """Make a service function an act of the closed list.

    `may` answers for the actor, or for the actor and the subject where it takes two arguments.
    The service raises `NotFound` for a record the actor may not know of, and `NotPermitted`.
    """
    if kind not in ACTS:
        message = f"{kind} is not in the closed list of acts"
        raise ValueError(message)

    def decorate(
        body: Callable[Concatenate[Actor, P], R],
    ) -> Callable[Concatenate[Actor, P], R]:
        @functools.wraps(body)
        def perform(by: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            subject = _subject(args)
            permit(by, kind, may, subject, [*args, *kwargs.values()])
            with working() as work:
                pending = PendingAct(kind, by.agent.hex)
                if subject is not None:
                    pending.obj = subject.pk.hex
                    pending.home = home_of([subject])
                with recording(pending):
                    result = body(by, *args, **kwargs)
                _complete(pending, by, kwargs.get("reason"))
                work.waiting.append(pending)
            return result

        perform.act = ACTS[kind]  # type: ignore[attr-defined]  # for the test that lists all acts
        return cast("Callable[Concatenate[Actor, P], R]", perform)

    return decorate


def permit(
    by: Actor,
    kind: str,
    may: Callable[..., bool],
    subject: Recorded | None,
    named: list[Any],
) -> None:
    """Let the actor through, or record the denial and raise."""
    for record in _each(named):
        if isinstance(record, Root) and not policies.may_know(by, record):
            queries.note(by, Access.Kind.DENIED, record, detail=kind)
            raise NotFound(
                "there is no such record",
                code="record.not_found",
                hint="Check the number, and whether you are cleared for it.",
            )
    asks = (by,) if len(inspect.signature(may).parameters) == 1 else (by, subject)
    if not may(*asks):
        queries.note(by, Access.Kind.DENIED, subject, detail=kind)
        raise NotPermitted(
            f"{by.name} may not do this: {ACTS[kind].permission}",
            code="act.not_permitted",
            hint="Ask an administrator for a role that includes it.",
        )


def _each(named: Iterable[Any]) -> Iterator[Any]:
    """Give every record named, those inside lists and inside values of several parts too."""
    for one in named:
        if isinstance(one, list | tuple | set | frozenset):
            yield from _each(one)
        elif is_dataclass(one) and not isinstance(one, type):
            yield from _each(getattr(one, part.name) for part in fields(one))
        else:
            yield one


def _subject(args: tuple[Any, ...]) -> Recorded | None:
    first = args[0] if args else None
    return first if isinstance(first, Recorded) and hasattr(first, "seq") else None


def _complete(pending: PendingAct, by: Actor, reason: Any) -> None:  # noqa: ANN401 - any keyword
    if not pending.obj:
        message = f"{pending.kind} has no subject: keep a root or take one first"
        raise RuntimeError(message)
    roots = [row for row in pending.rows if isinstance(row, Root)]
    if roots:
        handling = {
            "compartment": queries.compartment_name(roots[0].compartment_id),
            "via": by.via.value,
        }
        known = pending.groups.get("handling")
        pending.groups["handling"] = handling | dict(known if isinstance(known, Mapping) else {})
    if reason:
        pending.groups["reason"] = {"reason": str(reason)}
