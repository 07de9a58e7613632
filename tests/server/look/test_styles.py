"""What the style sheets keep: contrast, mirroring, no address outside, no rule without a use."""

from __future__ import annotations

import json
import re
from itertools import product

import pytest

from tests.server.look.reading import LOOK, ROOT, TEMPLATES, template_names

SHEETS = sorted(LOOK.glob("*.css"))
PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:margin|padding|border|inset)?-?(?:left|right)\b(?=[\w-]*:)"
    r"|(?:text-align|float|clear):\s*(?:left|right)"
    r"|(?:^|[\s;{])(?:top|bottom|width|height|(?:min|max)-(?:width|height)|"
    r"(?:margin|padding|border)-(?:top|bottom)[\w-]*):",
    re.MULTILINE,
)
# Classes that htmx sets, and one that marks where a state's word is told from none.
ELSEWHERE = {"htmx-request"}


def text_of(path: str) -> str:
    return re.sub(r"/\*.*?\*/", "", (LOOK / path).read_text(encoding="utf-8"), flags=re.DOTALL)


def pairs() -> dict[str, tuple[str, str]]:
    """Return each colour token in the light and in the dark scheme."""
    found = re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text_of("tokens.css")
    )
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    # WCAG 2.2, relative luminance
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = ("ink", "soft", "faint", "accent", "accent-strong", "absent", "proved", "failed")
GROUNDS = ("paper", "panel", "sunk")
HUES = ("proved", "failed", "unsettled", "for", "against", "accent", "specimen")
READ = [
    *product(TEXT, GROUNDS),
    *((hue, f"{hue}-wash") for hue in HUES),
    ("ink", "accent-wash"),
    ("soft", "accent-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-accent", "failed"),
]
SEEN = [*product(("control", "focus-edge"), ("paper", "panel")), ("focus", "focus-edge")]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), READ)
def test_text_can_be_read(front: str, ground: str, scheme: int) -> None:
    # WCAG 2.2, 1.4.3
    assert contrast(pairs()[front][scheme], pairs()[ground][scheme]) >= 4.5


@pytest.mark.parametrize(("front", "ground"), SEEN)
def test_controls_can_be_seen_in_the_light_scheme(front: str, ground: str) -> None:
    # WCAG 2.2, 1.4.11
    assert contrast(pairs()[front][0], pairs()[ground][0]) >= 3


@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("front", ["control", "focus"])
def test_controls_can_be_seen_in_the_dark_scheme(front: str, ground: str) -> None:
    assert contrast(pairs()[front][1], pairs()[ground][1]) >= 3


def test_contrast_is_reckoned_right() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_older_browsers_get_the_same_light_scheme() -> None:
    fallback = text_of("tokens.css").partition("@supports not")[2]
    given = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", fallback))
    assert given == {name: light for name, (light, _dark) in pairs().items()}


@pytest.mark.parametrize("sheet", [path.name for path in SHEETS])
def test_a_page_can_be_mirrored(sheet: str) -> None:
    assert PHYSICAL.findall(text_of(sheet)) == []


@pytest.mark.parametrize("rule", ["margin-left: 1px", "text-align: right", "width: 2rem"])
def test_physical_directions_are_noticed(rule: str) -> None:
    assert PHYSICAL.search(f"a {{\n  {rule};\n}}")


def test_nothing_is_asked_from_elsewhere() -> None:
    vendored = json.loads((LOOK / "vendored.json").read_text(encoding="utf-8"))
    placed = {to for files in vendored["packages"].values() for to in files.values()}
    asked = [
        url for path in SHEETS for url in re.findall(r'url\("?([^")]+)"?\)', text_of(path.name))
    ]
    assert asked
    assert {url.removeprefix("../vendor/") for url in asked} <= placed
    assert not any("@import" in text_of(path.name) for path in SHEETS)


def test_every_file_to_be_placed_belongs_to_a_locked_package() -> None:
    vendored = json.loads((LOOK / "vendored.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(vendored["packages"]) <= set(wanted)


def used_classes() -> set[str]:
    words = set()
    for name in template_names():
        source = (TEMPLATES / name).read_text(encoding="utf-8")
        for value in re.findall(r'class="((?:[^"{]|\{[{%].*?[%}]\})*)"', source):
            words |= set(re.findall(r"[a-z][a-z-]*", re.sub(r"\{[{%].*?[%}]\}", " ", value)))
    return words | ELSEWHERE


def styled_classes() -> set[str]:
    rules = "\n".join(re.sub(r"\{[^{}]*\}", "{}", text_of(path.name)) for path in SHEETS)
    return set(re.findall(r"\.([a-z][a-z-]*)", rules))


def test_every_rule_has_a_use() -> None:
    assert styled_classes() - used_classes() == set()


def test_every_sheet_is_linked() -> None:
    linked = (TEMPLATES / "components" / "sheets.html").read_text(encoding="utf-8")
    assert [path.name for path in SHEETS if f"look/{path.name}" not in linked] == []
