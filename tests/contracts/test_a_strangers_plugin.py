"""A package that is not ours is found, checked and run exactly as ours are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment import plugins
from muniment.errors import Conflict, Unavailable
from muniment.examine.examiner import Examiner
from muniment.testing.examination import ExaminationContract, Example, confinement_here

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
from pathlib import Path
from muniment.examine.api import Outcome, Reading, Stage, number_at
from muniment.sandbox import Script

class Words:
    name, version, tool, stage = "words", "3", "wc", Stage.EXAMINE
    program = Script(Path(__file__).with_name("counting.py"), packages=("counter_of_words",))

    def applies(self, media):
        return media.is_of("text/")

    def read(self, media, output):
        count = number_at(output.document(), "words")
        return Reading(Outcome.INCONCLUSIVE, f"{count} words.", "Counted.", "1")
"""
COUNTING = """
import json, sys
from counter_of_words import count
json.dump({"words": count(open(sys.argv[1], encoding="utf-8").read())}, sys.stdout)
"""
TEXT = Example("Три слова тут".encode(), "statement.txt", "text/plain")


def install(folder: Path, package: str, entry_points: str) -> None:
    """What an installer leaves: metadata on the path."""
    metadata = folder / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(entry_points)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "strangers_words.py").write_text(MODULE, encoding="utf-8")
    (folder / "counting.py").write_text(COUNTING, encoding="utf-8")
    (folder / "counter_of_words.py").write_text("def count(text): return len(text.split())\n")
    monkeypatch.syspath_prepend(folder)
    return folder


def test_it_is_found_among_ours_and_keeps_the_contract(site: Path) -> None:
    install(site, "strangers-words", "[muniment.examiners]\nwords = strangers_words:Words\n")
    found = plugins.examiners()
    assert {"words", "format", "thumbnail"} <= set(found)
    assert list(found) == sorted(found)
    contract = ExaminationContract()
    contract.examination = lambda: found["words"]  # type: ignore[method-assign]  # as a subclass would
    contract.examples = lambda: (TEXT,)  # type: ignore[method-assign]  # as above
    tests = [name for name in dir(contract) if name.startswith("test_")]
    for name in tests:
        getattr(contract, name)()
    assert len(tests) >= 8


def test_it_runs_in_the_sandbox_with_its_own_packages(site: Path, tmp_path: Path) -> None:
    install(site, "strangers-words", "[muniment.examiners]\nwords = strangers_words:Words\n")
    source = tmp_path / "source"
    source.write_bytes(TEXT.data)
    examiner = Examiner([plugins.examiners()["words"]], confinement_here())
    (finding,) = examiner.examine(source, TEXT.media).findings
    assert (finding.examination, finding.rules, finding.summary) == ("words", "3", "3 words.")


def test_two_of_one_name_are_refused_and_both_are_named(site: Path) -> None:
    install(site, "strangers-words", "[muniment.examiners]\nformat = strangers_words:Words\n")
    with pytest.raises(Conflict) as refused:
        plugins.examiners()
    assert refused.value.code == "plugin.duplicate"
    for named in ("'format'", "muniment (muniment.examine.format:Format)", "strangers-words ("):
        assert named in str(refused.value)


def test_the_same_package_twice_on_the_path_is_one(site: Path, tmp_path: Path) -> None:
    entry_points = "[muniment.examiners]\nwords = strangers_words:Words\n"
    install(site, "strangers-words", entry_points)
    again = tmp_path / "again"
    again.mkdir()
    install(again, "strangers-words", entry_points)
    with pytest.MonkeyPatch.context() as path:
        path.syspath_prepend(again)
        assert "words" in plugins.examiners()


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("words = no_such_module:Words", "cannot be loaded"),
        ("words = strangers_words:Sentences", "cannot be loaded"),
        ("words = strangers_words:Path.home", "it has no"),
        ("words = strangers_words:Outcome", "cannot be loaded"),
        ("sentences = strangers_words:Words", "it calls itself 'words'"),
    ],
)
def test_one_that_cannot_be_used_is_named(site: Path, entry: str, why: str) -> None:
    install(site, "strangers-words", f"[muniment.examiners]\n{entry}\n")
    with pytest.raises(Unavailable) as refused:
        plugins.examiners()
    assert refused.value.code == "plugin.unusable"
    assert why in str(refused.value)
    assert "strangers-words" in str(refused.value)


def test_a_way_in_and_a_way_out_are_found_like_examinations(site: Path) -> None:
    (site / "strangers_ways.py").write_text(
        "class In:\n"
        "    def takes(self, target): return False\n"
        "    def survey(self, target): raise NotImplementedError\n"
        "    def captures(self, target): raise NotImplementedError\n"
        "class Out:\n"
        "    name, media_type = 'telegraph', 'text/plain'\n"
        "    def prepare(self, dossier): raise NotImplementedError\n"
        "    def resume(self, selection, fetch): raise NotImplementedError\n"
        "    def write(self, prepared, custody, to): raise NotImplementedError\n"
    )
    install(
        site,
        "strangers-ways",
        "[muniment.capturers]\npigeon = strangers_ways:In\n"
        "[muniment.exporters]\ntelegraph = strangers_ways:Out\n",
    )
    assert "pigeon" in plugins.capturers()
    assert plugins.exporters()["telegraph"].media_type == "text/plain"
