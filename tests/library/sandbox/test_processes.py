"""Nothing that was started outlives the sandbox it was started in."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.sandbox import Ending, Limits, Sandbox, Script

if TYPE_CHECKING:
    from muniment.sandbox import Confinement

# Says that it has opened the source by taking it, then stays.
STAYS = "import sys, time\nfile = open(sys.argv[1], 'rb')\nprint('{}', flush=True)\ntime.sleep(600)"
OPENS = """
import sys
from pathlib import Path
from muniment.sandbox import Sandbox, Script, Limits, working_confinements
chosen = next(each for each in working_confinements() if each.name == sys.argv[1])
script = Script(Path(sys.argv[3]), limits=Limits(seconds=600.0))
with Sandbox(chosen, Path(sys.argv[2]), [script]) as sandbox:
    sandbox.run(script)
"""


def is_open_somewhere(path: Path) -> bool:
    """Whether any process has the file open: the kernel grants a write lease only if none has."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except BlockingIOError:
        return True
    else:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False
    finally:
        os.close(descriptor)


def wait_until(path: Path, *, opened: bool) -> None:
    for _ in range(3000):
        if is_open_somewhere(path) is opened:
            return
        time.sleep(0.01)
    pytest.fail(f"{path} was {'never opened' if opened else 'never let go'}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"evidence")
    return path


@pytest.fixture
def stays(tmp_path: Path) -> Path:
    path = tmp_path / "stays.py"
    path.write_text(STAYS, encoding="utf-8")
    return path


def test_what_is_out_of_time_is_gone(confinement: Confinement, source: Path, stays: Path) -> None:
    script = Script(stays, limits=Limits(seconds=0.5))
    with Sandbox(confinement, source, [script]) as sandbox:
        assert sandbox.run(script).ending is Ending.TIMED_OUT
        wait_until(source, opened=False)


def test_it_dies_with_the_process_that_started_it(
    confinement: Confinement, source: Path, stays: Path
) -> None:
    command = [sys.executable, "-c", OPENS, confinement.name, str(source), str(stays)]
    with subprocess.Popen(command, start_new_session=True) as caller:
        wait_until(source, opened=True)
        caller.send_signal(signal.SIGKILL)
    wait_until(source, opened=False)


def test_a_lost_supervisor_is_told_and_replaced(
    confinement: Confinement, source: Path, tmp_path: Path
) -> None:
    path = tmp_path / "script.py"
    path.write_text("print('{}')", encoding="utf-8")
    script = Script(path)
    with Sandbox(confinement, source, [script]) as sandbox:
        assert sandbox.run(script).ended_well
        worker = sandbox._worker
        assert worker is not None
        assert worker.process.stdout is not None
        os.killpg(worker.process.pid, signal.SIGKILL)
        select.select([worker.process.stdout], [], [])  # its end: bubblewrap's child follows it
        lost = sandbox.run(script)
        again = sandbox.run(script)
    assert lost.ending is Ending.LOST
    assert "sandbox was lost" in lost.reason
    assert again.ended_well


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\n",
        b"x" * 1000,
        b'{"code": 0, "ending": "exited", "stderr": 0, "stdout": 99999999}\n',
        b'{"code": 0, "ending": "exited", "stderr": 0, "stdout": -1}\n',
        b'{"code": 0, "ending": "exited", "stderr": true, "stdout": 0}\n',
        b'{"code": 0, "ending": "else", "stderr": 0, "stdout": 0}\n',
        b'{"code": 0, "ending": "exited", "stdout": 0}\n',
        b'{"code": 900, "ending": "exited", "stderr": 0, "stdout": 0}\n',
        b'{"code": 0, "ending": "exited", "stderr": 0, "stdout": 2}\nabc',
        b'{"code": 0, "ending": "exited", "stderr": 0, "stdout": 2}\na',
        b"",
    ],
)
def test_an_answer_out_of_form_ends_the_supervisor(
    answer: bytes, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been taken over itself: a supervisor that writes what it likes."""
    liar = tmp_path / "liar.py"
    liar.write_text(
        "import sys\nsys.stdin.readline()\nprint('ready', flush=True)\nsys.stdin.readline()\n"
        f"sys.stdout.buffer.write({answer!r})\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("muniment.sandbox.confinement.WORKER", liar)
    script = Script(tmp_path / "unused.py")
    with Sandbox(landlock(), source, [script]) as sandbox:
        assert sandbox.run(script).ending is Ending.LOST


def landlock() -> Confinement:
    """A way to start a worker; what it confines does not matter to what it answers."""
    from muniment.sandbox import Landlock
    from muniment.sandbox.syscalls import filters

    return Landlock(1, filters())
