"""The wheel is whole: installed anywhere, it has its pages, its law and its readers."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SRC, project_files
from tools import frontend


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from the working tree."""
    folder: Path = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_has_every_source_file(members: set[str]) -> None:
    sources = {
        path.relative_to(SRC).as_posix() for path in project_files() if path.is_relative_to(SRC)
    }
    assert sources - members == set()


def test_it_has_the_third_party_files_of_the_pages(members: set[str]) -> None:
    placed = {path.relative_to(SRC).as_posix() for path in frontend.wanted(ROOT)}
    assert placed - members == set()


def test_it_has_the_law_the_pages_and_the_readers(members: set[str]) -> None:
    assert any(name.startswith("muniment/law/data/") for name in members)
    assert any(name.startswith("muniment_server/templates/") for name in members)
    assert any(name.startswith("muniment/export/verifier/") for name in members)
    assert "muniment/export/exhibit/record.html" in members


def test_every_translation_is_compiled(members: set[str]) -> None:
    catalogues = {name for name in members if name.endswith(".po")}
    assert {name.removesuffix(".po") + ".mo" for name in catalogues} - members == set()


def test_it_has_the_licences_and_nothing_else(members: set[str]) -> None:
    licences = {name for name in members if ".dist-info/licenses/" in name}
    assert {name.rsplit("/", 1)[1] for name in licences} == {"LICENSE", "0BSD.txt"}
    tops = {name.split("/", 1)[0] for name in members}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "muniment",
        "muniment_server",
    }
