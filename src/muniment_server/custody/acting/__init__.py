"""The seam every write goes through: policy, transaction, rows, leaf, signature.

    @act("incident.opened", may=policies.may_open_incident)
    def open_incident(by: Actor, *, title: str, reason: str = "") -> Incident:
        return keep(Incident(title=title))

- One public function per act, in an app's `services`; it takes the acting person first.
- The subject is the first positional record; where there is none, the first new root kept.
- A body does no input or output and keeps rows with `keep`; whatever it kept is disclosed by the
  act's leaf, in the same transaction. An act inside an act joins its transaction.
- `act_many` does the same for many subjects: one transaction, one signature, one durability round.
- Whoever returns from here holds a committed, signed act; publishing follows within a second.
"""

from __future__ import annotations

from muniment_server.custody.acting.grouped import Closing, Member, act_many
from muniment_server.custody.acting.rows import attach, keep
from muniment_server.custody.acting.single import act
from muniment_server.custody.acting.work import after_commit, moment

__all__ = ["Closing", "Member", "act", "act_many", "after_commit", "attach", "keep", "moment"]
