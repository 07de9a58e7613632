"""What has to be proved for a charge, as the rows of an elements matrix.

- Rows = contextual elements + the crime's own elements + the default mental element of Art. 30
  where none is listed + the elements of the mode of liability.
- A row is one element for one subject: the situation, an incident, the person, or the person at an
  incident, as the element's `proved_per` says. Its key names that subject and no other, so that
  evidence of one incident has no way into another's cell.
- The elements of a crime speak of the perpetrator. Where the person charged did not carry it out,
  they are about those who did (EoC general introduction para 8), and row and key say so.
- Nothing here weighs evidence or says that a standard of proof is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput
from muniment.law.sources import Note
from muniment.law.statute import (
    AppliesIf,
    CrimeUnderMode,
    DefaultMental,
    Element,
    Kind,
    ProvedPer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.law.statute import Crime, Mode, Taxonomy

_DIRECT = "m_25_3_a_direct"
_MATERIAL = (Kind.CONDUCT, Kind.CONSEQUENCE, Kind.CIRCUMSTANCE)


class Group(StrEnum):
    """Which part of the charge a row belongs to, in the order in which a matrix shows them."""

    CONTEXT = "context"
    CRIME = "crime"
    ART_30 = "art_30"
    MODE = "mode"


class About(StrEnum):
    """Whose acts and mind a row speaks of; NOBODY is a row about a situation or an incident."""

    NOBODY = "nobody"
    CHARGED = "person_charged"
    CARRIED_OUT = "those_who_carried_it_out"


class Needed(StrEnum):
    """Whether a gap in the row is a gap in the charge."""

    ALWAYS = "always"
    IN_BRANCH = "in_branch"
    MAY_BE_INCOMPLETE = "may_be_incomplete"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Charge:
    """A suspect, a crime, a mode of liability, the incidents charged and their situation (ids)."""

    crime: str
    mode: str
    situation: str
    incidents: tuple[str, ...]
    person: str


@dataclass(frozen=True, slots=True, order=True)
class RowKey:
    """The name of a row: its element and the one subject for which it is proved.

    Two charges share a row exactly if the element and the subject are the same: the context of a
    situation is proved once, an incident once for all who are charged with it. `of` is set where a
    row charged against a person is about others: the mind of those who carried the crime out is
    not the mind of the one who ordered it, also where both modes are charged in the alternative.
    """

    element: str
    situation: str = ""
    incident: str = ""
    person: str = ""
    of: str = ""

    def __str__(self) -> str:
        """The key as one text, for storage: element and subject, parted by spaces."""
        subject = (
            ("situation", self.situation),
            ("incident", self.incident),
            ("person", self.person),
            ("of", self.of),
        )
        return " ".join([self.element, *(f"{name}={id_}" for name, id_ in subject if id_)])


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to be proved for one subject; the words, citation and basis are the element's."""

    key: RowKey
    group: Group
    element: Element
    about: About
    needed: Needed


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows of a charge, what to beware of, and the version of the law they were made from."""

    charge: Charge
    rows: tuple[Row, ...]
    cautions: tuple[str, ...]
    version_id: str


def matrix(charge: Charge, law: Taxonomy) -> Matrix:
    """Return everything that has to be proved for a charge, row by row.

    NotFound for an unknown crime or mode; InvalidInput for a charge without incident where the
    crime needs one, or under a mode that the crime does not allow.
    """
    crime, mode = law.crime(charge.crime), law.mode(charge.mode)
    _check(charge, crime, mode, law)
    blocks = (
        (Group.CONTEXT, law.context_elements(crime)),
        (Group.CRIME, crime.elements),
        (Group.ART_30, tuple(_defaults(crime, law))),
        (Group.MODE, mode.elements),
    )
    rows = chain.from_iterable(
        _rows(charge, mode, group, element) for group, block in blocks for element in block
    )
    return Matrix(charge, tuple(rows), tuple(cautions(crime, mode)), law.version_id)


def default_mental(crime: Crime, law: Taxonomy) -> tuple[Element, ...]:
    """Return the mental elements that Art. 30 adds where the Elements list none (EoC intro 2)."""
    return tuple(_defaults(crime, law))


def cautions(crime: Crime, mode: Mode) -> Iterator[str]:
    """Say what a reader of this charge must know before relying on its rows."""
    if crime.inoperative:
        yield f"{crime.citation} is inoperative: {crime.note.text if crime.note else ''}"
    if crime.applies_if is AppliesIf.ART_121_5:
        yield f"{crime.citation} entered by amendment ({crime.amendment}): see rule J13."
    if crime.applies_if is AppliesIf.ART_15BIS_15TER:
        yield f"{crime.citation} has its own conditions (Art. 15 bis, 15 ter): see J20 to J25."
    if crime.modes_limited_by:
        yield crime.modes_limited_by
    if mode.crime is CrimeUnderMode.OR_ATTEMPTED:
        yield f"{mode.citation}: an attempt of the crime is enough; see Art. 25(3)(f)."
    if mode.crime is CrimeUnderMode.NOT_COMPLETED:
        yield f"{mode.citation}: the crime was not completed; its material rows may stay open."
    if mode.crime is CrimeUnderMode.NEED_NOT_OCCUR:
        yield f"{mode.citation}: the crime need not have happened; only the mode's rows are needed."
    for what in (crime, mode):
        if not what.basis.checked:
            yield f"{what.citation} {what.label}: {what.basis.words}."


def _check(charge: Charge, crime: Crime, mode: Mode, law: Taxonomy) -> None:
    if mode.only_for and crime.family not in mode.only_for:
        allowed = ", ".join(law.family(family).label for family in mode.only_for)
        raise InvalidInput(
            f"{mode.label} ({mode.citation}) is a mode of liability for {allowed} only.",
            code="law.charge.mode",
            hint=f"{crime.id} is of the family {crime.family}; choose another mode.",
        )
    for name, id_ in (("situation", charge.situation), ("person", charge.person)):
        if not id_:
            raise InvalidInput(
                f"A charge needs a {name}.",
                code="law.charge.subject",
                hint="Rows are proved for a subject; give its id.",
            )
    if len(set(charge.incidents)) != len(charge.incidents) or "" in charge.incidents:
        raise InvalidInput(
            "The incidents of a charge must each be named once.",
            code="law.charge.incidents",
            hint="Remove the empty or repeated id.",
        )
    if not charge.incidents and crime.context is not None:
        raise InvalidInput(
            f"{crime.label} is proved for an incident, and the charge names none.",
            code="law.charge.incidents",
            hint="Link the charge to at least one incident.",
        )


def _defaults(crime: Crime, law: Taxonomy) -> Iterator[Element]:
    covered = {other for element in crime.elements for other in element.covers}
    for element in crime.elements:
        listed = element.id in covered or element.default_mental is not DefaultMental.ART_30
        if element.kind in _MATERIAL and not listed:
            yield _default(element, law)


def _default(element: Element, law: Taxonomy) -> Element:
    rule = law.default_mental
    if element.kind is Kind.CIRCUMSTANCE:
        said = rule.texts[Kind.CIRCUMSTANCE]
    else:
        # The Elements do not say which words are conduct and which a result: both limbs stand.
        conduct, result = rule.texts[Kind.CONDUCT], rule.texts[Kind.CONSEQUENCE]
        said = f"{conduct}; as far as it is a result, {result}"
    once = element.proved_per in (ProvedPer.PERSON, ProvedPer.SITUATION)
    return Element(
        id=f"{element.id}.art30",
        kind=Kind.MENTAL,
        text=f"Perpetrator {said}: “{element.text}”",
        proved_per=ProvedPer.PERSON if once else ProvedPer.PERSON_INCIDENT,
        citation=rule.citation,
        alt=element.alt,
        covers=(element.id,),
        default_mental=DefaultMental.NOT_NEEDED,
        note=Note(f"{rule.inference}; {rule.value_judgement}", rule.basis),
        # It quotes the element: it is checked only if both are.
        basis=rule.basis if element.basis.checked else element.basis,
    )


def _rows(charge: Charge, mode: Mode, group: Group, element: Element) -> Iterator[Row]:
    about = _about(group, element, mode)
    for key in _keys(charge, element, about):
        yield Row(
            key=key,
            group=group,
            element=element,
            about=about,
            needed=_needed(group, element, mode),
        )


def _keys(charge: Charge, element: Element, about: About) -> Iterator[RowKey]:
    of = about.value if about is About.CARRIED_OUT else ""
    match element.proved_per:
        case ProvedPer.SITUATION:
            yield RowKey(element.id, situation=charge.situation)
        case ProvedPer.PERSON if not of or not charge.incidents:
            yield RowKey(element.id, situation=charge.situation, person=charge.person, of=of)
        case ProvedPer.INCIDENT:
            for incident in charge.incidents:
                yield RowKey(element.id, incident=incident)
        case ProvedPer.PERSON | ProvedPer.PERSON_INCIDENT:
            # Those who carried out one incident need not be those of the next.
            for incident in charge.incidents:
                yield RowKey(element.id, incident=incident, person=charge.person, of=of)


def _about(group: Group, element: Element, mode: Mode) -> About:
    if element.proved_per in (ProvedPer.SITUATION, ProvedPer.INCIDENT):
        return About.NOBODY
    if group is Group.MODE or mode.id == _DIRECT:
        return About.CHARGED
    return About.CARRIED_OUT


def _needed(group: Group, element: Element, mode: Mode) -> Needed:
    if group is not Group.MODE:
        if mode.crime is CrimeUnderMode.NEED_NOT_OCCUR:
            return Needed.NOT_NEEDED
        if mode.crime is CrimeUnderMode.NOT_COMPLETED and element.kind in _MATERIAL:
            return Needed.MAY_BE_INCOMPLETE
    return Needed.IN_BRANCH if element.alt else Needed.ALWAYS
