"""Faults run on the workspaces of the server tests, and on what this machine can break."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.small_disk import can_mount
from tests.server.conftest import cluster, engine, machine, postgres_template, template, workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["cluster", "engine", "machine", "postgres_template", "template", "workspace"]

_MEMORY = Path("/dev/shm")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for many copies of a workspace: in memory where there is room for them."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 1 << 28
    folder = Path(tempfile.mkdtemp(prefix="muniment-faults-", dir=_MEMORY if roomy else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def strace() -> None:
    """Be sure that system calls can be recorded and made to fail."""
    if shutil.which("strace") is None:
        sentence = "The faults in system calls were left out: they need strace."
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.fixture(scope="session")
def small_disks() -> None:
    """Be sure that small file systems of one's own can be mounted."""
    why = can_mount()
    if why:
        sentence = f"The faults of full disks were left out: {why}."
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
