"""Reads the file of crimes and refuses it unless every part is typed, unique and resolved.

- Identifiers are unique over the whole file; families, contexts, twins and covered elements exist.
- Elements are numbered from 1 under their owner's id; an alternative has at least two branches.
- A war crime has the kind of conflict its family has; twins name each other across kinds.
- A mental element covers material elements of its own block, and of its own branch.

What the values mean is `statute`'s job.
"""

from __future__ import annotations

import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from muniment.law.reading import read_yaml
from muniment.law.sources import read_bases
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
from muniment.law.taxonomy_checks import check_block, check_crimes, check_modes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from muniment.law.reading import Record
    from muniment.law.sources import Bases, Basis, Source

_T = TypeVar("_T")
_FILE = "rome_statute.yaml"
_MATERIAL = (Kind.CONDUCT, Kind.CONSEQUENCE, Kind.CIRCUMSTANCE)
# The file says true, false or sui_generis under `accessory`.
_LIABILITY: Mapping[object, Liability] = {
    False: Liability.PRINCIPAL,
    True: Liability.ACCESSORY,
    "sui_generis": Liability.SUI_GENERIS,
}


def read_taxonomy(data: bytes, sources: Mapping[str, Source], file: str = _FILE) -> Taxonomy:
    """Read and check a file of crimes; InvalidInput names file, id and key of what is wrong."""
    top = read_yaml(data, file)
    meta = top.record("meta")
    reader = _Reader(top, read_bases(meta, sources))
    families = reader.all("families", reader.family)
    contexts = reader.all("contexts", reader.context)
    crimes = reader.all("crimes", reader.crime)
    modes = reader.all("modes_of_liability", reader.mode)
    version = meta.text("version")
    read = Taxonomy(
        version=version,
        version_id=f"{version}+{hashlib.sha256(data).hexdigest()[:12]}",
        title=meta.text("title"),
        disclaimer=meta.text("disclaimer"),
        alt_rule=meta.text("alt_rule"),
        perpetrator_rule=meta.text("perpetrator_rule"),
        default_mental=reader.default_mental(meta.record("default_mental_rule")),
        counterparts_basis=reader.bases.word(meta, "counterparts_basis"),
        families=families,
        contexts=contexts,
        crimes=crimes,
        modes=modes,
        grounds=reader.all("defences", reader.ground),
        standards=reader.all("standards_of_proof", reader.standard),
        aggression_acts=reader.all("aggression_acts", reader.act),
        offences_against_justice=reader.all("offences_against_justice", reader.offence),
    )
    _check_words(meta)
    check_crimes(read, file)
    check_modes(read, file)
    meta.done()
    top.done()
    return read


def _check_words(meta: Record) -> None:
    """Hold the file's own lists of words to the words this code knows."""
    for key, known in (("kinds", Kind), ("proved_per", ProvedPer)):
        words = meta.record(key)
        for word in known:
            words.text(word)
        words.done()
    for key in ("language", "id_pattern"):
        meta.text(key)


