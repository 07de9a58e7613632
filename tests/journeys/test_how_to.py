"""The how-to guides are true: the code that they show is written to files and used."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from muniment.examine.api import Examination, Finding, Media, Outcome
from muniment.examine.examiner import Examiner
from muniment.sandbox import find_confinement
from tests.journeys.console import differences, steps
from tests.journeys.test_tutorial import environment

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGE = HOW_TO / "add-an-examination.md"
COPIES = HOW_TO / "repair-back-up-restore.md"
CLOSED = HOW_TO / "close-a-compartment.md"
CODE = re.compile(r"^<!-- file: (\S+) -->\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def examination(tmp_path: Path) -> Examination:
    """The examination of the page."""
    for name, text in CODE.findall(PAGE.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("text_form", tmp_path / "text_form.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules["text_form"] = module
    spec.loader.exec_module(module)
    return cast("Examination", module.TextForm())


def finding(examination: Examination, path: Path, data: bytes) -> Finding:
    """What it says of a text with these bytes."""
    path.write_bytes(data)
    media = Media(path.name, "text/plain", len(data), hashlib.sha256(data).hexdigest())
    (found,) = Examiner([examination], find_confinement()).examine(path, media).findings
    return found


def test_the_examination_of_the_page_works(examination: Examination, tmp_path: Path) -> None:
    assert isinstance(examination, Examination)
    good = finding(examination, tmp_path / "good.txt", "Рядок\nLine\n".encode())
    bad = finding(examination, tmp_path / "bad.txt", b"good\xffbad")
    assert (good.outcome, good.facts[0].value) == (Outcome.SUPPORTS, "2")
    assert (bad.outcome, "number 4" in bad.basis) == (Outcome.CONTRADICTS, True)


@pytest.mark.slow
def test_repairing_backing_up_and_restoring_go_as_the_page_says(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    page = COPIES.read_text(encoding="utf-8")
    assert len(steps(page)) >= 15, "the page's commands were not found"
    assert "\n\n".join(differences(page, folder, environment(home))) == ""


@pytest.mark.slow
def test_closing_a_compartment_goes_as_the_page_says(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    page = CLOSED.read_text(encoding="utf-8")
    assert len(steps(page)) >= 9, "the page's commands were not found"
    assert "\n\n".join(differences(page, folder, environment(home))) == ""
