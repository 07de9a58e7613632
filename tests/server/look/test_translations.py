"""The catalogues: whole, without guesses, with every placeholder in its place.

To collect new strings: `make messages`, then translate what is empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from tests.server.look.reading import SERVER, Message, python_messages, template_messages

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES = ["uk", "ru"]
HOLES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")


def catalogue(language: str) -> Catalog:
    path = SERVER / "locale" / language / "LC_MESSAGES" / "django.po"
    with path.open("rb") as source:
        return read_po(source, locale=language)


def entries(language: str) -> dict[Message, tuple[str, ...]]:
    """Return each message with its translations, one for each plural form."""
    found = {}
    for entry in catalogue(language):
        if not entry.id:
            continue
        forms = entry.id if isinstance(entry.id, tuple) else (str(entry.id), "")
        given = entry.string if isinstance(entry.string, tuple) else (entry.string,)
        found[Message(forms[0], forms[1], entry.context or "")] = tuple(map(str, given))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_source_is_translated(language: str) -> None:
    known = entries(language)
    source = python_messages() | template_messages()
    lacking = {place: message for message, place in source.items() if message not in known}
    assert lacking == {}
    assert [message for message, given in known.items() if not all(given)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_translated_that_is_not_said(language: str) -> None:
    source = python_messages() | template_messages()
    assert [message for message in entries(language) if message not in source] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    guesses = [entry.id for entry in catalogue(language) if entry.id and entry.fuzzy]
    assert guesses == []
    assert not catalogue(language).fuzzy


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_stands_in_every_form(language: str) -> None:
    wrong = {
        message: given
        for message, given in entries(language).items()
        for text in given
        if set(HOLES.findall(text)) != set(HOLES.findall(message.plural or message.singular))
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_have_every_form_of_the_language(language: str) -> None:
    forms = {len(given) for message, given in entries(language).items() if message.plural}
    assert forms == {4}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_not_the_english_text(language: str) -> None:
    # A text of placeholders and signs alone says the same in every language.
    same = [
        message.singular
        for message, given in entries(language).items()
        if given[0] == message.singular and re.search(r"[a-z]{2,}", HOLES.sub("", message.singular))
    ]
    assert same == []
