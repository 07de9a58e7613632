"""Every text of the law can be handed to translators, always under the same id."""

from __future__ import annotations

from muniment.law import translation
from muniment.law.rules import rule_book
from muniment.law.taxonomy import taxonomy
from muniment.law.translation import translatable


def test_every_label_and_text_is_there_once_in_one_order() -> None:
    texts = list(translatable())
    assert texts == list(translatable())
    found = dict(texts)
    assert len(found) == len(texts)
    assert all(text.strip() for text in found.values())
    law = taxonomy()
    for crime in law.crimes.values():
        assert found[f"{crime.id}.label"] == crime.label
        for element in crime.elements:
            assert found[f"{element.id}.text"] == element.text
            if element.note is not None:
                assert found[f"{element.id}.note"] == element.note.text
    for mode in law.modes.values():
        assert found[f"{mode.id}.label"] == mode.label
    for rule in rule_book().rules.values():
        assert found[f"{rule.id}.when"] == rule.when
        assert found[f"{rule.id}.why"] == rule.why


def test_one_id_never_stands_for_two_texts() -> None:
    every = [
        *translation._fixed(),
        *translation._crimes(taxonomy()),
        *translation._rules(rule_book()),
    ]
    first: dict[str, str] = {}
    clashes = [id_ for id_, text in every if text and first.setdefault(id_, text) != text]
    assert clashes == []
