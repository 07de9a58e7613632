"""Beginning a new log where the old one cannot go on: the two-person epoch (custody-log §5).

- The new log has an origin and a key of its own. Its first leaf names the old final head, the range
  that is lost, the two people and their reason; then every subject is carried over by a leaf with
  its whole state, and the place and hash of its last leaf in the old log.
- The old log stays beside the new one, with its heads, tokens and cosignatures: what was proved
  from it stays proved.

Not its job: who may do this, and making the workspace (`commands.epoch`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from muniment_server.custody.acting.placing import home_of
from muniment_server.custody.acting.work import working
from muniment_server.custody.ledger.appending import PendingAct, append
from muniment_server.custody.ledger.ended import BEGUN
from muniment_server.custody.ledger.rebuilding import count_numbers, insert_rows

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence

    from muniment_server.custody.ledger.ended import Ended, Subject
    from muniment_server.custody.models import Recorded

CARRIED: Final = "log.carried"
_AT_ONCE: Final = 256


def begin(
    ended: Ended,
    subjects: Sequence[Subject],
    after: datetime.datetime,
    *,
    machine: str,
    people: Sequence[str],
    reason: str,
) -> int:
    """Write the first leaf of the empty log of this workspace and carry every subject over.

    `after` is the time of the last entry that holds. Returns how many subjects were carried.
    """
    first = PendingAct(BEGUN, machine, obj=machine, fresh=True)
    first.groups["handling"] = {
        "earlier": ended.told(),
        "holds": ended.holds,
        "lost": ended.lost,
        "people": list(people),
    }
    first.groups["reason"] = {"reason": reason}
    places = {one.obj: index for index, one in enumerate(subjects, 1)} | {machine: 0}
    with working() as work:
        head, present = work.lock()
        t = max(present, after)
        rows = insert_rows(
            {key: row for one in subjects for key, row in one.rows.items()},
            places,
            {key: name for one in subjects for key, name in one.sealed.items()},
        )
        work.entries.extend(append([first], head, t))
        acts = [_carried(one, ended, machine, rows) for one in subjects]
        for start in range(0, len(acts), _AT_ONCE):
            work.entries.extend(append(acts[start : start + _AT_ONCE], head, t))
        count_numbers()
    return len(acts)


def _carried(
    subject: Subject, ended: Ended, machine: str, rows: Mapping[tuple[str, str], Recorded]
) -> PendingAct:
    kept = [rows[key] for key in subject.rows]
    act = PendingAct(CARRIED, machine, obj=subject.obj, rows=kept, home=home_of(kept))
    if subject.parts:
        act.groups["object"] = {"parts": list(subject.parts.values())}
    if subject.source:
        act.groups["source"] = subject.source
    act.groups["handling"] = {
        "earlier": ended.told(),
        "index": subject.index,
        "leaf": subject.last,
        "n": subject.n,
    }
    return act