class _Reader:
    """Reads the records of one file and remembers the ids that are taken."""

    def __init__(self, top: Record, bases: Bases) -> None:
        self._top = top
        self._taken: set[str] = set()
        self.bases = bases

    def all(self, key: str, read: Callable[[Record, str], _T]) -> Mapping[str, _T]:
        """Read the list under a key of the file, each record under its own unique id."""
        found: dict[str, _T] = {}
        for record in self._top.records(key):
            id_ = self._id(record)
            found[id_] = read(record, id_)
            record.done()
        if not found:
            self._top.fault(key, "is empty")
        return MappingProxyType(found)

    def _id(self, record: Record) -> str:
        id_ = record.text("id")
        if id_ in self._taken:
            record.fault("id", f"{id_} is used twice")
        self._taken.add(id_)
        return id_

    def family(self, record: Record, id_: str) -> Family:
        """Read a family."""
        needed = record.flag("conflict_needed")
        if needed is None:
            record.fault("conflict_needed", "is missing")
        if needed != ("conflict" in record):
            record.fault("conflict", "must be given if, and only if, a conflict is needed")
        return Family(
            id=id_,
            label=record.text("label"),
            citation=record.text("citation"),
            conflict_needed=needed,
            conflict=Conflict(record.choice("conflict", tuple(Conflict))) if needed else None,
            note=self.bases.note(record),
            basis=self.bases.of(record),
        )

    def context(self, record: Record, id_: str) -> Context:
        """Read a context and its elements."""
        basis = self.bases.of(record)
        return Context(id_, self._elements(record, basis, ""), basis)

    def crime(self, record: Record, id_: str) -> Crime:
        """Read a crime and its elements."""
        basis = self.bases.of(record)
        citation = record.text("citation")
        return Crime(
            id=id_,
            citation=citation,
            label=record.text("label"),
            family=record.text("family"),
            conflict=Conflict(record.choice("conflict", tuple(Conflict))),
            context=record.text_or("context") or None,
            elements=self._elements(record, basis, citation),
            counterparts=record.texts("counterparts"),
            tags=record.texts("tags"),
            twins=record.texts("twins"),
            amendment=record.text_or("amendment"),
            applies_if=AppliesIf(
                record.choice("applies_if", tuple(AppliesIf))
                if "applies_if" in record
                else AppliesIf.ALWAYS
            ),
            modes_limited_by=record.text_or("modes_limited_by"),
            inoperative=record.flag("inoperative") is True,
            note=self.bases.note(record),
            basis=basis,
        )

    def mode(self, record: Record, id_: str) -> Mode:
        """Read a mode of liability and its elements."""
        basis = self.bases.of(record)
        citation = record.text("citation")
        accessory = record.value("accessory")
        if accessory not in _LIABILITY:
            record.fault("accessory", f"is {accessory!r}", "Allowed: true, false, sui_generis.")
        return Mode(
            id=id_,
            citation=citation,
            label=record.text("label"),
            liability=_LIABILITY[accessory],
            crime=CrimeUnderMode(
                record.choice("crime", tuple(CrimeUnderMode))
                if "crime" in record
                else CrimeUnderMode.OCCURRED
            ),
            only_for=record.texts("only_for"),
            elements=self._elements(record, basis, citation),
            basis=basis,
        )

    def _elements(self, owner: Record, basis: Basis, citation: str) -> tuple[Element, ...]:
        elements = tuple(
            self._element(record, basis, citation) for record in owner.records("elements")
        )
        check_block(elements, owner)
        return elements

    def _element(self, record: Record, basis: Basis, citation: str) -> Element:
        kind = Kind(record.choice("kind", tuple(Kind)))
        if "covers" in record and kind is not Kind.MENTAL:
            record.fault("covers", "belongs on a mental element only")
        if "default_mental" in record and kind not in (*_MATERIAL, Kind.CONTEXTUAL):
            record.fault("default_mental", "belongs on a material element only")
        element = Element(
            id=self._id(record),
            kind=kind,
            text=record.text("text"),
            proved_per=ProvedPer(record.choice("proved_per", tuple(ProvedPer))),
            citation=record.text_or("citation", citation),
            alt=record.text_or("alt"),
            covers=record.texts("covers"),
            default_mental=DefaultMental(
                record.choice("default_mental", tuple(DefaultMental))
                if "default_mental" in record
                else DefaultMental.ART_30
            ),
            note=self.bases.note(record),
            basis=self.bases.of(record) if "basis" in record else basis,
        )
        record.done()
        return element

    def ground(self, record: Record, id_: str) -> Ground:
        """Read a ground that may exclude responsibility."""
        return Ground(
            id=id_,
            citation=record.text("citation"),
            label=record.text("label"),
            test=record.text("test"),
            basis=self.bases.of(record),
        )

    def standard(self, record: Record, id_: str) -> Standard:
        """Read a standard of proof."""
        internal = record.text_or("source")
        return Standard(
            id=id_,
            stage=record.text("stage"),
            test=record.text("test"),
            citation=internal or record.text("citation"),
            decides=record.text_or("decides"),
            effect=record.text("effect"),
            note=self.bases.note(record),
            basis=self.bases.of(record),
        )

    def act(self, record: Record, id_: str) -> Listed:
        """Read an act of aggression, whose text stands where others have a label."""
        return Listed(id_, record.text("citation"), record.text("text"), self.bases.of(record))

    def offence(self, record: Record, id_: str) -> Listed:
        """Read an offence against the administration of justice."""
        return Listed(id_, record.text("citation"), record.text("label"), self.bases.of(record))

    def default_mental(self, record: Record) -> DefaultMentalRule:
        """Read the rule of Art. 30 that stands in where no mental element is listed."""
        rule = DefaultMentalRule(
            citation=record.text("citation"),
            texts=MappingProxyType({kind: record.text(kind) for kind in _MATERIAL}),
            applies=record.text("applies"),
            inference=record.text("inference"),
            value_judgement=record.text("value_judgement"),
            basis=self.bases.of(record),
        )
        record.done()
        return rule
