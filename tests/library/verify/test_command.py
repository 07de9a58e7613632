"""`muniment verify`: what it prints, its exit codes, what it never imports."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from muniment.cli import verify as command
from muniment.errors import InvalidInput, MunimentError, NotFound
from muniment.export.verifier import program
from muniment.verify import VERDICTS, read_log_keys, verify
from tests.library.verify.exhibits import exhibit
from tests.library.verify.readers import assembled
from tests.library.verify.second_writer import LOG_KEY, b64, key

if TYPE_CHECKING:
    from pathlib import Path

GOOD = exhibit()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "exhibit.zip"
    path.write_bytes(GOOD.zipped())
    return path


def run(*words: str, as_json: bool = False) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    args = parser.parse_args(words)
    args.json = as_json
    return command.run(args)


def test_the_text_begins_with_the_verdict_and_what_it_does_not_say(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(bundle)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("SPECIMEN · intact_self_attested: ")
    assert "fingerprint" in lines[0]
    assert lines[1] == "This says nothing about whether the content is true."
    assert [line.split()[0] for line in lines[3:10]] == list(VERDICTS)
    assert LOG_KEY.text in lines[11]


def test_the_program_inside_the_bundle_prints_the_same_lines(bundle: Path) -> None:
    ours = verify(bundle, log_keys=(), require=frozenset()).to_text()
    code, theirs, _ = assembled().run([str(bundle)])
    assert code == 0

    def shape(text: str) -> list[str]:
        """The report without the reasons, in which each reader has its own words."""
        return [re.sub(r"(proved|failed|absent).*", r"\1", line) for line in text.splitlines()]

    assert shape(ours) == shape(theirs)


def test_json_is_one_document_with_the_promised_keys(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(bundle), "--log-key", LOG_KEY.text, as_json=True) == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"verdict", "log_key", "verdicts"}
    assert report["verdict"] == "intact_anchored"
    assert report["log_key"] == LOG_KEY.text
    assert list(report["verdicts"]) == list(VERDICTS)
    for verdict in report["verdicts"].values():
        assert set(verdict) == {"state", "detail"}
        assert verdict["state"] in {"proved", "failed", "absent"}


def test_a_refused_bundle_exits_1_and_says_why(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(bundle), "--require", "witnessed, existed_before") == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("SPECIMEN · refused: ")
    assert first.endswith("refused: witnessed, existed_before: required and absent.")
    bundle.write_bytes(b"no bundle")
    assert run(str(bundle)) == 1
    assert capsys.readouterr().out.startswith("refused: bytes_intact failed")


def test_nothing_there_is_an_error_of_the_request(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        run(str(tmp_path / "none.zip"))
    assert caught.value.exit_code == 2
    assert caught.value.code == "verify.not_found"
    assert caught.value.hint


def test_what_is_neither_file_nor_folder_is_an_error_of_the_request(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInput) as caught:
        run(str(tmp_path / "pipe"))
    assert caught.value.code == "verify.unreadable"


def test_a_file_that_cannot_be_read_is_an_error_of_the_request(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(bundle))

    monkeypatch.setattr("pathlib.Path.open", denied)
    with pytest.raises(InvalidInput) as caught:
        verify(bundle, log_keys=(), require=frozenset())
    assert caught.value.code == "verify.unreadable"
    assert program.run([str(bundle)])[0] == 2


@pytest.mark.parametrize("name", ["ex\0hibit.zip", "\udcff.zip", "exhibit.zip/x"])
def test_a_path_that_no_file_can_have_is_an_error_of_the_request(bundle: Path, name: str) -> None:
    with pytest.raises(MunimentError) as caught:
        run(str(bundle.parent / name))
    assert caught.value.exit_code == 2
    assert program.run([str(bundle.parent / name)])[0] == 2


def test_a_verdict_that_does_not_exist_is_an_error_of_the_request(bundle: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(str(bundle), "--require", "truth")
    assert caught.value.code == "verify.require"


ML_DSA = b"\x06" + bytes(1312)
NO_KEYS: dict[str, bytes | None] = {
    "no file": None,
    "no keys": b"# nothing\n\n",
    "no key": b"hello\n",
    "not UTF-8": b"\xff\n",
    "a witness's key": key("w.invalid", 4).text.encode(),
    "a key with a word behind": f"{LOG_KEY.text} trusted\n".encode(),
    "a key with another id": LOG_KEY.text.replace("+0", "+1", 1).encode(),
    "a key of another kind": f"a.invalid+00000000+{b64(ML_DSA)}".encode(),
}


@pytest.mark.parametrize("name", NO_KEYS)
def test_what_is_no_log_key_is_an_error_of_the_request(bundle: Path, name: str) -> None:
    data, path = NO_KEYS[name], bundle.parent / "keys.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidInput) as caught:
        run(str(bundle), "--log-key", str(path))
    assert (caught.value.code, caught.value.exit_code) == ("verify.log_key", 2)
    assert program.run([str(bundle), "--log-key", str(path)])[0] == 2


def test_the_first_line_gives_the_first_reason(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(GOOD.with_files({"custody/checkpoint": b"none\n"}).zipped())
    report = verify(path, log_keys=(), require=frozenset())
    for text in (report.to_text(), program.run([str(path)])[1]):
        first = text.splitlines()[0]
        assert first.startswith("refused: bytes_intact failed: ")
        assert first.endswith(" (included failed too).")


def test_several_keys_may_be_brought(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = key("another.invalid/log").text
    assert run(str(bundle), "--log-key", stranger, "--log-key", LOG_KEY.text, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "intact_anchored"


def test_it_needs_nothing_of_the_application(bundle: Path) -> None:
    """No Django, no writer, no database: the imports of a whole run, in a process of its own."""
    program = (
        "import argparse, json, sys\n"
        "from muniment.cli import verify\n"
        "parser = argparse.ArgumentParser()\n"
        "verify.configure(parser)\n"
        "assert not any(name.startswith('muniment.verify') for name in sys.modules)\n"
        "code = verify.run(parser.parse_args(sys.argv[1:]))\n"
        "sys.stderr.write(json.dumps([code, sorted(sys.modules)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(bundle)], capture_output=True, check=True
    )
    code, modules = json.loads(done.stderr)
    assert code == 0
    roots = {name.partition(".")[0] for name in modules}
    assert not roots & {"django", "ninja", "muniment_server", "sqlite3", "socket", "ssl", "asyncio"}
    ours = {name for name in modules if name.startswith("muniment.")}
    allowed = ("muniment.verify", "muniment.cli", "muniment.errors")
    assert {name for name in ours if not name.startswith(allowed)} == set()


def test_hostile_text_reaches_no_terminal(tmp_path: Path) -> None:
    """Escapes in names, keys and policies are shown as escapes by both readers."""
    evil = "\x1b]0;owned\x07\u202e" * 50
    bundle = GOOD.resealed(
        {
            "custody/policy": f"log {evil}\n".encode(),
            "custody/keys": f"{evil}+00000000+AA==\n".encode(),
            "custody/checkpoint": f"{evil}\n1\nAA==\n\n— {evil} AA==\n".encode(),
            "bag-info.txt": f"{evil}\n".encode(),
        }
    )
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.zipped())
    report = verify(path, log_keys=(), require=frozenset())
    theirs = program.run([str(path)])[1]
    for text in (report.to_text(), theirs):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
        assert max(len(line) for line in text.splitlines()) < 400


def test_a_reader_s_own_words_are_shown_as_they_know_them(bundle: Path) -> None:
    given = bundle.parent / "дім \udcff\x1b[2J\u202e.zip"
    with pytest.raises(NotFound) as caught:
        run(str(given))
    shown = r"дім \xff\x1b[2J\u202e.zip"
    assert str(caught.value).endswith(f"{shown}'.")
    code, output, complaint = program.run([str(given)])
    assert (code, output) == (2, "")
    assert shown in complaint


def test_the_parts_report_in_text_too(bundle: Path) -> None:
    code, text, complaint = program.run([str(bundle), "--log-key", LOG_KEY.text])
    assert (code, complaint) == (0, "")
    assert text.startswith("SPECIMEN · intact_anchored: ")
    assert (
        verify(bundle, log_keys=read_log_keys(LOG_KEY.text), require=frozenset())
        .to_text()
        .startswith("SPECIMEN · intact_anchored: ")
    )
