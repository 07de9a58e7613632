"""Taking out of the database what opens entries of the log: the one change that leaves allow.

- Of a subject's own entries only the `chain` stays: who did which kind of act, in what order, when.
  With it the chain still verifies, and nothing else of the entry can be read or guessed.
- Of an export that named the subject only the `selection` goes, which names its files by digest.
- Of entries that stood in clear, whose subject moves into a closed compartment, all but the `chain`
  is sealed to the subject's key.
- A trigger lets this through for entries that an act withdrew, and for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from muniment.archive.sealed_details import seal_disclosures
from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.ledger import closing
from muniment_server.custody.ledger.reading import ReadAct, read_act
from muniment_server.database.closed import split_stored, stored_form, stored_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from muniment.archive.age_format import Identity
    from muniment_server.custody.models import Leaf

_CHAIN = "chain"
_SELECTION = "selection"


def withdraw_entries(leaves: Iterable[Leaf]) -> None:
    """Leave nothing but the chain of a subject's own entries."""
    _reduce(leaves, lambda name: name == _CHAIN)


def withdraw_selections(leaves: Iterable[Leaf]) -> None:
    """Leave everything but the selection of the ends of exports."""
    _reduce(leaves, lambda name: name != _SELECTION)


def seal_entries(
    leaves: Iterable[Leaf], name: str, key: Identity, stored: Mapping[str, str]
) -> None:
    """Seal what opens entries that stood in clear to a data key of that name.

    `stored` says under which digest an object of theirs is stored now. Entries that are sealed
    already stay as they are.
    """
    changes = []
    for leaf in leaves:
        texts, sealed = split_stored(stored_of(leaf.disclosures))
        clear = [text for text in texts if open_disclosure(text).name == _CHAIN]
        inside = [text for text in texts if text not in clear]
        if sealed is None and inside:
            objects = [stored[one] for one in objects_of(leaf) if one in stored]
            again = seal_disclosures(inside, name, key.recipient, objects)
            changes.append((stored_form(clear, again), leaf.index))
    _update(changes)


def objects_of(leaf: Leaf) -> Iterator[str]:
    """Give the digests of the stored objects that an act names as its own.

    Of what is in escrow they stand beside the sealed details, in clear.
    """
    sealed = split_stored(stored_of(leaf.disclosures))[1]
    yield from sealed.objects if sealed else ()
    group = opened_act(leaf).groups.get("object")
    parts = group.get("parts", ()) if isinstance(group, dict) else ()
    for part in parts:
        yield str(part.get("stored_sha256") or part["sha256"])


def opened_act(leaf: Leaf) -> ReadAct:
    """Return the act of a leaf as far as it can still be opened; raises `TamperSuspected`."""
    return read_act(leaf.index, bytes(leaf.data), leaf.disclosures.split("\n"), whole=False)


def _reduce(leaves: Iterable[Leaf], stays: Callable[[str], bool]) -> None:
    _update([(_kept(leaf.disclosures, stays), leaf.index) for leaf in leaves])


def _update(changes: list[tuple[str, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany('UPDATE custody_leaf SET disclosures = %s WHERE "index" = %s', changes)


def _kept(disclosures: str, stays: Callable[[str], bool]) -> str:
    """Return what is stored of the disclosures that stay: sealed again, where they were sealed."""
    texts = disclosures.split("\n")
    kept = [text for text in texts if stays(open_disclosure(text).name)]
    return closing.sealed_again(disclosures, kept)
