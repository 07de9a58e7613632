"""Taking out of the database what opens entries of the log: the one change that leaves allow.

- Of a subject's own entries only the `chain` stays: who did which kind of act, in what order, when.
  With it the chain still verifies, and nothing else of the entry can be read or guessed.
- Of an export that named the subject only the `selection` goes, which names its files by digest.
- A trigger lets this through for entries that an act withdrew, and for nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.ledger.reading import ReadAct, read_act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from muniment_server.custody.models import Leaf

_CHAIN = "chain"
_SELECTION = "selection"


def withdraw_entries(leaves: Iterable[Leaf]) -> None:
    """Leave nothing but the chain of a subject's own entries."""
    _reduce(leaves, lambda name: name == _CHAIN)


def withdraw_selections(leaves: Iterable[Leaf]) -> None:
    """Leave everything but the selection of the ends of exports."""
    _reduce(leaves, lambda name: name != _SELECTION)


def opened_act(leaf: Leaf) -> ReadAct:
    """Return the act of a leaf as far as it can still be opened; raises `TamperSuspected`."""
    return read_act(leaf.index, bytes(leaf.data), leaf.disclosures.split("\n"), whole=False)


def _reduce(leaves: Iterable[Leaf], stays: Callable[[str], bool]) -> None:
    changes = [(_kept(leaf.disclosures, stays), leaf.index) for leaf in leaves]
    with connection.cursor() as cursor:
        cursor.executemany('UPDATE custody_leaf SET disclosures = %s WHERE "index" = %s', changes)


def _kept(disclosures: str, stays: Callable[[str], bool]) -> str:
    texts = disclosures.split("\n")
    return "\n".join([text for text in texts if stays(open_disclosure(text).name)])
