from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.seal.signer import FileSigner
from tests.library.seal.history import ORIGIN

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "log.key"


@pytest.fixture
def memory_path(tmp_path: Path) -> Path:
    return tmp_path / "log.memory"


@pytest.fixture
def signer(key_path: Path, memory_path: Path) -> FileSigner:
    return FileSigner.create(key_path, memory_path, ORIGIN)
