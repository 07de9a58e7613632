"""The how-to guides are true: the code that they show is written to files and used."""

from __future__ import annotations

import configparser
import hashlib
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from muniment.cli.main import build_parser
from muniment.examine.api import Examination, Finding, Media, Outcome
from muniment.examine.examiner import Examiner
from muniment.sandbox import find_confinement
from tests.journeys.console import differences, steps
from tests.journeys.test_tutorial import environment

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGE = HOW_TO / "add-an-examination.md"
COPIES = HOW_TO / "repair-back-up-restore.md"
APART = HOW_TO / "keep-the-key-apart.md"
CLOSED = HOW_TO / "close-a-compartment.md"
UNIT = re.compile(
    r"^<!-- file: muniment-signer.service -->\n```ini\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
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


@pytest.mark.slow
def test_keeping_the_key_apart_goes_as_the_page_says(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    page = APART.read_text(encoding="utf-8")
    assert len(steps(page)) >= 14, "the page's commands were not found"
    assert "\n\n".join(differences(page, folder, environment(home))) == ""


def test_the_unit_of_the_page_is_one_that_starts_a_signer(tmp_path: Path) -> None:
    """Its command is one the program takes; its folders are those the command names."""
    found = UNIT.search(APART.read_text(encoding="utf-8"))
    assert found is not None
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # keys of a unit have capitals
    unit.read_string(found[1])
    service = unit["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert Path(program).name == "muniment"
    asked = build_parser().parse_args(words)
    assert str(asked.socket) == f"/run/{service['RuntimeDirectory']}/socket"
    assert str(asked.keys) == f"/var/lib/{service['StateDirectory']}"
    assert asked.allow != [service["User"]]
    assert service["StateDirectoryMode"] == "0700"
    assert "PrivateUsers" not in service
    analyze = shutil.which("systemd-analyze")
    if analyze:
        path = tmp_path / "muniment-signer.service"
        path.write_text(found[1].replace(program, "/bin/true"))
        done = subprocess.run(
            [analyze, "verify", path], capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
