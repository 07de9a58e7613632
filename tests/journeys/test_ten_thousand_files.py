"""Ten thousand mixed files in one command: a bar on the terminal, grouped acts, nothing lost."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pty
import random
import struct
import subprocess
import sys
import termios
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FILES = 10_000


@pytest.mark.slow
def test_a_folder_of_ten_thousand_mixed_files(tmp_path: Path) -> None:
    folder, workspace = tmp_path / "from the field", tmp_path / "workspace"
    digests = _mixed(folder)
    _muniment("init", str(workspace))

    code, told, terminal = _on_a_terminal(workspace, "add", "-r", "--json", str(folder))

    assert code == 2  # three of them are no files
    assert sorted(one["code"] for one in told["errors"]) == [
        "file.link",
        "file.link_loop",
        "file.special",
    ]
    assert Counter(one["sha256"] for one in told["items"]) == digests
    received = [one for one in told["items"] if one["status"] == "received"]
    assert {one["sha256"] for one in received} == set(digests)
    assert len(received) == len(digests)  # bytes that came twice make one item
    assert "adding:" in terminal
    assert f"/{FILES}" in terminal

    checked = json.loads(_muniment("-w", str(workspace), "check", "--json"))
    assert (checked["ok"], checked["objects"]) == (True, len(digests))
    # A leaf for each item, at most one for each group of 255, and the few of `init`.
    assert checked["entries"] - len(digests) <= FILES // 255 + 10


def _mixed(folder: Path) -> Counter[str]:
    """Make files of many kinds, some twice; return how often each content is there."""
    chance = random.Random(1877)
    digests: Counter[str] = Counter()
    for number in range(FILES):
        below = folder / f"{number % 40:02d}" / ("deeper" if number % 7 == 0 else "")
        below.mkdir(parents=True, exist_ok=True)
        name, content = _file(number, chance)
        (below / os.fsdecode(name)).write_bytes(content)
        digests[hashlib.sha256(content).hexdigest()] += 1
    (folder / "loop").symlink_to(folder)
    (folder / "gone").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    return digests


def _file(number: int, chance: random.Random) -> tuple[bytes, bytes]:
    kind = number % 10
    if kind == 0:
        return b"%05d.png" % number, b"\x89PNG\r\n\x1a\n%d" % number
    if kind == 1:
        return b"\xff\xfe%05d" % number, chance.randbytes(200)  # a name that is not UTF-8
    if kind == 2:
        return b"%05d.bin" % number, b""
    if kind == 3:
        return f"свідчення {number}.txt".encode(), f"Свідчення {number // 100}".encode()
    if kind == 4:
        return b"%05d.mp4" % number, chance.randbytes(chance.randrange(40_000))
    return b"%05d.json" % number, json.dumps({"n": number}).encode()


def _muniment(*words: str) -> str:
    command = [sys.executable, "-m", "muniment", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _on_a_terminal(workspace: Path, *words: str) -> tuple[int, Any, str]:
    """Run a command whose standard error is a terminal; return code, document and screen."""
    shown, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    command = [sys.executable, "-m", "muniment", "-w", str(workspace), *words]
    answer = workspace.with_name("answer.json")
    with answer.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=terminal)
    os.close(terminal)
    seen = b""
    with process:
        while chunk := _read(shown):
            seen += chunk
    os.close(shown)
    return process.returncode, json.loads(answer.read_bytes()), seen.decode("utf-8", "replace")


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # the other end is closed
        return b""
