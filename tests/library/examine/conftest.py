"""The sandbox of this machine, and one examination of one file through it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.evidence.media import media_type_of
from muniment.examine.api import Media
from muniment.examine.examiner import Examiner
from muniment.testing.examination import confinement_here

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.examine.api import Examination, Finding

    Examine = Callable[[Examination, bytes, str], Finding]


def media_of(data: bytes, name: str) -> Media:
    return Media(name, media_type_of(name), len(data), hashlib.sha256(data).hexdigest())


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """The finding of one examination on these bytes under that name."""

    def made(examination: Examination, data: bytes, name: str) -> Finding:
        source = tmp_path / "source"
        source.write_bytes(data)
        examiner = Examiner([examination], confinement_here())
        (finding,) = examiner.examine(source, media_of(data, name)).findings
        assert source.read_bytes() == data
        return finding

    return made
