"""However a parser ends, the run ends in an output that says so."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from muniment.sandbox import (
    SOURCE,
    Command,
    Ending,
    Limits,
    NoSandbox,
    Sandbox,
    Script,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.sandbox import Confinement

MISBEHAVIOUR = {
    "ends": ("print('{}')", Ending.EXITED, 0),
    "fails": ("raise SystemExit(3)", Ending.EXITED, 3),
    "raises": ("raise ValueError('Буча')", Ending.EXITED, 1),
    "exits with words": ("raise SystemExit('no')", Ending.EXITED, 1),
    "crashes": ("import ctypes; ctypes.string_at(0)", Ending.KILLED, signal.SIGSEGV),
    "sleeps": ("import time; time.sleep(60)", Ending.TIMED_OUT, 0),
    "sleeps with closed outputs": (
        "import os, time; os.close(1); os.close(2); time.sleep(60)",
        Ending.TIMED_OUT,
        0,
    ),
    "spins": ("while True: pass", Ending.KILLED, signal.SIGKILL),
    "floods": ("print('x' * (1 << 22))", Ending.OVERFLOWED, 0),
    "drips": ("while True: print('x' * 4096, flush=True)", Ending.OVERFLOWED, 0),
    "fills memory": ("held = [bytearray(1 << 26) for _ in iter(int, 1)]", Ending.EXITED, 1),
}


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Script]:
    """A script with that text and small limits."""

    def made(text: str) -> Script:
        path = tmp_path / "script.py"
        path.write_text(text, encoding="utf-8")
        seconds = 1.0 if "sleep(" in text else 120.0  # a busy machine may take its time
        return Script(path, limits=Limits(seconds=seconds, processor_seconds=1, output=1 << 20))

    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"evidence")
    return path


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_every_ending_is_told(
    name: str, confinement: Confinement, script: Callable[[str], Script], source: Path
) -> None:
    text, ending, code = MISBEHAVIOUR[name]
    misbehaving = script(text)
    with Sandbox(confinement, source, [misbehaving]) as sandbox:
        output = sandbox.run(misbehaving)
    assert (output.ending, output.code) == (ending, code)
    assert len(output.stdout) <= misbehaving.limits.output


def test_one_that_fails_leaves_the_sandbox_to_the_next(
    confinement: Confinement, tmp_path: Path, source: Path
) -> None:
    texts = ("import time; time.sleep(60)", "import ctypes; ctypes.string_at(0)", "print('{}')")
    scripts = []
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.py"
        path.write_text(text, encoding="utf-8")
        scripts.append(Script(path, limits=Limits(seconds=60.0 if number else 0.5)))
    with Sandbox(confinement, source, scripts) as sandbox:
        endings = [sandbox.run(each).ending for each in scripts]
    assert endings == [Ending.TIMED_OUT, Ending.KILLED, Ending.EXITED]


def test_messages_are_cut_and_made_visible(
    confinement: Confinement, script: Callable[[str], Script], source: Path
) -> None:
    text = "import sys; sys.stderr.write('a\\u202eb\\x1b[31m' + 'x' * 100_000); print('{}')"
    with Sandbox(confinement, source, [script(text)]) as sandbox:
        output = sandbox.run(script(text))
    assert output.document() == {}
    assert len(output.stderr) == Limits().messages
    assert output.message.startswith("a b [31mx")
    assert len(output.message) <= 400


def test_a_script_reads_its_source_and_nothing_is_written_beside_it(
    confinement: Confinement, script: Callable[[str], Script], source: Path
) -> None:
    echo = script("import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())")
    with Sandbox(confinement, source, [echo]) as sandbox:
        assert sandbox.run(echo).stdout == b"evidence"
    assert source.read_bytes() == b"evidence"
    assert sorted(path.name for path in source.parent.iterdir()) == ["script.py", "source"]


def test_a_program_of_the_machine_makes_no_other(confinement: Confinement, source: Path) -> None:
    alone = Command("sh", ("-c", 'read -r line < "$0"; echo "$line"', SOURCE))
    two = Command("sh", ("-c", "cat /etc/passwd; echo still here"))
    writes = Command("sh", ("-c", "echo x > /tmp/x || echo refused"))
    with Sandbox(confinement, source, [alone, two, writes]) as sandbox:
        assert sandbox.run(alone).stdout == b"evidence\n"
        assert b"root" not in sandbox.run(two).stdout
        assert sandbox.run(writes).stdout == b"refused\n"


def test_what_is_not_installed_is_missing(confinement: Confinement, source: Path) -> None:
    tool = Command("no-such-tool-anywhere", ())
    package = Script(source, packages=("no_such_package", "json", "nor_this"))
    with Sandbox(confinement, source, [tool, package]) as sandbox:
        found = [sandbox.run(tool), sandbox.run(package)]
    assert [output.ending for output in found] == [Ending.MISSING, Ending.MISSING]
    assert [output.reason for output in found] == [
        "no-such-tool-anywhere",
        "no_such_package, nor_this",
    ]


def test_a_source_that_is_not_there_is_told(confinement: Confinement, tmp_path: Path) -> None:
    tool = Command("true", ())
    with Sandbox(confinement, tmp_path / "gone", [tool]) as sandbox:
        assert sandbox.run(tool).ending in {Ending.LOST, Ending.EXITED}


def test_without_a_sandbox_nothing_runs(source: Path) -> None:
    tool = Command("true", ())
    with Sandbox(NoSandbox("None here."), source, [tool]) as sandbox:
        output = sandbox.run(tool)
    assert (output.ending, output.reason) == (Ending.REFUSED, "None here.")


@pytest.mark.parametrize(
    "written",
    [
        r"b'\xff\xfe'", r"b'{}{}'", r"b'[]'", r"b''", r"b'null'", r"b'{\"a\": NaN}'",
        r"b'{\"a\": 1, \"a\": 2}'", r"b'[' * 100_000", r"b'{\"a\":' * 100_000",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_strict_json_is_unreadable(
    written: str, strongest: Confinement, script: Callable[[str], Script], source: Path
) -> None:
    lying = script(f"import sys; sys.stdout.buffer.write({written})")
    with Sandbox(strongest, source, [lying]) as sandbox:
        output = sandbox.run(lying)
    assert output.ended_well
    with pytest.raises(Unreadable):
        output.document()
