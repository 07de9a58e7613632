"""What must hold between the parts of a file of crimes, beyond the type of each part.

Each check refuses the file with a sentence that names the file, the id and the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from muniment.errors import InvalidInput
from muniment.law.statute import AppliesIf, Conflict, DefaultMental, Kind

if TYPE_CHECKING:
    from muniment.law.reading import Record
    from muniment.law.statute import Crime, Element, Taxonomy

_FEWEST_BRANCHES = 2


def check_block(elements: tuple[Element, ...], owner: Record) -> None:
    """Check one block of elements: names, branches and what its mental elements cover."""
    if not elements:
        owner.fault("elements", "is empty")
    id_ = owner.text("id")
    mark = "." if id_.startswith("ctx_") else ".e"
    for number, element in enumerate(elements, start=1):
        if element.id != f"{id_}{mark}{number}":
            owner.fault("elements", f"has {element.id} where {id_}{mark}{number} belongs")
    branches = {element.alt for element in elements} - {""}
    if len(branches) == 1:
        owner.fault("elements", f"has one branch only ({branches.pop()}); an alternative needs two")
    _check_covers(elements, owner)


def _check_covers(elements: tuple[Element, ...], owner: Record) -> None:
    by_id = {element.id: element for element in elements}
    covered: set[str] = set()
    for element in elements:
        for other in element.covers:
            if other not in by_id:
                owner.fault("elements", f"{element.id} covers {other}, which is not beside it")
            _check_cover(element, by_id[other], owner)
            if other in covered:
                owner.fault("elements", f"{other} is covered twice")
            covered.add(other)


def _check_cover(element: Element, target: Element, owner: Record) -> None:
    if target.kind in (Kind.MENTAL, Kind.THRESHOLD):
        owner.fault("elements", f"{element.id} covers {target.id}, which is {target.kind}")
    if element.alt and target.alt != element.alt:
        owner.fault("elements", f"{element.id} covers {target.id}, of another branch")
    if target.default_mental is not DefaultMental.ART_30:
        owner.fault("elements", f"{target.id} is covered and has a default_mental as well")


def check_crimes(read: Taxonomy, file: str) -> None:
    """Check that every family, context and twin of every crime exists and fits."""
    for crime in read.crimes.values():
        if crime.family not in read.families:
            _fault(file, crime.id, "family", f"names {crime.family}, which does not exist")
        if crime.context is not None and crime.context not in read.contexts:
            _fault(file, crime.id, "context", f"names {crime.context}, which does not exist")
        needed = read.families[crime.family].conflict
        if needed is not None and crime.conflict is not needed:
            _fault(file, crime.id, "conflict", f"is {crime.conflict}; its family needs {needed}")
        if (crime.amendment == "") != (crime.applies_if is AppliesIf.ALWAYS):
            _fault(file, crime.id, "amendment", "and applies_if must be given together")
        for twin in crime.twins:
            _check_twin(read, crime, twin, file)
    for family in read.families:
        if not read.in_family(family):
            _fault(file, family, "id", "is a family without a crime")


def _check_twin(read: Taxonomy, crime: Crime, twin: str, file: str) -> None:
    if twin not in read.crimes:
        _fault(file, crime.id, "twins", f"names {twin}, which does not exist")
    other = read.crimes[twin]
    if crime.id not in other.twins:
        _fault(file, crime.id, "twins", f"names {twin}, which does not name it back")
    if {crime.conflict, other.conflict} != {Conflict.IAC, Conflict.NIAC}:
        _fault(file, crime.id, "twins", f"names {twin}, which is not of the other conflict type")


def check_modes(read: Taxonomy, file: str) -> None:
    """Check that every family a mode is limited to exists."""
    for mode in read.modes.values():
        for family in mode.only_for:
            if family not in read.families:
                _fault(file, mode.id, "only_for", f"names {family}, which does not exist")


def _fault(file: str, id_: str, key: str, sentence: str) -> NoReturn:
    raise InvalidInput(
        f"{file}: {id_}: `{key}` {sentence}.",
        code="law.data",
        hint="Correct the file; nothing was read from it.",
    )
