# SPDX-License-Identifier: 0BSD
"""Makes every check on a bundle and settles the seven verdicts.

- A verdict is `failed` with the first reason found against it, `proved` where all its checks were
  made and held, and otherwise `absent`: there was nothing to check, or it could not be checked
  because another verdict failed.
"""

from __future__ import annotations

import bisect
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from muniment.export.verifier.entries import open_entry, read_entries
from muniment.export.verifier.fault import Fault, demand
from muniment.export.verifier.merkle import HASH_LENGTH, demand_extension, demand_included
from muniment.export.verifier.notes import (
    ML_DSA_SIGNATURE,
    demand_keys_used,
    demand_trusted,
    from_base64,
    read_head,
    read_keys,
    settle_trust,
)
from muniment.export.verifier.papers import (
    CONSISTENCY_PATH,
    PROOF_PATH,
    SPECIMEN_ORIGIN,
    demand_info,
    demand_known_files,
    demand_manifests,
    demand_page,
    demand_record,
    demand_selected,
)
from muniment.export.verifier.policy import demand_said, read_policy, witnesses_of
from muniment.export.verifier.story import read_export, read_story
from muniment.export.verifier.tokens import judge_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from muniment.export.verifier.entries import Entry, Opened
    from muniment.export.verifier.notes import Head, Key, Trust
    from muniment.export.verifier.opening import Bundle
    from muniment.export.verifier.policy import Policy
    from muniment.export.verifier.story import Act, Selection, Story

_MOST_HASHES = 64


class OldHead(NamedTuple):
    """A head that the log signed earlier, and the proof that the checkpoint continues it."""

    path: str
    head: Head
    proof: Sequence[bytes]


class _Blame:
    """Catches a `Fault` and notes it against a verdict, unless one was noted before."""

    def __init__(self, failed: dict[str, str], verdict: str) -> None:
        self._failed = failed
        self._verdict = verdict

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        if not isinstance(error, Fault):
            return False
        self._failed.setdefault(self._verdict, str(error))
        return True


