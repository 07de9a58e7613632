"""Every text of the law as data that a reader may see in their own language, for translators.

- The order is that of the files, the ids are stable: a text keeps its id when its words change, so
  that a translation of older words can be found and looked at again.
- Citations, ids and names of sources are not translated: they are what one looks up.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from muniment.law.coverage import STATEMENT
from muniment.law.documents import ABOUT_OPINIONS, PARAPHRASE
from muniment.law.rules import rule_book
from muniment.law.taxonomy import taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.law.rules import RuleBook
    from muniment.law.sources import Basis, Note
    from muniment.law.statute import Element, Taxonomy


def translatable() -> Iterator[tuple[str, str]]:
    """Yield id and English text of everything to be translated, each id once, none empty."""
    said: set[str] = set()
    for id_, text in chain(_fixed(), _crimes(taxonomy()), _rules(rule_book())):
        if text and id_ not in said:
            said.add(id_)
            yield id_, text


def _fixed() -> Iterator[tuple[str, str]]:
    yield "law.statement", STATEMENT
    yield "law.paraphrase", PARAPHRASE
    yield "law.about_opinions", ABOUT_OPINIONS


def _crimes(law: Taxonomy) -> Iterator[tuple[str, str]]:
    yield "law.disclaimer", law.disclaimer
    yield "law.alt_rule", law.alt_rule
    yield "law.perpetrator_rule", law.perpetrator_rule
    rule = law.default_mental
    yield from ((f"law.art_30.{kind.value}", text) for kind, text in rule.texts.items())
    yield "law.art_30.inference", rule.inference
    yield "law.art_30.value_judgement", rule.value_judgement
    for family in law.families.values():
        yield f"{family.id}.label", family.label
        yield from _remarks(family.id, family.note, family.basis)
    for context in law.contexts.values():
        yield from chain.from_iterable(_element(element) for element in context.elements)
    for crime in law.crimes.values():
        yield f"{crime.id}.label", crime.label
        yield f"{crime.id}.modes_limited_by", crime.modes_limited_by
        yield from _remarks(crime.id, crime.note, crime.basis)
        yield from chain.from_iterable(_element(element) for element in crime.elements)
    for mode in law.modes.values():
        yield f"{mode.id}.label", mode.label
        yield from _remarks(mode.id, None, mode.basis)
        yield from chain.from_iterable(_element(element) for element in mode.elements)
    yield from _others(law)


def _others(law: Taxonomy) -> Iterator[tuple[str, str]]:
    for ground in law.grounds.values():
        yield f"{ground.id}.label", ground.label
        yield f"{ground.id}.test", ground.test
    for standard in law.standards.values():
        yield f"{standard.id}.stage", standard.stage
        yield f"{standard.id}.test", standard.test
        yield f"{standard.id}.decides", standard.decides
        yield f"{standard.id}.effect", standard.effect
        yield from _remarks(standard.id, standard.note, standard.basis)
    for listed in (*law.aggression_acts.values(), *law.offences_against_justice.values()):
        yield f"{listed.id}.label", listed.label


def _rules(book: RuleBook) -> Iterator[tuple[str, str]]:
    yield "law.reading", book.reading
    yield "law.status_note", book.status_note
    yield from ((f"law.question.{one.value}", said) for one, said in book.questions.items())
    for rule in book.rules.values():
        yield f"{rule.id}.when", rule.when
        yield f"{rule.id}.why", rule.why
        yield from _remarks(rule.id, rule.note, rule.basis)


def _element(element: Element) -> Iterator[tuple[str, str]]:
    yield f"{element.id}.text", element.text
    yield from _remarks(element.id, element.note, element.basis)


def _remarks(id_: str, note: Note | None, basis: Basis) -> Iterator[tuple[str, str]]:
    if note is not None:
        yield f"{id_}.note", note.text
    yield f"{id_}.basis_note", basis.note
    if not basis.checked:
        yield f"basis.{basis.value or 'missing'}", basis.meaning
