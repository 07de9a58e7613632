"""Foreign programs, built without network from Debian's packages."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def built(golang: Path, name: str, factory: pytest.TempPathFactory) -> Path:
    """The program whose source is in the folder of this name."""
    folder = factory.mktemp("go")
    settings = {
        "GO111MODULE": "off",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "GOPATH": "/usr/share/gocode",
        "GOPROXY": "off",
        "GOTMPDIR": str(folder),
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    program = folder / "program"
    command = [str(golang), "build", "-o", str(program), "main.go"]
    finished = subprocess.run(
        command,
        cwd=HERE / name,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    return program