class Examination:
    """What was found out about one bundle, check by check."""

    def __init__(self, bundle: Bundle, brought: Sequence[Key], roots: bytes = b"") -> None:
        self.bundle = bundle
        self.roots = roots
        self.failed: dict[str, str] = {}
        self.proved: dict[str, str] = {}
        self.noted: dict[str, str] = {}
        self.keys: Sequence[Key] | None = None
        self.policy: Policy | None = None
        self.head: Head | None = None
        self.trust: Trust | None = None
        self.old: Sequence[OldHead] | None = None
        self.entries: Sequence[Entry] | None = None
        self.opened: Sequence[Opened] | None = None
        self.export: tuple[Act, Selection] | None = None
        self.story: Story | None = None
        self._read_signatures(brought)
        self._read_acts()
        self._settle_included()
        self._settle_append_only()
        self._settle_disclosed()
        self._settle_witnessed()
        self._settle_existed_before()
        self._settle_bytes()

    def _blame(self, verdict: str) -> _Blame:
        """A check that does not hold in here fails this verdict."""
        return _Blame(self.failed, verdict)

    @property
    def is_specimen(self) -> bool:
        """Whether the log says of itself that it holds specimens."""
        return self.head is not None and self.head.origin.startswith(SPECIMEN_ORIGIN)

    def _read_signatures(self, brought: Sequence[Key]) -> None:
        text = self.bundle.text
        with self._blame("included"):
            self.keys = read_keys(text("custody/keys"))
        with self._blame("witnessed"):
            self.policy = read_policy(text("custody/policy"))
        with self._blame("included"):
            self.head = read_head(text("custody/checkpoint"), "the checkpoint")
        with self._blame("append_only"):
            paths = [path for path in self.bundle.files if CONSISTENCY_PATH.fullmatch(path)]
            self.old = [read_old_head(path, text(path)) for path in sorted(paths)]
        if self.keys and self.head:
            witnesses = self.policy.witnesses if self.policy else []
            with self._blame("included"):
                self.trust = settle_trust(self.head, self.keys, witnesses, brought)
            if self.old is not None:
                heads = [self.head] + [old.head for old in self.old]
                with self._blame("included"):
                    demand_keys_used(self.keys, witnesses, heads)

    def _read_acts(self) -> None:
        with self._blame("included"):
            self.entries = read_entries(self.bundle.text("custody/entries.jsonl"))
        if self.entries:
            with self._blame("disclosed"):
                self.opened = [open_entry(entry) for entry in self.entries]
        if self.opened:
            with self._blame("chain_complete"):
                self.export = read_export(self.opened)
        if self.opened and self.export:
            export, selection = self.export
            with self._blame("chain_complete"):
                self.story = read_story(self.opened, selection)
                words = f"{len(self.story.chains)} items, {len(self.opened)} acts, whole up to"
                self.proved["chain_complete"] = f"{words} this export on {export.t}"

    def _settle_included(self) -> None:
        if self.head is None or self.entries is None or self.trust is None:
            return
        paths = {path for path in self.bundle.files if PROOF_PATH.fullmatch(path)}
        checkpoint = self.bundle.text("custody/checkpoint")
        with self._blame("included"):
            for entry in self.entries:
                path = f"custody/proofs/{entry.position}.tlog-proof"
                demand(path in paths, f"the proof of entry {entry.position} is missing")
                of_log = entry.log == self.head.origin
                demand(of_log, f"entry {entry.position} belongs to another log")
                proof = _inclusion_hashes(self.bundle.text(path), entry.position, checkpoint)
                leaf, root = entry.leaf_hash, self.head.root
                demand_included(leaf, entry.position, self.head.size, proof, root)
            needed = {f"custody/proofs/{entry.position}.tlog-proof" for entry in self.entries}
            demand(paths <= needed, f"{max(paths - needed, default='')} proves no entry")
        words = f"{len(self.entries)} entries are in the log of size {self.head.size}"
        for key in self.trust.known:
            if key.kind == ML_DSA_SIGNATURE and self.head.signed_by(key):
                words += "; an ML-DSA-44 signature is present and was not checked"
                break
        self.proved["included"] = words

    def _settle_append_only(self) -> None:
        if self.head and self.trust and self.story and self.export and self.old is not None:
            selection = self.export[1]
            with self._blame("append_only"):
                sizes = demand_history(self.head, self.trust, self.old, self.story, selection)
                words = f"the log of size {self.head.size} continues the log as it was signed at"
                self.proved["append_only"] = f"{words} size {', '.join(map(str, sizes))}"

    def _settle_disclosed(self) -> None:
        if not self.opened or not self.export:
            return
        selection = self.export[1]
        closed = sum(len(one.closed) for one in self.opened)
        before = "".join(f"{digest}\n" for one in self.opened[:-1] for digest in one.closed)
        with self._blame("disclosed"):
            named = closed == 0 or bool(selection.withheld_labels)
            demand(named, f"{closed} disclosures are missing although none is withheld by name")
            same = selection.withheld_digest in ("", hashlib.sha256(before.encode()).hexdigest())
            demand(same, "other disclosures are missing than those that the export withheld")
            withheld = [*selection.withheld_labels, *sorted(selection.withheld_files)]
            if withheld:
                words = f"{closed} disclosures are withheld; named: {', '.join(withheld)}"
                self.noted["disclosed"] = words
            else:
                self.proved["disclosed"] = "everything that the entries hold is disclosed"

    def _settle_witnessed(self) -> None:
        if self.policy is None or self.keys is None or self.head is None:
            return
        with self._blame("witnessed"):
            same = self.policy.log == self.keys[0]
            demand(same, "the policy is for another log key than the bundle's")
            heads = [old.head for old in self.old or []]
            said = self.export[1].watched if self.export else None
            if said:
                data = self.bundle.text("custody/policy")
                demand_said(self.policy, data, (said.policy, said.lines), heads)
            chains = list(self.story.chains.values()) if self.story else []
            firsts: list[int] = [chain[0].entry.position for chain in chains]
            met, words = witnesses_of(self.policy, self.head, heads, firsts)
            (self.proved if met else self.noted)["witnessed"] = words

    def _settle_existed_before(self) -> None:
        named = list(self.export[1].tokens) if self.export else []
        with self._blame("existed_before"):
            paths = [path for path in self.bundle.files if path.startswith("custody/tsa/")]
            files = {path: self.bundle.text(path) for path in paths}
            heads = [old.head for old in self.old or []] + ([self.head] if self.head else [])
            chains = list(self.story.chains.values()) if self.story else []
            firsts: list[int] = [chain[0].entry.position for chain in chains]
            met, words = judge_tokens(files, named, heads, firsts, self.roots)
            (self.proved if met and firsts else self.noted)["existed_before"] = words

    def _settle_bytes(self) -> None:
        with self._blame("bytes_intact"):
            demand_known_files(self.bundle)
            demand_manifests(self.bundle)
            if not self.export:
                return
            export, selection = self.export
            demand_selected(self.bundle, selection)
            demand_info(self.bundle, export)
            demand_page(self.bundle, selection)
            if not self.story:
                return
            demand_record(self.bundle, selection, self.story)
            total = sum(file.size for file in self.bundle.files.values())
            words = f"{len(self.bundle.files)} files, {total} bytes"
            self.proved["bytes_intact"] = f"{words}, are those that the log signed"


