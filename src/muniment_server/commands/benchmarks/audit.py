"""Checking every stored byte, warm, against `openssl dgst` twice at once and bagit's validation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from muniment.archive.deposit import deposit
from muniment.archive.fixity import check_objects
from muniment.archive.objects import FolderStore
from muniment.capture.folder import FolderCapturer
from muniment_server.commands.benchmarks.files import make_files
from muniment_server.commands.benchmarks.ingest import BIG, SMALL
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

if TYPE_CHECKING:
    from pathlib import Path


def audit(work: Path, *, big: bool, rounds: int = 3) -> Result:
    """Measure the fixity check of a store."""
    count, size = BIG if big else SMALL
    source = work / ("big" if big else "small")
    if not source.exists():
        make_files(source, count, size)
    store = FolderStore(work / "audit-archive")
    (work / "audit-archive").mkdir()
    store.prepare()
    for _group in deposit(store, FolderCapturer().captures(str(source))):
        pass
    bag = work / "audit-bag"
    shutil.copytree(source, bag)
    _python("import bagit, sys; bagit.make_bag(sys.argv[1], checksums=['sha256'])", bag)
    objects = work / "audit-archive" / "objects"
    script = f"find {objects} -type f -print0 | xargs -0 -n 64 -P 2 openssl dgst -sha256 >/dev/null"
    validate = "import bagit, sys; bagit.Bag(sys.argv[1]).validate(processes=2)"
    cases = [
        Case("muniment", lambda: _checked(store)),
        Case("openssl dgst, two at once", lambda: _shell(script)),
        Case("bagit validate", lambda: _python(validate, bag)),
    ]
    measured = rates(cases, count if not big else count * size / 1e6, rounds)
    shutil.rmtree(work / "audit-archive")
    shutil.rmtree(bag)
    return Result(
        name=f"audit, warm, {count:,} x {size // 1000:,} kB",
        unit="MB/s" if big else "objects/s",
        rates=measured,
        ours="muniment",
        peer="bagit validate",
        limit="openssl dgst, two at once",
        target_peer=1.0 if big else 1.9,
        target_limit=0.95 if big else 0.7,
    )


def _checked(store: FolderStore) -> None:
    problems = check_objects(store.layout).problems
    if problems:
        message = f"the store just made does not check: {problems[0]}"
        raise RuntimeError(message)


def _shell(script: str) -> None:
    subprocess.run(["bash", "-c", script], check=True)


def _python(code: str, path: Path) -> None:
    command = [sys.executable, "-c", code, str(path)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
