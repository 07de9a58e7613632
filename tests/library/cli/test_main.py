"""The command line as a whole: what it does where one of its commands is broken."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, entry_points

import pytest

from muniment.cli import main as cli


@pytest.fixture
def one_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    known = list(entry_points(group=cli.GROUP))
    broken = EntryPoint("shatter", "muniment_nowhere.shatter", cli.GROUP)

    def found(group: str) -> list[EntryPoint]:
        return [*known, broken] if group == cli.GROUP else []

    monkeypatch.setattr(cli, "entry_points", found)


@pytest.mark.usefixtures("one_broken")
def test_a_command_that_cannot_be_loaded_takes_no_other_down(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["law", "crimes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["crimes"]


@pytest.mark.usefixtures("one_broken")
def test_a_command_that_cannot_be_loaded_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["shatter", "--deep", "FILE"]) == 3
    told = capsys.readouterr().err
    assert "the command 'shatter' cannot be loaded: No module named 'muniment_nowhere'" in told
    assert "Traceback" not in told
