"""The heads that leave with an export, each as the export act names it (custody-log §7).

- What the act names is the policy, as an object, and how many cosignatures each older head bore.
  Cosignatures are only ever added, so the first so many are the same for ever.
- An export that waits rests on the first head above its act that a quorum signed, with the lines
  that first made that quorum.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from muniment.archive.log_files import read_kept
from muniment.archive.objects import FolderStore
from muniment.archive.witnessing import head_for_bundle, lines_to_quorum
from muniment.custody.policy import parse_policy
from muniment.custody.quorum import bundle_policy
from muniment.errors import InvalidInput, Unavailable
from muniment.export.api import Watched
from muniment.export.exhibit.selection import heads_of, watched_of
from muniment_server.custody.ledger import sealing, witnesses

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment.custody.policy import Policy
    from muniment.evidence.canonical import Json
    from muniment_server.custody.models import Leaf


class BundleHeads:
    """The heads of one export."""

    def __init__(self, closing: Leaf, selection: Mapping[str, Json], first_kept: int) -> None:
        """`closing` is the last leaf of the export, `first_kept` the first kept head above it.

        Raises `Unavailable` for an export that waits for witnesses who have not signed yet.
        """
        self._archive = sealing.sealer().archive
        self._said = watched_of(selection)
        self._text = _named(self._said) if self._said else b""
        self._policy = parse_policy(self._text) if self._said else None
        self._waited = self._said is not None and self._said.checkpoint
        self.sizes = heads_of(selection)
        self.size = witnessed_above(closing, selection) if self._waited else first_kept
        if not self.size:
            raise not_witnessed(closing)

    def checkpoint(self) -> bytes:
        """Return the head everything is proved under, cosigned where the export waited for it."""
        if self._policy is None or not self._waited:
            return read_kept(self._archive, self.size)
        lines = lines_to_quorum(self._archive, self.size, self._policy)
        return head_for_bundle(self._archive, self.size, self._policy, lines)

    def old(self, size: int) -> bytes:
        """Return an older head with as many cosignatures as it had when the act was recorded."""
        if self._policy is None or self._said is None:
            return read_kept(self._archive, size)
        return head_for_bundle(self._archive, size, self._policy, self._said.lines[size])

    def policy(self) -> bytes:
        """Return the policy as bundles hold it; one that asks for nobody where nobody watches."""
        log = sealing.sealer().signer.verifier.text
        return self._text or f"log {log}\nquorum none\n".encode()


def watched(heads: Iterable[int], *, wait: bool) -> Watched | None:
    """Return what an export act says of witnesses, and keep their policy as an object.

    None where nobody watches.
    """
    policy = witnesses.policy()
    if policy is None or not policy.witnesses:
        return None
    sealer = sealing.sealer()
    data = bundle_policy(policy, sealer.signer.verifier)
    FolderStore(sealer.archive).put_bytes(data)
    lines = {one: len(witnesses.judge(sealer.archive, one, policy).names) for one in heads}
    return Watched(sha256(data).hexdigest(), lines, wait)


def require_watched() -> Policy:
    """Return the policy that an export may wait for; raises `InvalidInput` where nobody watches."""
    policy = witnesses.watching()
    if policy is None:
        raise InvalidInput(
            "nobody watches this log",
            code="export.unwatched",
            hint="Name witnesses and a quorum in witnesses.policy, or leave --wait out.",
        )
    return policy


def witnessed_above(closing: Leaf, selection: Mapping[str, Json]) -> int:
    """Return the size of the first head above an export that a quorum signed, or 0."""
    said = watched_of(selection)
    if said is None:
        return 0
    policy = parse_policy(_named(said))
    return witnesses.first_cosigned([closing.index], policy)[closing.index]


def waits(selection: Mapping[str, Json]) -> bool:
    """Say whether an export rests on a head that witnesses have signed after it."""
    said = watched_of(selection)
    return said is not None and said.checkpoint


def not_witnessed(closing: Leaf) -> Unavailable:
    """Return the refusal of a bundle that witnesses have not made whole yet."""
    act = closing.eid.hex
    return Unavailable(
        f"no quorum of witnesses has signed the log with the export act {act} in it yet",
        code="export.not_witnessed",
        hint=f"The act stays. Later: muniment export --act {act} --to FILE --wait",
    )


def _named(said: Watched) -> bytes:
    with FolderStore(sealing.sealer().archive).open(said.policy) as kept:
        return kept.read()
