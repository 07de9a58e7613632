"""A worker as people start it: by itself, beside the server, stopped, killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.journeys.serving import muniment

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 3


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with a few files that nobody examined."""
    folder = tmp_path / "workspace"
    muniment(folder, "init", str(folder), "--name", "SPECIMEN archive")
    papers = [tmp_path / f"SPECIMEN {number}.txt" for number in range(COUNT)]
    for paper in papers:
        paper.write_text(f"{paper.name}\n", encoding="utf-8")
    muniment(folder, "add", *map(str, papers))
    return folder


def asked(workspace: Path, *words: str) -> dict[str, Any]:
    """What a command says with --json."""
    return dict(json.loads(muniment(workspace, *words, "--json").stdout))


def left(workspace: Path) -> int:
    """How many items wait for a worker, seen by one or not."""
    listed = asked(workspace, "work", "--list")
    return len(listed["jobs"]) + int(listed["not_queued"])


def wait_until_done(workspace: Path) -> None:
    """Wait until nothing is left to do."""
    wait_for(lambda: left(workspace) == 0)


def examined(workspace: Path, number: str) -> int:
    """How many acts say that an item was examined."""
    acts = asked(workspace, "custody", number)["acts"]
    return [act["act"] for act in acts].count("item.examined")


def worker_of(server: int) -> int | None:
    """The process of the worker that stands beside a server."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended meanwhile
            continue
        if words[2:6] == ["muniment", "work", "--beside", str(server)]:
            return int(path.parent.name)
    return None


def is_running(process: int) -> bool:
    """Whether a process is there and not just waiting to be buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False


def test_once_does_what_waits_and_leaves(workspace: Path) -> None:
    assert left(workspace) == COUNT
    assert asked(workspace, "work", "--once") == {"done": COUNT, "jobs": []}
    assert asked(workspace, "work", "--once") == {"done": 0, "jobs": []}
    assert left(workspace) == 0
    assert [examined(workspace, f"M-{n:05d}") for n in range(1, COUNT + 1)] == [1] * COUNT
    assert asked(workspace, "check")["ok"]


def test_what_fails_is_told_listed_and_left_for_later(workspace: Path) -> None:
    command = [sys.executable, "-c", _SPOILT, "-w", str(workspace), "work", "--once", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 3
    (job,) = json.loads(done.stdout)["jobs"]
    assert (job["number"], job["state"], job["attempts"]) == ("M-00002", "waiting", 2)
    assert "no space (specimen)" in job["error"]
    assert "M-00002: OSError: no space (specimen)\n  will be tried again" in done.stderr
    assert asked(workspace, "work", "--list")["jobs"] == [job]
    listed = muniment(workspace, "work", "--list").stdout
    assert listed.startswith("M-00002  examine  waiting  tried 2 times  OSError")
    # Done at once it waits no longer.
    muniment(workspace, "examine", "M-00002")
    assert left(workspace) == 0


_SPOILT = """
import sys
from muniment.cli.main import main
from muniment.examine.examiner import Examiner

real = Examiner.examine

def examine(self, source, media):
    if media.name.endswith("1.txt"):
        raise OSError("no space (specimen)")
    return real(self, source, media)

Examiner.examine = examine
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_works_until_it_is_told_to_stop(workspace: Path, number: int) -> None:
    command = [sys.executable, "-m", "muniment", "-w", str(workspace), "work", "--json"]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until_done(workspace)
    worker.send_signal(number)
    said, told = worker.communicate()
    assert (worker.returncode, json.loads(said)) == (0, {"done": COUNT})
    assert told.startswith("A worker is at work.")


def test_a_worker_that_is_told_to_stop_finishes_what_it_is_at(workspace: Path) -> None:
    command = [sys.executable, "-c", _STOPPED, "-w", str(workspace), "work", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"done": COUNT})
    assert left(workspace) == 0


_STOPPED = """
import os, signal, sys
from muniment.cli.main import main
from muniment.examine.examiner import Examiner

real = Examiner.examine
told = []

def examine(self, source, media):
    if not told:
        told.append(os.kill(os.getpid(), signal.SIGTERM))
    return real(self, source, media)

Examiner.examine = examine
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_the_server_has_a_worker_and_takes_it_along(workspace: Path) -> None:
    server = subprocess.Popen(_serve(workspace), stderr=subprocess.DEVNULL)
    worker = started_beside(server)
    wait_until_done(workspace)
    # One that is killed is replaced.
    os.kill(worker, signal.SIGKILL)
    second = started_beside(server, after=worker)
    server.terminate()
    assert server.wait() == 0
    assert not is_running(second)
    assert examined(workspace, "M-00001") == 1


@pytest.mark.slow
def test_nothing_outlives_a_server_that_was_killed(workspace: Path) -> None:
    server = subprocess.Popen(_serve(workspace), stderr=subprocess.DEVNULL, start_new_session=True)
    started_beside(server)
    wait_for(lambda: len(web_servers(server.pid)) > 1)  # one that listens, and one that answers
    server.kill()
    server.wait()
    wait_for(lambda: not session_of(server.pid))


@pytest.mark.slow
def test_what_answers_does_not_outlive_what_listens(workspace: Path) -> None:
    server = subprocess.Popen(_serve(workspace), stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for(lambda: len(web_servers(server.pid)) > 1)
    os.kill(min(web_servers(server.pid)), signal.SIGKILL)
    assert server.wait() == 3
    wait_for(lambda: not session_of(server.pid))


def session_of(leader: int) -> list[int]:
    """Return the processes of a session that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, _parent, _group, session = path.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(path.parent.name))
    return found


def web_servers(leader: int) -> list[int]:
    """Return the processes of the web server in a session."""
    return [one for one in session_of(leader) if b"granian" in _words(one)]


def _words(process: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


@pytest.mark.slow
def test_a_server_can_do_without_a_worker(workspace: Path) -> None:
    command = _serve(workspace, "--workers", "0")
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    wait_for(lambda: answers(f"http://127.0.0.1:{command[-3]}/log-in/login/"))
    assert worker_of(server.pid) is None  # it would have begun together with the web server
    server.terminate()
    assert server.wait() == 0
    assert left(workspace) == COUNT


def answers(address: str) -> bool:
    """Whether a server answers."""
    try:
        with urlopen(address):
            return True
    except URLError:
        return False


def started_beside(server: subprocess.Popen[bytes], after: int = 0) -> int:
    """The worker beside a server, once there is one other than the one before."""
    wait_for(lambda: worker_of(server.pid) not in {None, after})
    found = worker_of(server.pid)
    assert found is not None
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Look again and again until something holds, and not for ever."""
    for _look in range(600):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("it never came to hold")


def _serve(workspace: Path, *words: str) -> list[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "muniment", "-w", str(workspace), "serve", "--port", port]
    return [*command, *words]
