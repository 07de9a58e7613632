"""Crimes and opinions as JSON-ready documents, the same for the command line and the API.

- Every statement carries its basis and whether it was checked: nothing of ours leaves without.
- An opinion's `answers` and the keys `rule`, `article`, `outcome`, `because` of its steps are
  contract (cli.md); the rest says more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from muniment.law.coverage import STATEMENT
from muniment.law.elements import default_mental

if TYPE_CHECKING:
    from muniment.law.answers import Answered
    from muniment.law.jurisdiction import Opinion, Step
    from muniment.law.sources import Basis, Note
    from muniment.law.statute import Crime, Element, Taxonomy

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

PARAPHRASE = "paraphrase in our own words; not the official text"
ABOUT_OPINIONS = (
    "Rules laid out over the facts as stated, about the International Criminal Court; "
    "no legal advice and no finding of fact."
)


def crimes_document(law: Taxonomy, crimes: tuple[Crime, ...]) -> dict[str, Json]:
    """Return a list of crimes, each in brief."""
    return {
        "crimes": [_brief(crime) for crime in crimes],
        "version": law.version_id,
        "texts": PARAPHRASE,
        "disclaimer": law.disclaimer,
    }


def crime_document(law: Taxonomy, crime: Crime) -> dict[str, Json]:
    """Return one crime with everything that is to be proved for it, modes of liability aside."""
    family = law.family(crime.family)
    return {
        **_brief(crime),
        "family_label": family.label,
        "elements": [_element(one) for one in crime.elements],
        "context_elements": [_element(one) for one in law.context_elements(crime)],
        "default_mental_elements": [_element(one) for one in default_mental(crime, law)],
        "alternatives": law.alt_rule,
        "perpetrator": law.perpetrator_rule,
        "counterparts": list(crime.counterparts),
        "counterparts_basis": _basis(law.counterparts_basis),
        "note": _note(crime.note),
        "modes_limited_by": crime.modes_limited_by,
        "version": law.version_id,
        "texts": PARAPHRASE,
        "disclaimer": law.disclaimer,
        "statement": STATEMENT,
    }


def opinion_document(opinion: Opinion) -> dict[str, Json]:
    """Return an opinion: the three answers, what each rests on, and every rule's part in it."""
    answers = opinion.answers
    parts = {
        "jurisdiction": answers.jurisdiction,
        "admissibility": answers.admissibility,
        "arrest": answers.arrest,
    }
    return {
        "answers": {name: one.answer.value for name, one in parts.items()},
        "steps": [_step(step) for step in opinion.steps],
        "reasons": {name: _answered(one) for name, one in parts.items()},
        "missing": list(opinion.missing),
        "not_raised": list(opinion.not_raised),
        "not_applied": [
            {"rule": rule.id, "article": rule.cite, "because": because}
            for rule, because in opinion.not_applied
        ],
        "court": "ICC",
        "as_of": opinion.as_of.isoformat(),
        "versions": {"rules": opinion.rules_version, "crimes": opinion.law_version},
        "disclaimer": ABOUT_OPINIONS,
    }


def _brief(crime: Crime) -> dict[str, Json]:
    return {
        "id": crime.id,
        "citation": crime.citation,
        "label": crime.label,
        "family": crime.family,
        "conflict": crime.conflict.value,
        "context": crime.context,
        "twins": list(crime.twins),
        "tags": list(crime.tags),
        "amendment": crime.amendment,
        "applies_if": crime.applies_if.value,
        "inoperative": crime.inoperative,
        "basis": _basis(crime.basis),
    }


def _element(element: Element) -> dict[str, Json]:
    return {
        "id": element.id,
        "kind": element.kind.value,
        "text": element.text,
        "citation": element.citation,
        "proved_per": element.proved_per.value,
        "branch": element.alt,
        "covers": list(element.covers),
        "default_mental": element.default_mental.value,
        "note": _note(element.note),
        "basis": _basis(element.basis),
    }


def _step(step: Step) -> dict[str, Json]:
    rule = step.rule
    return {
        "rule": rule.id,
        "article": rule.cite,
        "outcome": step.outcome.value,
        "because": step.because,
        "bears_on": rule.bears_on.value,
        "when": rule.when,
        "why": rule.why,
        "note": _note(rule.note),
        "basis": _basis(rule.basis),
        "missing": list(step.missing),
    }


def _answered(one: Answered) -> dict[str, Json]:
    return {"rules": list(one.rules), "because": one.because}


def _basis(basis: Basis) -> dict[str, Json]:
    return {"value": basis.value, "checked": basis.checked, "said": basis.words}


def _note(note: Note | None) -> dict[str, Json] | None:
    return {"text": note.text, "basis": _basis(note.basis)} if note else None
