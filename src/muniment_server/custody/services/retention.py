"""The rule that ends the time of readings: the act that says so, and then their details go.

- The rule is the workspace's (`[access] keep_days`); without one nothing is ever removed.
- What a legal hold covers stays, and is looked at again when the rule next runs.
- The act comes first, durable and signed. Whoever is interrupted finds what is left by it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from muniment.errors import Conflict
from muniment.evidence.instant import now
from muniment_server.custody import policies, queries
from muniment_server.custody.acting import act, keep
from muniment_server.custody.ledger import expiring
from muniment_server.custody.models import Expiry

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor

_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of the rule did: entries whose details went, and entries under a hold."""

    removed: int
    held: int


def expire_readings(by: Actor, *, reason: str = "") -> Outcome:
    """Remove the details of every reading whose time is over and that no hold covers.

    Raises `Conflict` where the workspace has no rule, `NotPermitted`, `Unavailable`.
    """
    days = queries.workspace().access_rules.keep_days
    if days is None:
        raise Conflict(
            _("no rule says how long readings are kept"),
            code="access.no_rule",
            hint=_("Write keep_days under [access] in muniment.toml."),
        )
    policies.require(policies.may_expire_readings, by)
    before = now() - datetime.timedelta(days=days)
    left = expiring.unfinished()
    removed, kept, start = len(left), 0, 0
    with expiring.files_at_rest():
        expiring.remove_details(left)
        while rows := expiring.candidates(before, start, _AT_ONCE):
            start = rows[-1].index + 1
            covered = queries.held(
                {one for row in rows for one in (row.obj, row.by, row.subject) if one}
            )
            free = [row.index for row in rows if covered.isdisjoint((row.obj, row.by, row.subject))]
            kept += len(rows) - len(free)
            if free:
                expire(by, days=days, before=before, indexes=free, reason=reason)
                expiring.remove_details(free)
                removed += len(free)
        if removed:
            expiring.leave_nothing()
    return Outcome(removed, kept)


@act("access.expired", may=policies.may_expire_readings)
def expire(
    by: Actor, *, days: int, before: datetime.datetime, indexes: list[int], reason: str = ""
) -> Expiry:
    """Record that the details of these entries of the access log go, by the rule of `days`."""
    return keep(
        Expiry(
            days=days,
            before=before.replace(microsecond=0),
            ranges=queries.ranges_of(indexes),
            count=len(indexes),
        )
    )


def flag_volumes(by: Actor) -> int:
    """Record in the access log who read unusually much, once for each hour and day."""
    found = queries.all_volumes()
    known = queries.recorded_flags({one.agent for one in found})
    fresh = [one for one in found if (one.agent, one.key) not in known]
    for one in fresh:
        queries.note_flag(by, one.agent, f"{one.key} {one.count}")
    return len(fresh)
