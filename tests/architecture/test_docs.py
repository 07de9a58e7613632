"""The documentation is whole: nothing it names is missing, and nothing of it is out of reach."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from muniment.cli.main import build_parser
from muniment.evidence.acts import ACTS
from tests.architecture.tree import ROOT, project_files, shown
from tools import reference

DOCS = ROOT / "docs"
PAGES = [path for path in project_files() if path.suffix == ".md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:src|tests|tools|docs|changelog\.d|requirements|LICENSES)/[\w./-]+)`")
CONTRACT = re.compile(r"contracts? `([a-z-]+)`")
SECTIONS = ["## The question", "## Options", "## Outcome", "## When to look again"]


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(
        r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    plain = [re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


def links(page: Path) -> list[tuple[Path, str]]:
    """Where a page's links lead inside the project: file and anchor."""
    inside = [target for target in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", target)]
    return [
        ((page.parent / file).resolve() if file else page, anchor)
        for file, _, anchor in (target.partition("#") for target in inside)
    ]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    if page.name == "template.md":
        return
    broken = [
        f"{file.name}#{anchor}"
        for file, anchor in links(page)
        if not file.exists() or (anchor and anchor not in anchors(file))
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_file_that_is_named_exists(page: Path) -> None:
    gone = [name for name in NAMED.findall(prose(page)) if not (ROOT / name).exists()]
    assert gone == []


def test_every_contract_that_is_named_exists() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = {contract["id"] for contract in configuration["tool"]["importlinter"]["contracts"]}
    named = {name for page in PAGES for name in CONTRACT.findall(prose(page))}
    assert named, "no page names a contract"
    assert named - known == set()


def test_every_page_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [file for file, _ in links(page)]
    lost = [shown(page) for page in PAGES if page.is_relative_to(DOCS) and page not in reached]
    assert lost == []


def test_every_decision_has_its_four_parts_and_a_place_in_the_index() -> None:
    decisions = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    assert [path.name[:4] for path in decisions] == [
        f"{number:04}" for number in range(1, len(decisions) + 1)
    ]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        title = text.splitlines()[0].removeprefix(f"# {path.name[:4]}. ")
        assert [line for line in text.splitlines() if line.startswith("## ")] == SECTIONS, path.name
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index


@pytest.mark.parametrize("page", sorted(reference.PAGES), ids=shown)
def test_the_pages_made_from_the_program_are_current(page: Path) -> None:
    assert page.is_file(), "run `make docs`"
    assert page.read_text(encoding="utf-8") == reference.PAGES[page](), "run `make docs`"


def test_every_act_has_an_entry() -> None:
    page = (DOCS / "reference" / "acts.md").read_text(encoding="utf-8")
    missing = [name for name in ACTS if f"**`{name}`**" not in page]
    assert missing == []


def test_every_command_has_an_entry() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    listed = reference.subparsers(build_parser())
    assert [name for name in listed if f"\n## muniment {name}\n" not in page] == []


def test_every_fragment_of_the_changelog_is_of_a_known_kind() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = "|".join(kind["directory"] for kind in configuration["tool"]["towncrier"]["type"])
    fragments = [path.name for path in PAGES if path.parent.name == "changelog.d"]
    fragments.remove("README.md")
    assert fragments
    assert [
        name for name in fragments if not re.fullmatch(rf"\+?[\w-]+\.({kinds})\.md", name)
    ] == []
