"""A signer as people run it: a process of another user, which may be killed at any moment."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.seal.signer import FileSigner
from muniment.seal.signer_client import SocketSigner

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNER = "nobody"
APPLICATION = "daemon"


@cache
def python_of_others() -> str | None:
    """A Python that other users may run and that knows what this one does, or None.

    This one may stand in its owner's home.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with suppress(OSError):
            tried = run_as(APPLICATION, found, "-c", "import muniment, django", cwd=Path("/"))
            if tried.returncode == 0:
                return found
    return None


def user_id(name: str) -> int:
    return pwd.getpwnam(name).pw_uid


def give(path: Path, user: str) -> None:
    """Make a folder and all in it a user's own."""
    for one in (path, *path.rglob("*")):
        os.chown(one, user_id(user), -1)


def run_as(user: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as another user, with nothing of this one's environment but the way to it."""
    return subprocess.run(
        arguments,
        user=user,
        group=pwd.getpwnam(user).pw_gid,
        extra_groups=[],
        cwd=cwd,
        env=environment(cwd),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def started_as(user: str, *arguments: str, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Let a program run as another user, and ask it to end afterwards."""
    process = subprocess.Popen(
        arguments,
        user=user,
        group=pwd.getpwnam(user).pw_gid,
        extra_groups=[],
        cwd=cwd,
        env=environment(cwd),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def environment(home: Path) -> dict[str, str]:
    """What another user's process is told: where programs are, and what this Python knows."""
    known = os.pathsep.join([one for one in sys.path if one.endswith(("site-packages", "src"))])
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": known}


class SignerProcess:
    """A folder of keys of one user, and the signer that runs on it as that user."""

    def __init__(self, folder: Path, allowed: list[str], user: str | None = None) -> None:
        self.keys = folder / "signer"
        self.socket = folder / "run" / "signer.socket"
        self._allowed = allowed
        self._user = user
        self._process: subprocess.Popen[str] | None = None
        for one in (self.keys, self.socket.parent):
            one.mkdir()
        self.keys.chmod(0o700)

    def own(self) -> None:
        """Give the keys to the signer's user."""
        if self._user:
            give(self.keys, self._user)
            give(self.socket.parent, self._user)

    def start(self) -> list[str]:
        """Start the signer and return the origins it says it signs."""
        self._process = self.spawn()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return [line.strip()]

    def spawn(self) -> subprocess.Popen[str]:
        """Start a signer, whatever comes of it."""
        allowed = [part for one in self._allowed for part in ("--allow", one)]
        python = python_of_others() if self._user else sys.executable
        return subprocess.Popen(
            [python or sys.executable, "-m", "muniment", "log", "signer", "serve",
             "--socket", str(self.socket), "--keys", str(self.keys), *allowed],
            user=self._user, group=pwd.getpwnam(self._user).pw_gid if self._user else None,
            extra_groups=[] if self._user else None, cwd=self.socket.parent,
            env=environment(self.socket.parent) if self._user else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def kill(self) -> None:
        """Kill it as nothing can resist."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=30)
        return self._process.returncode

    def client(self, origin: str) -> SocketSigner:
        return SocketSigner(self.socket, origin)


@contextmanager
def place_for_others() -> Iterator[Path]:
    """A folder that other users may enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="muniment-signer-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def new_signer(keys: Path, origin: str) -> FileSigner:
    """Make a key and its memory as a workspace names them."""
    return FileSigner.create(keys / "log.key", keys / "signed-heads", origin)


needs_other_users = pytest.mark.skipif(
    os.geteuid() != 0 or python_of_others() is None,
    reason="only root may start processes of other users, with a Python that they may run",
)
