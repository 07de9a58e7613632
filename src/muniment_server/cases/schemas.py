"""Situations, cases and charges as the API, the command line and pages show them.

Coverage is shown and named coverage: nothing here says that a standard of proof is met.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _
from ninja import Schema

from muniment.evidence.instant import to_micros
from muniment.law.coverage import STATEMENT
from muniment.law.elements import About, Group
from muniment.law.statute import Kind, ProvedPer
from muniment.law.taxonomy import taxonomy
from muniment_server.cases.models import Strength
from muniment_server.custody.schemas import RootOut
from muniment_server.entities.schemas import day, root_record
from muniment_server.incidents.models import ConflictType, Stance
from muniment_server.incidents.schemas import conflict_text

if TYPE_CHECKING:
    from muniment.law.elements import Row
    from muniment.law.statute import Crime, Element
    from muniment_server.cases.models import Case, Cell, Charge, Opinion, Situation, Suspect
    from muniment_server.cases.queries import ChargeView

__all__ = [
    "ConflictType",
    "Stance",
    "Strength",
    "about_text",
    "case_record",
    "cell_record",
    "charge_record",
    "charge_whole",
    "conflict_text",
    "crime_record",
    "group_text",
    "kind_text",
    "opinion_record",
    "per_text",
    "scope_text",
    "situation_record",
    "standard_text",
    "suspect_record",
]


class SituationOut(RootOut):
    """A situation as a list shows it."""

    title: str
    area: str
    held_from: str | None
    held_to: str | None
    conflict_type: str


class SituationWholeOut(SituationOut):
    """A situation with the numbers of its cases."""

    cases: list[str]


class CaseOut(RootOut):
    """A case as a list shows it."""

    title: str
    situation: str


class SuspectOut(Schema):
    """A person suspected in a case, and nothing more."""

    id: str
    person: str
    name: str
    status: Literal["suspect"]


class ChargeOut(Schema):
    """A charge with what its exhibits cover: how many, and how many gaps."""

    id: str
    suspect: str
    crime: str
    mode: str
    law_version: str
    incidents: list[str]
    supports: int
    undermines: int
    gaps: int
    opinions: int
    status: Literal["alleged"]


class CaseWholeOut(CaseOut):
    """A case with its suspects and charges."""

    suspects: list[SuspectOut]
    charges: list[ChargeOut]


class CellOut(Schema):
    """An exhibit at a row."""

    id: str
    case: str
    item: str
    stance: str
    strength: str
    place: str
    note: str
    analyst: str
    second_reader: str | None


class CellWholeOut(CellOut):
    """An exhibit and the row of charges at which it stands."""

    row: str


class OpinionOut(Schema):
    """A named person's opinion whether a standard is met."""

    id: str
    standard: str
    met_in_the_authors_opinion: bool
    text: str
    author: str
    given: str


class RowOut(Schema):
    """A row of a charge's matrix, and the exhibits at it."""

    row: str
    group: str
    element: str
    text: str
    citation: str
    basis_checked: bool
    about: str
    needed: str
    gap: bool
    cells: list[CellOut]


class ChargeWholeOut(Schema):
    """A charge with every row, the exhibits at it and the opinions; coverage is no finding."""

    id: str
    suspect: str
    crime: str
    mode: str
    law_version: str
    incidents: list[str]
    supports: int
    undermines: int
    gaps: int
    opinions: list[OpinionOut]
    status: Literal["alleged"]
    statement: str
    cautions: list[str]
    rows: list[RowOut]


class ElementOut(Schema):
    """An element of a crime, and its basis."""

    id: str
    kind: str
    text: str
    citation: str
    proved_per: str
    branch: str
    basis: str
    basis_checked: bool


class CrimeOut(Schema):
    """A crime of the law data with its elements."""

    id: str
    label: str
    citation: str
    family: str
    conflict: str
    basis: str
    basis_checked: bool
    elements: list[ElementOut]


class CrimesOut(Schema):
    """The crimes of the law data, and which version of it."""

    version: str
    disclaimer: str
    records: list[CrimeOut]


def situation_record(situation: Situation) -> dict[str, Any]:
    """Return a situation as the API shows it."""
    return {
        **root_record(situation),
        "title": situation.title,
        "area": situation.area,
        "held_from": day(situation.held_from),
        "held_to": day(situation.held_to),
        "conflict_type": situation.conflict_type,
    }


def case_record(case: Case) -> dict[str, Any]:
    """Return a case as the API shows it in a list."""
    return {**root_record(case), "title": case.title, "situation": case.situation.number}


def suspect_record(suspect: Suspect) -> dict[str, Any]:
    """Return a suspect: a person in a case, and nothing more."""
    return {
        "id": suspect.pk.hex,
        "person": suspect.person.number,
        "name": suspect.person.name,
        "status": "suspect",
    }


