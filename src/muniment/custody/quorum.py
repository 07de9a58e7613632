"""How much a policy's quorum withstands, and the policy in the one form that bundles hold.

- Two quorums of one policy overlap in some witnesses. A log can show two histories to two readers,
  each with a quorum, exactly when every witness in some overlap colludes: so a quorum that overlaps
  in at least `m` withstands m - 1 of them. For k of n that is k > (n+f)/2 (custody-log §1).
- Each witness stands in one group at most, so the smallest overlap is found group by group.

Not its job: whether a head meets the quorum (`policy`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.custody.policy import NONE
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from muniment.custody.keys import VerifierKey
    from muniment.custody.policy import Policy


def overlap(policy: Policy) -> int:
    """Return how many witnesses any two quorums have in common at least; 0 for `quorum none`."""
    return 0 if policy.quorum == NONE else _overlap(policy, policy.quorum)


def withstands(policy: Policy) -> int:
    """Return how many colluding witnesses cannot help a log to two histories; 0 may mean none."""
    return max(overlap(policy) - 1, 0)


def bundle_policy(policy: Policy, log: VerifierKey) -> bytes:
    """Return a policy as a bundle holds it: one log, no addresses, remarks or empty lines.

    Raises InvalidInput where a name in it is not UTF-8: readers of bundles compare text.
    """
    lines = [b"log " + log.text.encode()]
    lines += [
        b"witness " + name + b" " + witness.key.text.encode()
        for name, witness in policy.witnesses.items()
    ]
    lines += [
        b"group %b %d %b" % (name, group.threshold, b" ".join(group.members))
        for name, group in policy.groups.items()
    ]
    lines += [b"quorum " + policy.quorum]
    data = b"".join([line + b"\n" for line in lines])
    try:
        data.decode()
    except UnicodeDecodeError:
        message = "a name in the witness policy is not UTF-8"
        raise InvalidInput(message, code="policy.form") from None
    return data


def _overlap(policy: Policy, name: bytes) -> int:
    if name in policy.witnesses:
        return 1
    group = policy.groups[name]
    shared = max(2 * group.threshold - len(group.members), 0)
    return sum(sorted([_overlap(policy, member) for member in group.members])[:shared])
