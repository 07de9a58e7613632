"""An archive of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.archive.objects import FolderStore
from muniment.custody.keys import SigningKey
from tests.library.archive.ledger import ORIGIN, Ledger


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A store in an archive of its own."""
    folder = tmp_path / "archive"
    folder.mkdir()
    made = FolderStore(folder)
    made.prepare()
    return made


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty log in an archive of its own."""
    folder = tmp_path / "logged"
    folder.mkdir()
    return Ledger(folder, SigningKey.generate(ORIGIN))
