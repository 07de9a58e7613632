"""The signed selection of an export: what belongs to the bundle (custody-log §7).

- It is disclosed by the export leaf and so covered by the log's signature: everything else in the
  bundle is either named in it with digest and size, or remade from it and the log.
- It names no manifest, nothing under `custody/` and not `record.html`, of which it gives the
  template's digest.
- `withheld` holds paths of files left out, labels of disclosures left out, and may hold one more
  label with a digest over the digests of all disclosures left out before the export's own leaf.
- `witnesses` stands there only where somebody watched the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from muniment.verify.canonical import Json, as_count, as_list, as_object, as_text, as_texts
from muniment.verify.entries import DIGEST, IDENTIFIER
from muniment.verify.fault import Fault, shown
from muniment.verify.layout import PART, SELECTED, is_selectable

_BAG_NAME = re.compile(r"[a-z0-9-]{1,100}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", re.ASCII)
CLOSED = re.compile(r"digests/([0-9a-f]{64})", re.ASCII)
_NAMES = ("files", "heads", "items", "name", "recipient", "template", "tokens", "withheld")
_WITNESSES = ("checkpoint", "lines", "policy")


@dataclass(frozen=True, slots=True)
class Named:
    """What the selection says of one file."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What the selection says of witnesses: the policy's digest, their lines on each old head."""

    checkpoint: bool
    lines: tuple[int, ...]
    policy: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What one export put into its bundle."""

    name: str
    items: tuple[str, ...]
    files: dict[str, Named]
    heads: tuple[int, ...]
    recipient: str
    template: str
    tokens: tuple[Json, ...]
    withheld: tuple[str, ...]
    watched: Watched | None

    @property
    def cosigned(self) -> frozenset[int]:
        """Sizes of the old heads of which it says that witnesses signed them."""
        lines = self.watched.lines if self.watched else ()
        return frozenset(size for size, count in zip(self.heads, lines, strict=False) if count)

    @property
    def withheld_files(self) -> frozenset[str]:
        """Paths of files left out by name."""
        return frozenset(one for one in self.withheld if PART.fullmatch(one))

    @property
    def withheld_labels(self) -> tuple[str, ...]:
        """Kinds of disclosure left out by name."""
        labels = (one for one in self.withheld if not PART.fullmatch(one))
        return tuple(one for one in labels if not CLOSED.fullmatch(one))

    @property
    def withheld_digest(self) -> str | None:
        """The digest, in hex, over all disclosures left out, where the export gives it."""
        found = [match[1] for one in self.withheld if (match := CLOSED.fullmatch(one))]
        return found[0] if found else None


def parse_selection(value: Json) -> Selection:
    """The selection that a disclosed group spells; `Fault` unless all of it is as it must be."""
    said = value.get("witnesses") if isinstance(value, dict) else None
    fields = as_object(value, "the selection", *_NAMES, *(() if said is None else ("witnesses",)))
    name = as_text(fields["name"], "the bag's name")
    template = as_text(fields["template"], "the template's digest")
    recipient = as_text(fields["recipient"], "the recipient")
    items = tuple(as_texts(fields["items"], "the selection's items"))
    heads = tuple(as_count(head, "a head") for head in as_list(fields["heads"], "heads"))
    withheld = tuple(as_texts(fields["withheld"], "what is withheld"))
    tokens = tuple(as_list(fields["tokens"], "the selection's tokens"))
    files = _files(as_list(fields["files"], "the selection's files"))
    if not _BAG_NAME.fullmatch(name) or not DIGEST.fullmatch(template):
        raise Fault("the selection's name or template is not written as it must be")
    if not items or not all(IDENTIFIER.fullmatch(item) for item in items):
        raise Fault("the selection names no item, or one that is not 32 hex digits")
    if not all(_LABEL.fullmatch(one) for one in withheld):
        raise Fault("the selection withholds something without a proper name")
    for what, names in (("items", items), ("withheld", withheld)):
        if len(set(names)) != len(names):
            raise Fault(f"the selection names one of its {what} twice")
    if sum(CLOSED.fullmatch(one) is not None for one in withheld) > 1:
        raise Fault("the selection gives two digests of what is withheld")
    if list(heads) != sorted(set(heads)):
        raise Fault("the selection's heads are not in order")
    watched = None if said is None else _watched(said, len(heads))
    return Selection(name, items, files, heads, recipient, template, tokens, withheld, watched)


def _watched(value: Json, heads: int) -> Watched:
    fields = as_object(value, "what the selection says of witnesses", *_WITNESSES)
    lines = tuple(as_count(one, "a count of lines") for one in as_list(fields["lines"], "lines"))
    policy, checkpoint = as_text(fields["policy"], "a digest"), fields["checkpoint"]
    if len(lines) != heads or not DIGEST.fullmatch(policy) or not isinstance(checkpoint, bool):
        raise Fault("what the selection says of witnesses is not written as it must be")
    return Watched(checkpoint, lines, policy)


def _files(values: list[Json]) -> dict[str, Named]:
    files: dict[str, Named] = {}
    last = ""
    for value in values:
        fields = as_object(value, "a selected file", "path", "sha256", "size")
        path, sha256 = as_text(fields["path"], "a path"), as_text(fields["sha256"], "a digest")
        if path <= last:
            raise Fault(f"the selected file {shown(path)} is repeated or out of order")
        if not is_selectable(path) or not DIGEST.fullmatch(sha256):
            raise Fault(f"the selection names {shown(path)}, which it may not")
        files[path] = Named(sha256, as_count(fields["size"], "a size"))
        last = path
    missing = SELECTED - set(files)
    if missing:
        raise Fault(f"the selection does not name {', '.join(sorted(missing))}")
    return files
