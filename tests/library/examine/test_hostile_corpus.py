"""Files that fuzzers found: the program stands, the original is untouched, a finding is recorded.

A hundred and twenty of them, chosen by digest, in the normal run; all with MUNIMENT_LONG=1.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from muniment.examine.examiner import Examined, Examiner
from muniment.plugins import examiners
from muniment.testing.examination import confinement_here
from tests.library.examine.conftest import media_of

if TYPE_CHECKING:
    from pathlib import Path

A_SAMPLE = 120
NOT_DATA = {"LICENSE", "README", "README.md"}


def chosen(corpus: Path) -> list[Path]:
    files = [path for path in corpus.rglob("*") if path.is_file() and path.name not in NOT_DATA]
    by_digest = sorted(files, key=lambda path: hashlib.sha256(path.read_bytes()).digest())
    return by_digest if os.environ.get("MUNIMENT_LONG") == "1" else by_digest[:A_SAMPLE]


@pytest.mark.slow
def test_every_hostile_file_gets_its_findings_and_stays_as_it_is(shared: Path) -> None:
    examiner = Examiner(examiners().values(), confinement_here())

    def examined(path: Path) -> tuple[Path, Examined]:
        return path, examiner.examine(path, media_of(path.read_bytes(), f"x.{path.parent.name}"))

    files = chosen(shared / "corpus" / "hostile")
    assert len(files) >= A_SAMPLE
    with ThreadPoolExecutor(2) as pool:
        for path, found in pool.map(examined, files):
            assert hashlib.sha256(path.read_bytes()).hexdigest() == found.media.sha256, path
            assert [finding.examination for finding in found.findings][:1] == ["format"], path
            pictures = path.parent.name in {"bmp", "gif", "jpeg", "png", "tiff", "webp"}
            assert len(found.findings) >= (4 if pictures else 1), path
            for finding in found.findings:
                assert finding.summary.isprintable(), path
                assert finding.basis.isprintable(), path
                for copy in finding.renditions:
                    assert copy.data.startswith(b"\xff\xd8\xff"), path
