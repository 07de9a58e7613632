"""Makes every check on a bundle's contents and gathers the seven verdicts (custody-log §8).

- A verdict whose own check raised `Fault` is `failed` with its text; one that needs what another
  check could not give is `absent`, "not checked", so that the first cause stands out.
- The order of the checks within a verdict is fixed: all readers of bundles report the same states.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Generic, TypeVar

from muniment.verify import layout
from muniment.verify.bag import check_info, check_manifests
from muniment.verify.chains import read_export, read_story
from muniment.verify.disclosures import Opened, open_entry
from muniment.verify.entries import parse_entries
from muniment.verify.fault import Fault, Unchecked
from muniment.verify.files import check_files, check_no_strangers
from muniment.verify.history import check_history, read_old_heads
from muniment.verify.inclusion import check_entries
from muniment.verify.keys import ML_DSA_44, VerifierKey
from muniment.verify.note import Head, parse_head
from muniment.verify.record import SPECIMEN, check_page, check_record
from muniment.verify.report import VERDICTS, Report, State, Verdict
from muniment.verify.trust import Trust, check_used, parse_keys, settle
from muniment.verify.witnesses import check_said, parse_policy, witnessed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography import x509

    from muniment.verify.contents import Contents

T = TypeVar("T")


class _Step(Generic[T]):
    """Something read from the bundle, once: its value, or why there is none."""

    def __init__(self, what: str, read: Callable[[], T]) -> None:
        self._what = what
        self._failure: Fault | Unchecked | None = None
        self.known: T | None = None
        try:
            self.known = read()
        except (Fault, Unchecked) as failure:
            self._failure = failure

    def own(self) -> T:
        """The value, in the verdict that answers for it: raises what reading it raised."""
        if self.known is None:
            raise self._failure or Unchecked("not checked")
        return self.known

    def need(self) -> T:
        """The value, where another verdict answers for it: raises `Unchecked` if there is none."""
        if self.known is None:
            raise Unchecked(f"not checked: {self._what} could not be established")
        return self.known


class Reading:
    """One reading of one bundle under the keys that the reader brought."""

    def __init__(
        self,
        contents: Contents,
        brought: Sequence[VerifierKey],
        roots: Sequence[x509.Certificate] = (),
    ) -> None:
        text = contents.text
        self._contents = contents
        self._roots = roots
        self._keys = _Step("the bundle's keys", lambda: parse_keys(text(layout.KEYS)))
        self._policy = _Step("the policy", lambda: parse_policy(text(layout.POLICY)))
        self._head = _Step("the checkpoint", lambda: parse_head(text(layout.CHECKPOINT)))
        self._trust = _Step("the log's signature", lambda: self._settle(brought))
        self._entries = _Step("the entries", lambda: parse_entries(text(layout.ENTRIES)))
        self._opened = _Step("what the entries disclose", self._open)
        self._export = _Step("the selection", lambda: read_export(self._opened.need()))
        self._story = _Step("the chain of acts", lambda: read_story(self._opened.need()))
        self._old = _Step("the old heads", lambda: read_old_heads(contents.texts))

    def report(self, require: frozenset[str]) -> Report:
        """The seven verdicts, gathered."""
        checks: dict[str, Callable[[], Verdict]] = {
            "bytes_intact": self._bytes_intact,
            "included": self._included,
            "append_only": self._append_only,
            "chain_complete": self._chain_complete,
            "witnessed": self._witnessed,
            "existed_before": self._existed_before,
            "disclosed": self._disclosed,
        }
        trust, head = self._trust.known, self._head.known
        return Report(
            {name: _settled(checks[name]) for name in VERDICTS},
            trust.log_key if trust else None,
            anchored=trust is not None and trust.anchored,
            required=require,
            specimen=head is not None and head.origin.startswith(SPECIMEN),
        )

    def _settle(self, brought: Sequence[VerifierKey]) -> Trust:
        policy = self._policy.known
        witnesses = tuple(policy.witnesses.values()) if policy else ()
        head = self._head.need()
        trust = settle(head, self._keys.need(), witnesses, brought)
        trust.check(head, "the checkpoint")
        return trust

    def _open(self) -> list[Opened]:
        return [open_entry(entry) for entry in self._entries.need()]

    def _old_heads(self) -> list[Head]:
        return [head for head, _ in (self._old.known or {}).values()]

    def _bytes_intact(self) -> Verdict:
        contents = self._contents
        check_no_strangers(contents)
        check_manifests(contents)
        export, selection = self._export.need()
        detail = check_files(contents, selection)
        check_info(contents, export)
        check_page(contents, selection)
        check_record(contents, self._story.need())
        return Verdict(State.PROVED, detail)

    def _included(self) -> Verdict:
        keys, head, entries = self._keys.own(), self._head.own(), self._entries.own()
        trust = self._trust.own()
        policy = self._policy.known
        witnesses = tuple(policy.witnesses.values()) if policy else ()
        if self._old.known is not None:
            check_used(keys, witnesses, [head, *self._old_heads()])
        texts = self._contents.texts
        detail = check_entries(entries, texts, head, texts[layout.CHECKPOINT])
        later = [key for key in trust.named if key.kind == ML_DSA_44 and head.signature_of(key)]
        if later:
            detail += "; signed with ML-DSA-44 as well"
        return Verdict(State.PROVED, detail)

    def _append_only(self) -> Verdict:
        old = self._old.own()
        story, head, trust = self._story.need(), self._head.need(), self._trust.need()
        return Verdict(State.PROVED, check_history(story, head, trust, old))

    def _chain_complete(self) -> Verdict:
        story = self._story.own()
        return Verdict(
            State.PROVED,
            f"{len(story.chains)} items, {story.entries} acts, each item from its first act to "
            f"this export on {story.export.time}",
        )

    def _witnessed(self) -> Verdict:
        policy = self._policy.own()
        keys, head = self._keys.need(), self._head.need()
        if policy.log != keys[0]:
            raise Fault("the policy is for another log key than the bundle's")
        export, story, old = self._export.known, self._story.known, self._old_heads()
        if export is not None:
            check_said(export[1], self._contents.text(layout.POLICY), policy, old)
        firsts = [chain[0].index for chain in story.chains.values()] if story else []
        met, detail = witnessed(policy, head, old, firsts)
        return Verdict(State.PROVED if met else State.ABSENT, detail)

    def _existed_before(self) -> Verdict:
        paths = [path for path in self._contents.measured if path.startswith("custody/tsa/")]
        export, story = self._export.known, self._story.known
        named = export[1].tokens if export else ()
        if not paths and not named:
            return Verdict(State.ABSENT, "there is no time token in the bundle")
        # Certificates and RFC 3161 are loaded for those who have tokens to check.
        from muniment.verify.tokens import existed_before  # noqa: PLC0415 - as said above

        files = {path: self._contents.text(path) for path in paths}
        heads = [*self._old_heads(), *([self._head.known] if self._head.known else [])]
        firsts = [chain[0].index for chain in story.chains.values()] if story else []
        verdict = existed_before(files, named, heads, firsts, self._roots)
        self._trust.need()  # a head that the log did not sign proves nothing by being old
        return verdict

    def _disclosed(self) -> Verdict:
        opened = self._opened.own()
        closed = sum(len(one.closed) for one in opened)
        _, selection = self._export.need()
        if closed and not selection.withheld_labels:
            raise Fault(f"{closed} disclosures are missing although none is withheld by name")
        before = "".join(f"{digest}\n" for one in opened[:-1] for digest in one.closed)
        if selection.withheld_digest not in {None, sha256(before.encode("ascii")).hexdigest()}:
            raise Fault("other disclosures are missing than those that the export withheld")
        withheld = (*selection.withheld_labels, *sorted(selection.withheld_files))
        if withheld:
            names = ", ".join(withheld)
            return Verdict(State.ABSENT, f"{closed} disclosures are withheld; named: {names}")
        return Verdict(State.PROVED, "everything that the entries hold is disclosed")


def _settled(check: Callable[[], Verdict]) -> Verdict:
    try:
        return check()
    except Fault as fault:
        return Verdict(State.FAILED, str(fault))
    except Unchecked as missing:
        return Verdict(State.ABSENT, str(missing))