def charge_record(view: ChargeView) -> dict[str, Any]:
    """Return a charge with what its exhibits cover, as the API shows it in a case."""
    charge = view.charge
    return {
        "id": charge.pk.hex,
        "suspect": charge.suspect.person.number,
        "crime": charge.crime,
        "mode": charge.mode,
        "law_version": charge.law_version,
        "incidents": [incident.number for incident in view.incidents],
        "supports": view.supporting,
        "undermines": view.undermining,
        "gaps": len(view.gaps),
        "opinions": len(view.opinions),
        "status": "alleged",
    }


def charge_whole(view: ChargeView) -> dict[str, Any]:
    """Return a charge with every row, the cells at it and the opinions."""
    gaps = view.gaps
    return {
        **charge_record(view),
        "statement": STATEMENT,
        "cautions": list(view.matrix.cautions),
        "rows": [
            {
                "row": str(row.key),
                "group": row.group.value,
                "element": row.element.id,
                "text": row.element.text,
                "citation": row.element.citation,
                "basis_checked": row.element.basis.checked,
                "about": row.about.value,
                "needed": row.needed.value,
                "gap": row.key in gaps,
                "cells": [cell_record(cell) for cell in view.cells.get(row.key, [])],
            }
            for row in view.matrix.rows
        ],
        "opinions": [opinion_record(one) for one in view.opinions],
    }


def cell_record(cell: Cell) -> dict[str, Any]:
    """Return an exhibit at a row as the API shows it."""
    return {
        "id": cell.pk.hex,
        "case": cell.case.number,
        "item": cell.item.number,
        "stance": cell.stance,
        "strength": cell.strength,
        "place": str(cell.citation.get("place", "")),
        "note": cell.note,
        "analyst": cell.analyst.hex,
        "second_reader": cell.second_reader.hex if cell.second_reader else None,
    }


def opinion_record(opinion: Opinion) -> dict[str, Any]:
    """Return an opinion as the API shows it, with whose it is."""
    return {
        "id": opinion.pk.hex,
        "standard": opinion.standard,
        "met_in_the_authors_opinion": opinion.met,
        "text": opinion.text,
        "author": opinion.author.hex,
        "given": to_micros(opinion.given),
    }


def crime_record(crime: Crime) -> dict[str, Any]:
    """Return a crime of the law data with its elements and their basis."""
    law = taxonomy()
    return {
        "id": crime.id,
        "label": crime.label,
        "citation": crime.citation,
        "family": crime.family,
        "conflict": crime.conflict.value,
        "basis": crime.basis.words,
        "basis_checked": crime.basis.checked,
        "elements": [_element(one) for one in (*law.context_elements(crime), *crime.elements)],
    }


def _element(element: Element) -> dict[str, Any]:
    return {
        "id": element.id,
        "kind": element.kind.value,
        "text": element.text,
        "citation": element.citation,
        "proved_per": element.proved_per.value,
        "branch": element.alt,
        "basis": element.basis.words,
        "basis_checked": element.basis.checked,
    }


def standard_text(standard: str) -> str:
    """Return a standard of proof in words."""
    known = taxonomy().standards.get(standard)
    return standard if known is None else f"{known.test}, {known.citation}"


def kind_text(kind: Kind) -> str:
    """Return what an element is about, in words."""
    return {
        Kind.CONDUCT: _("conduct"),
        Kind.CONSEQUENCE: _("consequence"),
        Kind.CIRCUMSTANCE: _("circumstance"),
        Kind.MENTAL: _("mental"),
        Kind.CONTEXTUAL: _("context"),
        Kind.THRESHOLD: _("threshold"),
    }[kind]


def per_text(per: ProvedPer) -> str:
    """Return whose row an element needs, in words."""
    return {
        ProvedPer.SITUATION: _("once for the situation"),
        ProvedPer.INCIDENT: _("for each incident"),
        ProvedPer.PERSON: _("for each person"),
        ProvedPer.PERSON_INCIDENT: _("for each person at each incident"),
    }[per]


def group_text(group: Group) -> str:
    """Return which part of a charge rows belong to, in words."""
    return {
        Group.CONTEXT: _("The context"),
        Group.CRIME: _("The crime"),
        Group.ART_30: _("Intent and knowledge, Article 30"),
        Group.MODE: _("The mode of liability"),
    }[group]


def about_text(row: Row) -> str:
    """Return whose acts or mind a row speaks of where it is not the person charged."""
    return _("of those who carried it out") if row.about is About.CARRIED_OUT else ""


def scope_text(row: Row, charge: Charge, incidents: dict[str, str]) -> str:
    """Return the one subject a row is for, in words; `incidents` gives numbers by id in hex."""
    words = []
    if row.key.situation:
        words.append(_("situation {n}").format(n=charge.suspect.case.situation.number))
    if row.key.incident:
        words.append(_("incident {n}").format(n=incidents[row.key.incident]))
    if row.key.person:
        words.append(_("person {n}").format(n=charge.suspect.person.number))
    return " · ".join(words)
