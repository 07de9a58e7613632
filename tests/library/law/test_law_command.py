"""`muniment law`: one JSON document or readable text, and clear refusals."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from muniment.cli import law as command
from muniment.errors import InvalidInput, NotFound
from tests.library.law.samples import CLEAR

if TYPE_CHECKING:
    from pathlib import Path

    Printed = pytest.CaptureFixture[str]


def run(*words: str) -> int:
    """Run the command as `muniment law` would."""
    parser = argparse.ArgumentParser(prog="muniment law")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    command.configure(parser)
    return command.run(parser.parse_args(words))


@pytest.fixture
def facts(tmp_path: Path) -> str:
    """A file of facts, with a piece that is unchecked."""
    file = tmp_path / "facts.yaml"
    file.write_text(json.dumps({**CLEAR, "suspect_before_court": False}), encoding="utf-8")
    return str(file)


def test_the_crimes_as_json(capsys: Printed) -> None:
    assert run("crimes", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["crimes"]) == 103
    first = document["crimes"][0]
    assert (first["id"], first["citation"]) == ("rs_6_a", "Art. 6(a)")
    assert first["basis"]["checked"] is True
    unchecked = [one["id"] for one in document["crimes"] if not one["basis"]["checked"]]
    assert len(unchecked) == 8
    assert "paraphrase" in document["texts"]


def test_json_may_be_asked_for_before_or_after(capsys: Printed) -> None:
    run("--json", "crimes")
    before = capsys.readouterr().out
    run("crimes", "--json")
    assert capsys.readouterr().out == before
    json.loads(before)


def test_the_crimes_of_one_family(capsys: Printed) -> None:
    run("crimes", "--family", "war_crimes_8_2_e", "--json")
    document = json.loads(capsys.readouterr().out)
    assert len(document["crimes"]) == 25
    with pytest.raises(NotFound):
        run("crimes", "--family", "war_crimes")


def test_a_crime_as_json_has_all_that_is_to_be_proved(capsys: Printed) -> None:
    run("crime", "rs_8_2_b_ix", "--json")
    document = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in document["elements"]] == [f"rs_8_2_b_ix.e{n}" for n in (1, 2, 3)]
    assert [one["id"] for one in document["context_elements"]] == [
        f"ctx_iac.{n}" for n in (1, 2, 3)
    ]
    assert [one["covers"] for one in document["default_mental_elements"]] == [["rs_8_2_b_ix.e1"]]
    assert document["counterparts_basis"]["checked"] is False
    assert document["twins"] == ["rs_8_2_e_iv"]
    assert "named lawyer" in document["statement"]


@pytest.mark.parametrize(
    "words",
    [["crimes"], ["crime", "rs_8_2_e_xix"], ["crime", "rs_7_1_i"], ["crime", "rs_8_2_b_xx"]],
)
def test_text_fits_a_terminal(words: list[str], capsys: Printed) -> None:
    assert run(*words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_what_nobody_checked_is_marked_in_the_text(capsys: Printed) -> None:
    run("crimes")
    listed = capsys.readouterr().out
    (line,) = (line for line in listed.splitlines() if "rs_8_2_e_xix" in line)
    assert "[unchecked]" in line
    (line,) = (line for line in listed.splitlines() if "rs_8_2_b_ix " in line)
    assert "[unchecked]" not in line
    run("crime", "rs_8_2_e_xix")
    text = capsys.readouterr().out
    assert "unchecked: from expert memory" in " ".join(text.split())
    own = text.split("The crime's own elements")[1].split("Context")[0]
    assert own.count("[unchecked]") == 2
    run("crime", "rs_8_2_b_ix")
    assert "AP I 85(4)(d) [unchecked]" in capsys.readouterr().out


def test_an_opinion_as_json_is_the_contract(facts: str, capsys: Printed) -> None:
    assert run("jurisdiction", facts, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["answers"] == {
        "jurisdiction": "yes",
        "admissibility": "yes",
        "arrest": "needs_step",
    }
    allowed = {"yes", "no", "contested", "needs_step", "stay", "discretion", "unknown"}
    assert set(document["answers"].values()) <= allowed
    for step in document["steps"]:
        assert set(step) >= {"rule", "article", "outcome", "because", "basis"}
    assert [step["rule"] for step in document["steps"]][:2] == ["J05", "J09"]
    assert document["reasons"]["arrest"]["rules"] == ["J43"]
    accounted = len(document["steps"]) + len(document["not_applied"])
    assert accounted == 43


def test_an_opinion_as_text_marks_rules_and_facts(facts: str, capsys: Printed) -> None:
    run("jurisdiction", facts)
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if len(line) > 80] == []
    flat = " ".join(text.split())
    assert "Jurisdiction YES J05, J09" in flat
    assert "Arrest NEEDS_STEP J43" in flat
    assert "J05 Art. 12(2)(a): precondition_met [unchecked]" in flat
    assert "J09 Art. 13(a), 14: trigger_met one or more" in flat
    assert "GB a Party since 2002-07-01 (unchecked)" in flat
    assert "no legal advice" in flat
    assert "Counted as not raised: unsc_deferral" in flat
    assert "not the Court's own file" in flat


def test_what_cannot_be_told_is_gathered_by_its_reason(tmp_path: Path, capsys: Printed) -> None:
    file = tmp_path / "few.yaml"
    file.write_text("crime_id: rs_7_1_a\n", encoding="utf-8")
    run("jurisdiction", str(file))
    flat = " ".join(capsys.readouterr().out.split())
    assert "domestic_proceedings is not given: J30, J31, J32, J34, J35, J36" in flat


def test_facts_may_come_on_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"crime_id: none\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stdin)
    run("jurisdiction", "-", "--json")
    assert json.loads(capsys.readouterr().out)["answers"]["jurisdiction"] == "no"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        run("jurisdiction", str(tmp_path / "absent.yaml"))
    with pytest.raises(InvalidInput, match="is a folder"):
        run("jurisdiction", str(tmp_path))
    with pytest.raises(NotFound, match="no crime"):
        run("crime", "rs_9")


def test_the_law_needs_neither_django_nor_the_network() -> None:
    code = (
        "import argparse, sys\n"
        "from muniment.cli import law\n"
        "assert not [name for name in sys.modules if name.startswith('muniment.law')]\n"
        "parser = argparse.ArgumentParser(); law.configure(parser)\n"
        "law.run(parser.parse_args(['crimes', '--json']))\n"
        "print([name for name in ('django', 'socket', 'cryptography') if name in sys.modules],"
        " file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stderr.strip() == "[]"
    assert len(json.loads(ran.stdout)["crimes"]) == 103
