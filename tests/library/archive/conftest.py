"""An empty archive for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.archive.objects import FolderStore


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A store in an archive of its own."""
    folder = tmp_path / "archive"
    folder.mkdir()
    made = FolderStore(folder)
    made.prepare()
    return made