def read_old_head(path: str, data: bytes) -> OldHead:
    """A consistency file: the old signed note, a blank line, hashes."""
    parts = data.split(b"\n\n", 2)
    demand(len(parts) > len("12"), f"{path} is not a signed note, a blank line and hashes")
    note = parts[0] + b"\n\n" + parts[1] + b"\n"
    return OldHead(path, read_head(note, path), _hash_lines(parts[2], path))


def _inclusion_hashes(data: bytes, index: int, checkpoint: bytes) -> list[bytes]:
    """The hashes in a proof file (C2SP tlog-proof), which ends in the bundle's own checkpoint."""
    what = f"the proof of entry {index}"
    begins = f"c2sp.org/tlog-proof@v1\nindex {index}\n".encode()
    end = len(data) - len(checkpoint) - 1
    fits = data.startswith(begins) and end >= len(begins) and data[end:] == b"\n" + checkpoint
    demand(fits, f"{what} does not begin or end as it must")
    return _hash_lines(data[len(begins) : end], what)


def _hash_lines(data: bytes, what: str) -> list[bytes]:
    """One hash in base64 a line, each line ended."""
    lines = data.decode("latin-1").split("\n")
    few = lines.pop() == "" and len(lines) <= _MOST_HASHES
    demand(few, f"{what} has too many hashes, or an unended line")
    hashes = [from_base64(line, f"a hash in {what}") for line in lines]
    proper = all(len(one) == HASH_LENGTH for one in hashes)
    demand(proper, f"{what} has a hash that is not 32 bytes")
    return hashes


def demand_history(
    head: Head, trust: Trust, old: Sequence[OldHead], story: Story, selection: Selection
) -> list[int]:
    """Sizes at which the log was signed before, all continued by the checkpoint.

    For each item there is the first kept head above its first act; a head that no item rests on and
    that no time token covers and no witness signed is one too many.
    """
    for one in old:
        expected = f"custody/consistency/{one.head.size}-{head.size}"
        demand(one.path == expected, f"{one.path} is not named for its two heads")
        demand_trusted(one.head, trust, f"the old head in {one.path}")
        demand_extension(one.head.size, one.head.root, head.size, head.root, one.proof)
    sizes = sorted(one.head.size for one in old)
    demand(sizes == selection.heads, "the old heads are not those that the selection names")
    rested: set[int] = set()
    for chain in story.chains.values():
        first = chain[0].entry.position
        place = bisect.bisect_right(sizes, first)
        demand(place < len(sizes), f"no old head covers entry {first}, the first of its item")
        rested.add(sizes[place])
    stamped = {size for size in selection.tokens if isinstance(size, int)}
    lines = selection.watched.lines if selection.watched else {}
    cosigned = {size for size, count in lines.items() if count}
    needed = rested | stamped | cosigned
    demand(set(sizes) <= needed, "there is an old head that no item rests on")
    return sizes
