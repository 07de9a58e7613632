"""The door to the crimes of the Rome Statute: `taxonomy()` reads the shipped file once, when asked.

The values are defined in `statute`, the file is read by `taxonomy_file`; callers need neither.
"""

from __future__ import annotations

from functools import cache

from muniment.law.sources import packaged, sources
from muniment.law.statute import (
    AppliesIf,
    Conflict,
    Context,
    Crime,
    CrimeUnderMode,
    DefaultMental,
    DefaultMentalRule,
    Element,
    Family,
    Ground,
    Kind,
    Liability,
    Listed,
    Mode,
    ProvedPer,
    Standard,
    Taxonomy,
)
from muniment.law.taxonomy_file import read_taxonomy

__all__ = [
    "AppliesIf",
    "Conflict",
    "Context",
    "Crime",
    "CrimeUnderMode",
    "DefaultMental",
    "DefaultMentalRule",
    "Element",
    "Family",
    "Ground",
    "Kind",
    "Liability",
    "Listed",
    "Mode",
    "ProvedPer",
    "Standard",
    "Taxonomy",
    "taxonomy",
]


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy shipped with the package; it is read and checked on the first call."""
    return read_taxonomy(packaged("rome_statute.yaml"), sources())
