"""The page is one file that runs its own scripts and no others, and is put together alike."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

import muniment.export.exhibit as package
from muniment.errors import TamperSuspected
from muniment.export.exhibit.page_assembly import filled, script_of, template

SOURCES = Path(package.__file__).parent / "page"
PLACE = b'<script type="application/json" id="bundle"></script>'


class Elements(HTMLParser):
    """Start tags with attributes, and the text inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in self.inside and data.strip():
            self.inside[self.tags[-1][0]].append(data)


@pytest.fixture(scope="module")
def page() -> Elements:
    return Elements(template().decode())


def test_it_is_put_together_alike_every_time() -> None:
    first = template()
    template.cache_clear()
    assert template() == first


def test_there_is_one_place_for_an_exhibit() -> None:
    assert template().count(PLACE) == 1
    assert template().count(PLACE[:-9]) == 1


def test_the_policy_allows_these_scripts_and_styles_and_nothing_else(page: Elements) -> None:
    (policy,) = [
        attributes["content"]
        for tag, attributes in page.tags
        if tag == "meta" and "http-equiv" in attributes
    ]
    (script,), (style,) = page.inside["script"], page.inside["style"]
    digests = [b64encode(sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digests[0]}'; style-src 'sha256-{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_loaded_from_anywhere(page: Elements) -> None:
    loading = {"src", "href", "srcset", "action", "data", "poster", "style"}
    assert [tag for tag, attributes in page.tags if loading & attributes.keys()] == []
    text = template().decode()
    assert re.findall(r"https?://|@import|url\(|fetch\(|XMLHttpRequest|WebSocket", text) == []


def test_text_never_becomes_markup() -> None:
    text = template().decode()
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.js")), ids=lambda path: path.stem)
def test_scripts_are_small_explained_and_used(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert text.startswith("// ")
    lines = text.splitlines()
    assert len(lines) <= 250
    assert max(map(len, lines)) <= 100
    assert text.split("\n", 1)[0] in script_of("main")


def test_no_text_of_an_exhibit_can_end_its_block() -> None:
    hostile = b"</script><script>alert(1)</script><!-- <script>"
    page = filled(template(), {"custody/policy": hostile})
    block = page.split(PLACE[:-9])[1].split(b"</script>")[0]
    assert b"<" not in block
    assert page.count(b"</script>") == template().count(b"</script>")


@pytest.mark.parametrize("page", [b"<html>", PLACE + PLACE], ids=["none", "two"])
def test_a_template_without_its_one_place_is_an_alarm(page: bytes) -> None:
    with pytest.raises(TamperSuspected):
        filled(page, {})
