"""What every page and part keeps: it compiles, speaks through gettext, and obeys the policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.server.look.reading import (
    HOLE,
    LOOK,
    TEMPLATES,
    choices,
    compiled,
    skeleton,
    template_names,
)

# Attributes that people read or hear.
SPOKEN = {"alt", "aria-label", "placeholder", "title", "data-said"}
NAME = "Muniment"
LETTERS = re.compile(r"[^\W\d_]{2,}")
PAGES = [name for name in template_names() if name.endswith(".html")]
OURS = [name for name in PAGES if not name.startswith("allauth/elements/")]


class Reader(HTMLParser):
    """Collects what a template says outside of translation, and what the policy forbids."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.forbidden: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("translate") == "no" or tag in {"script", "style", "svg"}:
            self._silent.append(tag)
        self.said += [given[name] for name in SPOKEN & given.keys() if LETTERS.search(given[name])]
        self.forbidden += [
            f"{tag} {name}" for name in given if name == "style" or name.startswith("on")
        ]
        data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.forbidden.append(tag)
        if tag == "img" and "alt" not in given:
            self.forbidden.append("img without alt")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and LETTERS.search(data):
            self.said.append(data.strip())


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


@pytest.mark.parametrize("name", template_names())
def test_it_compiles(name: str) -> None:
    assert compiled(name).nodelist


@pytest.mark.parametrize("name", PAGES)
def test_every_word_can_be_translated(name: str) -> None:
    said = [text for text in read(skeleton(name)).said if LETTERS.search(text.replace(NAME, ""))]
    assert said == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_in_it_needs_a_weaker_policy(name: str) -> None:
    assert read(skeleton(name)).forbidden == []


@pytest.mark.parametrize("name", OURS)
def test_it_says_what_it_must_be_given(name: str) -> None:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    notes = re.findall(r"\{% comment %\}(.*?)\{% endcomment %\}|\{#(.*?)#\}", source, re.DOTALL)
    assert any("context" in "".join(note).lower() for note in notes)


def test_the_reader_sees_what_it_looks_for() -> None:
    seen = read('<p>Words</p><a title="More" style="x">.</a><script>1</script><img src="x">')
    assert seen.said == ["Words", "More"]
    assert seen.forbidden == ["a style", "script", "img without alt"]
    assert read(f'<b translate="no">SPECIMEN</b> {HOLE} · 12').said == []


def marks() -> set[str]:
    return set(re.findall(r'symbol id="([a-z]+)"', (LOOK / "marks.svg").read_text("utf-8")))


def test_every_mark_that_is_named_is_drawn() -> None:
    sources = [(TEMPLATES / name).read_text(encoding="utf-8") for name in PAGES]
    named = {
        word
        for source in sources
        for word in re.findall(r'components/mark\.html" with name="([a-z]+)"', source)
        + re.findall(r'components/state\.html" with kind="([a-z]+)"', source)
        + re.findall(r"marks\.svg' %}#([a-z]+)", source)
    }
    assert named <= marks()
    assert len(named) > 20


STATES = [
    ("catalogue", "Outcome"),
    ("incidents", "Grade"),
    ("incidents", "Stance"),
    ("incidents", "Attribution"),
    ("incidents", "ContentStatus"),
    ("incidents", "Answer"),
    ("casualties", "Established"),
]


@pytest.mark.parametrize(("app", "kind"), STATES)
def test_every_state_of_the_models_has_a_mark_and_a_hue(app: str, kind: str) -> None:
    hues = set(re.findall(r'data-state="([a-z]+)"', (LOOK / "parts.css").read_text("utf-8")))
    values = set(choices(app, kind))
    assert values
    assert values - marks() == set()
    assert values - hues == set()
