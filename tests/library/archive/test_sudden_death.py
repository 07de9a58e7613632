"""kill -9 in the middle of a deposit: what was acknowledged is there, and no object is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

import muniment
from muniment.archive.objects import FolderStore
from tests.library.archive.processes import wait_until_gone

DEPOSIT = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from muniment.archive.deposit import deposit
from muniment.archive.objects import FolderStore
from muniment.capture.folder import FolderCapturer
for group in deposit(FolderStore(Path(sys.argv[2])), FolderCapturer().captures(sys.argv[3])):
    for one in group:
        print(one.sha256, flush=True)
"""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven hundred files of up to 60 KB, all different."""
    folder = tmp_path_factory.mktemp("material")
    for number in range(700):
        content = b"%08d" % number * (number * 37 % 7500 + 1)
        (folder / f"{number:04}").write_bytes(content)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("after", range(0, 400, 50))
def test_a_killed_deposit_leaves_whole_objects_and_what_it_acknowledged(
    store: FolderStore, material: Path, after: int
) -> None:
    package = str(Path(muniment.__file__).parents[1])
    archive = str(store.layout.root)
    command = [sys.executable, "-c", DEPOSIT, package, archive, str(material)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(0.1 + after / 1000)
        os.kill(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        said = process.stdout.read()
    wait_until_gone(archive)
    # A line cut short by the kill was not acknowledged.
    acknowledged = said[: said.rfind("\n") + 1].split()
    present = set(store.digests())
    assert present.issuperset(acknowledged)
    for digest in present:
        with store.open(digest) as handle:
            assert sha256(handle.read()).hexdigest() == digest
    store.remove_stale_temporaries(timedelta(0))
    assert list(Path(store.layout.temporaries).iterdir()) == []
