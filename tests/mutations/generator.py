"""The one generator of spoilt exhibits: every family, in one order, the same every time.

| family | who spoils |
|---|---|
| careless | someone who changes files and nothing else |
| careful | a forger of files, who makes manifests and page again |
| forgers | a forger of the log without its key |
| containers | someone who packs the same files in another ZIP |
| keepers | the holder of the log's key, who lies before signing |
"""

from __future__ import annotations

from tests.mutations.bags import Mutation
from tests.mutations.careful import careful
from tests.mutations.careless import careless
from tests.mutations.containers import containers
from tests.mutations.forgers import forgers
from tests.mutations.keepers import keepers

FAMILIES = {
    "careless": careless,
    "careful": careful,
    "forgers": forgers,
    "containers": containers,
    "keepers": keepers,
}


def mutations() -> list[Mutation]:
    """All of them."""
    return [mutation for family in FAMILIES.values() for mutation in family()]


def sampled(family: str, count: int) -> list[Mutation]:
    """So many of a family, evenly from its first to its last, so that every kind is among them."""
    all_of = list(FAMILIES[family]())
    return [all_of[len(all_of) * n // count] for n in range(count)]
