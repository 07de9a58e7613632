"""`muniment bench tamper`, as its page says: numbers, shape, and readers that are not there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from muniment.testing.tampering.mutations import MUTATIONS
from muniment_server.commands.benchmarks import tamper

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "tampering.md"
FORMATS = [
    "muniment", "muniment, verify.py", "muniment, known witnesses", "muniment, an earlier bundle",
    "bagit", "wacz", "ocfl", "c2pa",
]  # fmt: skip


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "muniment", "bench", "tamper", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "not installed" not in done.stderr
    document = json.loads(done.stdout)
    assert list(document) == ["results"]
    found: list[dict[str, Any]] = document["results"]
    return found


def cell(results: list[dict[str, Any]], mutation: str, form: str) -> str:
    """A cell of the page's table."""
    for one in results:
        if (one["mutation"], one["format"]) == (mutation, form):
            return f"{one['detected']}/{one['tried']}{'' if one['claimed'] else '*'}"
    return "-"


@pytest.mark.slow
def test_the_page_says_what_comes_out(results: list[dict[str, Any]]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for mutation in MUTATIONS:
        cells = [cell(results, mutation.name, form) for form in FORMATS]
        if mutation.name == "flip-record":
            for form in ("wacz", "c2pa"):  # times and keys are new in each run
                cells[FORMATS.index(form)] = "…"
        row = f"| `{mutation.name}` | " + " | ".join(cells) + " |"
        assert re.search(re.escape(row).replace("…", r"\d+/48"), page), row


@pytest.mark.slow
def test_the_shape_is_that_of_the_contract(results: list[dict[str, Any]]) -> None:
    keys = ["mutation", "format", "tried", "detected", "claimed"]
    assert all(list(one) == keys for one in results)
    assert all(0 <= one["detected"] <= one["tried"] > 0 for one in results)
    assert {one["format"] for one in results} == set(FORMATS)
    assert {one["mutation"] for one in results} == {one.name for one in MUTATIONS}


@pytest.mark.slow
def test_what_is_claimed_by_the_bundle_is_detected(results: list[dict[str, Any]]) -> None:
    ours = [one for one in results if one["format"].startswith("muniment") and one["claimed"]]
    assert len(ours) > 50
    assert [one for one in ours if one["detected"] != one["tried"]] == []


def test_a_reader_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> ModuleType:
        if "formats." in name:
            raise ImportError(name)
        return import_module(name)

    monkeypatch.setattr(tamper, "import_module", missing)
    monkeypatch.setattr(tamper, "_OURS", ())
    said: list[str] = []
    found = tamper.compare(1, said.append)
    assert found.document() == {"results": []}
    assert found.missing == ["bagit", "wacz", "ocfl", "c2pa"] == said
    assert "not installed, so not tried: wacz" in tamper.told(found)
