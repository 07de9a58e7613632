"""Under whose key the bundle stands: its own key file, the policy's witnesses, the reader's keys.

- `custody/keys` begins with the log's own Ed25519 key, named like the log's origin; each further
  key signs something in the bundle.
- A key that the reader brought must have signed the checkpoint if any was brought; the bundle's own
  key is then one more known key, whose signature must check as well.
- Only an Ed25519 key anchors: every reader checks that one. An ML-DSA-44 key that was brought, or
  stands in the key file, is a known key: where it signed, its signature must check.
- Nothing else in the bundle can make it *anchored*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, shown
from muniment.verify.keys import COSIGNATURE, ED25519, VerifierKey, parse_key
from muniment.verify.note import Head, check_signatures

if TYPE_CHECKING:
    from collections.abc import Sequence


_MOST_KEYS = 256


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that count for this bundle; `signers` must each have signed every head."""

    log_key: VerifierKey
    anchored: bool
    signers: tuple[VerifierKey, ...]
    named: tuple[VerifierKey, ...]

    def check(self, head: Head, what: str) -> None:
        """`Fault` unless the log's keys signed this head and no line on it is by a stranger."""
        if head.origin != self.log_key.name:
            raise Fault(f"{what} is of another log, {shown(head.origin)}")
        check_signatures(head, what, signers=self.signers, named=self.named)


def parse_keys(data: bytes) -> tuple[VerifierKey, ...]:
    """The keys in `custody/keys`, the log's first; no comments, no blank lines, none twice."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Fault("the key file is not UTF-8") from error
    if lines.pop() != "" or not 1 <= len(lines) <= _MOST_KEYS:
        raise Fault("the key file is empty, too long, or its last line is not ended")
    keys = tuple(parse_key(line) for line in lines)
    if len({(key.name, key.key_id) for key in keys}) != len(keys):
        raise Fault("the key file holds a key twice")
    if keys[0].kind != ED25519:
        raise Fault("the key file does not begin with an Ed25519 log key")
    return keys


def settle(
    head: Head,
    own: Sequence[VerifierKey],
    witnesses: Sequence[VerifierKey],
    brought: Sequence[VerifierKey],
) -> Trust:
    """Which keys count; `Fault` if none of the keys that were brought signed this checkpoint."""
    signers = [own[0]]
    ours = [key for key in brought if head.signature_of(key) and key.name == head.origin]
    anchors = [key for key in ours if key.kind == ED25519]
    if brought and not anchors:
        raise Fault("the checkpoint is not signed by the log key that you brought")
    signers += [key for key in anchors if key != own[0]]
    log_key = anchors[0] if anchors else own[0]
    return Trust(log_key, bool(anchors), tuple(signers), (*own, *witnesses, *ours))


def check_used(
    own: Sequence[VerifierKey], witnesses: Sequence[VerifierKey], heads: Sequence[Head]
) -> None:
    """`Fault` if a key of the bundle's key file signs none of its heads, or cosigns unasked."""
    for key in own:
        if key.kind == COSIGNATURE and key not in witnesses:
            raise Fault(f"the policy does not name the witness {shown(key.name)} of the key file")
        if not any(head.signature_of(key) for head in heads):
            raise Fault(f"the key {shown(key.name)} in the key file signs nothing in the bundle")
