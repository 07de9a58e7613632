"""Checking a bundle of a thousand items against hashing its bytes, and against bagit.

The bundle is a real one: made by `init`, `add` and `export`, of a thousand files as large as the
photographs of a telephone. It is checked as it came, a ZIP, and extracted.

- Ours and the hashing run in this process, bagit (for its own processes) in one that is started.
- Who has one file can hash it once, from its first byte to its last; no second processor helps.
- Who has a folder can hash as many files at once as there are processors.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zipfile import ZipFile

from muniment.verify import Overall, verify
from muniment_server.commands.benchmarks.files import make_files
from muniment_server.commands.benchmarks.measuring import Case, Result, rates

if TYPE_CHECKING:
    from pathlib import Path

ITEMS, SIZE = 1_000, 4_000_000

_ZIP, _FOLDER = "muniment verify, the ZIP", "muniment verify, the folder"
_ONCE, _TWO = "SHA-256 of the ZIP, once", "SHA-256 of its files, two threads"
_BAGIT = "bagit validate, two processes"

_VALIDATE = "import bagit, sys; bagit.Bag(sys.argv[1]).validate(processes=2)"


def bundle(work: Path, rounds: int = 3) -> list[Result]:
    """Measure both forms of one bundle in one run; in MB of files a second."""
    path, folder = _made(work)
    cases = [
        Case(_ZIP, lambda: _verified(path)),
        Case(_ONCE, lambda: _hash([path])),
        Case(_FOLDER, lambda: _verified(folder)),
        Case(_TWO, lambda: _hash([one for one in folder.rglob("*") if one.is_file()])),
        Case(_BAGIT, lambda: _validate(folder)),
    ]
    measured = rates(cases, path.stat().st_size / 1e6, rounds)
    shutil.rmtree(work / "bundle")
    return [
        _result("as a ZIP", measured, _ZIP, _ONCE),
        _result("as a folder", measured, _FOLDER, _TWO),
    ]


def _result(form: str, measured: dict[str, float], ours: str, limit: str) -> Result:
    return Result(
        name=f"a bundle of {ITEMS:,} items of {SIZE // 1_000_000} MB, checked {form}",
        unit="MB/s",
        rates=measured,
        ours=ours,
        peer=_BAGIT,
        limit=limit,
        target_limit=0.8,
        notes=[f"{os.cpu_count()} processors; whatever was read lay in memory"],
    )


def _made(work: Path) -> tuple[Path, Path]:
    """Return a bundle, made as a person would make it, and the folder it was extracted to."""
    place = work / "bundle"
    source, workspace, path = place / "source", place / "workspace", place / "exhibit.zip"
    make_files(source, ITEMS, SIZE)
    _muniment("init", str(workspace))
    added = _muniment("-w", str(workspace), "add", "--recursive", "--json", str(source))
    shutil.rmtree(source)
    items = [item["id"] for item in json.loads(added)["items"]]
    _muniment("-w", str(workspace), "export", *items, "--to", str(path), "--json")
    shutil.rmtree(workspace)
    with ZipFile(path) as archive:
        archive.extractall(place / "extracted")
    (folder,) = (place / "extracted").iterdir()
    os.sync()
    return path, folder


def _verified(path: Path) -> None:
    verdict = verify(path, log_keys=(), require=frozenset()).verdict
    if verdict is not Overall.INTACT_SELF_ATTESTED:
        message = f"the bundle just made does not check: {verdict.value}"
        raise RuntimeError(message)


def _hash(paths: list[Path]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_digest, paths))


def _digest(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _validate(folder: Path) -> None:
    command = [sys.executable, "-c", _VALIDATE, str(folder)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def _muniment(*words: str) -> bytes:
    command = [sys.executable, "-m", "muniment", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout
