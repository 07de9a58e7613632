"""Every read of packages, filtered by need to know, and the log's part of an export.

- A package is visible to whoever may know of every item in it.
- The head an export is proved under is the first kept one above its last leaf: the same for every
  later export of the same act.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muniment.archive.layout import Layout
from muniment.archive.log_files import kept_sizes
from muniment.archive.objects import FolderStore
from muniment.archive.proving import Prover
from muniment.custody.proof import consistency_proof
from muniment.errors import Conflict, NotFound, TamperSuspected
from muniment.evidence.canonical import parse_canonical
from muniment.evidence.disclosure import digest_of, open_disclosure
from muniment.export.api import Custody, Entry, OldHead
from muniment_server.catalogue import queries as catalogue
from muniment_server.custody import queries as custody
from muniment_server.custody.ledger import bundle_heads, sealing, witnesses
from muniment_server.custody.models import Access
from muniment_server.custody.queries import PAGE, Page
from muniment_server.database.closed import split_stored, stored_of
from muniment_server.disclosure.models import Package, PackageItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from django.db.models import QuerySet

    from muniment.evidence.canonical import Json
    from muniment_server.catalogue.models import Item, Part, Rendition
    from muniment_server.custody.models import Leaf
    from muniment_server.custody.policies import Actor

BATCH = "batch.closed"
EXPORTED = "item.exported"
SELECTION = "selection"

#: groups of an act, and of a row's state, that a recipient may be denied, in words
WITHHOLDABLE = {
    "source": _("where items came from: sources, titles, names of files"),
    "handling": _("handling: compartments, doors, batches"),
    "reason": _("reasons given for acts"),
    "identity": _("names of people"),
}


def packages(by: Actor, *, after: int = -1, limit: int = PAGE) -> Page:
    """Return a page of packages, in log order."""
    custody.note_list(by, Package)
    return custody.page_of(_packages(by), after=after, limit=limit)


def package(by: Actor, number: str) -> Package:
    """Return one package by number; raises `NotFound`."""
    return custody.one(by, _packages(by), number, "package")


def package_of_act(by: Actor, eid: str) -> Package:
    """Return the package an export act made; raises `NotFound`."""
    found = _packages(by).filter(eid=eid).first()
    if found is None:
        raise custody.absent(by, "export", eid)
    return found


def items_in(by: Actor, found: Package) -> list[Item]:
    """Return the items of a package, in the order of the log."""
    rows = custody.visible_through(by, PackageItem.objects.filter(package=found), "item")
    return [row.item for row in rows.select_related("item").order_by("item__seq")]


def item_counts(rows: Iterable[Package]) -> dict[UUID, int]:
    """Return how many items each package holds."""
    links = PackageItem.objects.filter(package__in=list(rows), ended__isnull=True)
    found: dict[UUID, int] = {}
    for pk in links.values_list("package", flat=True):
        found[pk] = found.get(pk, 0) + 1
    return found


def bundle_digest(found: Package) -> str:
    """Return the SHA-256 of a package's bundle as it was last handed out here, or nothing.

    No act holds it, since the bundle holds the act: the record of readings does, which `rebuild`
    does not make again. The bundle does, with the same bytes.
    """
    given = custody.accesses(found.pk).filter(kind=Access.Kind.DOWNLOADED).exclude(detail="")
    last = given.values_list("detail", flat=True).first()
    return last or ""


def log_key() -> str:
    """Return the key that signs the log, as a recipient compares it."""
    return sealing.sealer().signer.verifier.text


def packages_of(by: Actor, item: Item) -> list[Package]:
    """Return the packages an item went out in, as far as the actor may know."""
    return list(_packages(by).filter(contents__item=item).order_by("seq"))


def _packages(by: Actor) -> QuerySet[Package]:
    rows = custody.visible(by, Package.objects.all())
    closed = PackageItem.objects.exclude(item__compartment__in=by.compartments)
    return rows.exclude(pk__in=closed.values("package"))


def store() -> FolderStore:
    """Return the object store of the workspace."""
    workspace = custody.workspace()
    return FolderStore(workspace.archive)


def fetching(closing: Leaf, items: Iterable[Item]) -> Callable[[str], BinaryIO]:
    """Return what opens every file of an export by the digest of its content.

    Originals and renditions of closed items, and what was kept for a closed export, are opened in
    memory. What was kept is told apart by opening it: nothing in clear says which is which.
    """
    held: dict[str, Callable[[], BinaryIO]] = {}
    for item in items:
        rows: list[Part | Rendition] = [*catalogue.parts_of(item), *catalogue.renditions_of(item)]
        for row in rows:
            held[row.sha256] = partial(catalogue.content_of, item, row)
    sealed = split_stored(stored_of(closing.disclosures))[1]
    for name in sealed.objects if sealed else ():
        kept = partial(custody.open_object, closing.obj, "", name)
        with kept() as stream:
            held[sha256(stream.read()).hexdigest()] = kept

    def fetch(digest: str) -> BinaryIO:
        return held[digest]() if digest in held else store().open(digest)

    return fetch


def first_heads(items: Iterable[Item]) -> tuple[int, ...]:
    """Return the sizes of the heads that prove when each item was in the log.

    The first head at or above its first leaf that a quorum of witnesses signed, else the first one
    that was kept.
    """
    sizes = kept_sizes(sealing.sealer().archive)
    firsts = [item.seq or 0 for item in items]
    policy = witnesses.watching()
    cosigned = witnesses.first_cosigned(firsts, policy) if policy else {}
    return tuple(sorted({cosigned.get(one) or _first_above(sizes, one) for one in firsts}))


def stamped_heads(items: Iterable[Item]) -> tuple[int, ...]:
    """Return the sizes of the first time-stamped heads at or above each item's first leaf.

    Call it while the head is locked: what is stamped from then on comes after the act.
    """
    return custody.stamped_heads((item.seq or 0 for item in items), custody.custody_head().size)


def named_tokens(closing: Leaf) -> tuple[int, ...]:
    """Return the sizes of the heads whose time tokens an export act names."""
    named = selection_of(closing).get("tokens", ())
    sizes = named if isinstance(named, list | tuple) else ()
    return tuple([size for size in sizes if isinstance(size, int)])


def selection_of(closing: Leaf) -> Mapping[str, Json]:
    """Return the selection that the last leaf of an export discloses.

    Raises `NotFound` for another act, `Conflict` where an item of the export was shredded: then its
    bundle, which names every file by digest, cannot be made again.
    """
    for text in closing.disclosures.split("\n"):
        opened = open_disclosure(text)
        if opened.name == "selection" and isinstance(opened.value, dict):
            return opened.value
    if Package.objects.filter(eid=closing.eid).exists():
        raise Conflict(
            gettext("an item of this export was shredded: its bundle cannot be made again"),
            code="export.shredded",
            hint=gettext("Export what is left; bundles that were handed out still verify."),
        )
    raise NotFound(
        "this act is no export",
        code="export.not_found",
        hint="Name the act of an export, as `muniment export` printed it.",
    )


def custody_of(items: Iterable[Item], closing: Leaf, withheld: frozenset[str]) -> Custody:
    """Return everything the log says of an export: chains up to it, proofs, heads, keys.

    `withheld` names groups of `WITHHOLDABLE` that the recipient does not get. Raises `Unavailable`
    for an export that waits for witnesses who have not signed yet.
    """
    sealer = sealing.sealer()
    selection = selection_of(closing)
    kept = _first_above(kept_sizes(sealer.archive), closing.index)
    heads = bundle_heads.BundleHeads(closing, selection, kept)
    size = heads.size
    chains = [_chain(item, closing) for item in items]
    leaves = [one for one in _with_batches(chains, withheld) if one.index < closing.index]
    leaves.append(closing)
    tail = sealer.tail()
    reader = tail.reader()
    prover = Prover(
        Layout(sealer.archive), tail.read, held=tail.size, published=sealer.published, size=size
    )
    tokens = named_tokens(closing)
    return Custody(
        entries=tuple(
            Entry(leaf.index, bytes(leaf.data), tuple(permitted(leaf, withheld, closing)))
            for leaf in leaves
        ),
        proofs={leaf.index: prover.inclusion(leaf.index, bytes(leaf.hash)) for leaf in leaves},
        checkpoint=heads.checkpoint(),
        old_heads=tuple(
            OldHead(heads.old(one), tuple(consistency_proof(reader, one, size)))
            for one in heads.sizes
        ),
        keys=tuple([key.text for key in sealer.signer.verifiers]),
        policy=heads.policy(),
        tokens=custody.token_files(tokens, closing.index),
    )


def permitted(leaf: Leaf, withheld: frozenset[str], closing: Leaf | None = None) -> Iterator[str]:
    """Give the disclosures of a leaf that a recipient may see, parents first.

    `closing` is the last leaf of the export, where it is recorded already. What makes a batch
    checkable stays: the `reason` of its leaf, and the `handling` that names it. What earlier
    recipients were given is not this recipient's to know.
    """
    left_out = withheld
    if leaf.kind == BATCH:
        left_out = withheld - {"reason"}
        if closing is None or leaf.pk != closing.pk:
            left_out |= {SELECTION}
    elif leaf.kind == EXPORTED:
        left_out = withheld - {"handling"}
    for text in leaf.disclosures.split("\n"):
        if open_disclosure(text).name not in left_out:
            yield text


def withheld_digest(items: Iterable[Item], withheld: frozenset[str]) -> tuple[str, ...]:
    """Return, as a name, the digest over all disclosures that an export leaves out, if any.

    It is taken over their digests, entry by entry, of the entries before the export's last one,
    which names it. Call it where the export's other acts are recorded.
    """
    chains = [custody.chain_of(item.pk) for item in items]
    closed: list[str] = []
    for leaf in _with_batches(chains, withheld):
        given = list(permitted(leaf, withheld))
        values = [parse_canonical(bytes(leaf.data)), *(open_disclosure(one).value for one in given)]
        standing = {digest for value in values for digest in _digests_in(value)}
        closed += sorted(standing.difference(map(digest_of, given)))
    if not closed:
        return ()
    lines = "".join(f"{digest}\n" for digest in closed)
    return (f"digests/{sha256(lines.encode('ascii')).hexdigest()}",)


def _digests_in(value: Json) -> Iterator[str]:
    """Give the digests of every `_sd` in a leaf or in a disclosed value."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if name == "_sd" and isinstance(member, list):
                yield from map(str, member)
            else:
                yield from _digests_in(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _digests_in(member)


def left_out(items: Iterable[Item], withheld: frozenset[str]) -> tuple[str, ...]:
    """Return which groups these items' acts hold that the recipient will not get."""
    found: set[str] = set()
    for item in items:
        for leaf in custody.chain_of(item.pk):
            names = {open_disclosure(text).name for text in leaf.disclosures.split("\n")}
            found |= names & withheld
        exports = [leaf for leaf in custody.chain_of(item.pk) if leaf.kind == EXPORTED]
        if len(exports) > 1:  # the last is this export's own
            found.add(SELECTION)
    return tuple(sorted(found))


def _chain(item: Item, closing: Leaf) -> list[Leaf]:
    return [leaf for leaf in custody.chain_of(item.pk) if leaf.index < closing.index]


def _with_batches(chains: Iterable[list[Leaf]], withheld: frozenset[str]) -> list[Leaf]:
    """Return the leaves of chains and of the batches they name, in index order.

    Where `handling` is withheld an act names no batch, and a batch leaf would stand for nothing.
    """
    found: dict[int, Leaf] = {}
    for leaf in (leaf for chain in chains for leaf in chain):
        found[leaf.index] = leaf
        named = leaf.kind == EXPORTED or "handling" not in withheld
        batch = _batch_of(leaf) if named else ""
        if batch:
            ending = custody.closing_leaf(UUID(batch), leaf.index)
            if ending is not None:
                found[ending.index] = ending
    return [found[index] for index in sorted(found)]


def _batch_of(leaf: Leaf) -> str:
    for text in leaf.disclosures.split("\n"):
        opened = open_disclosure(text)
        if opened.name == "handling" and isinstance(opened.value, dict):
            return str(opened.value.get("batch", ""))
    return ""


def _first_above(sizes: list[int], index: int) -> int:
    place = bisect_right(sizes, index)
    if place == len(sizes):
        raise TamperSuspected(
            f"no published head covers act #{index}",
            code="log.not_published",
            hint="Run `muniment check`; the log has to be published before it is exported.",
        )
    return sizes[place]


def closing_of(found: Package) -> Leaf:
    """Return the last leaf of the export a package came from; raises `NotFound`."""
    leaf = custody.leaf_of_act(found.eid)
    if leaf is None:
        raise NotFound(
            "the export act is not in the log",
            code="export.not_found",
            hint="Run `muniment check`.",
        )
    return leaf
