"""Places the third-party files of the pages: from node_modules to static/vendor.

- Which file of which package goes where is data: static/look/vendored.json.
- The packages are the ones in package-lock.json, whose digests npm has checked.
- Nothing else may lie in static/vendor: what the list no longer names is removed.

Not its job: fetching (that is `npm ci`, see the Makefile).
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = "src/muniment_server/static/look/vendored.json"


def wanted(root: Path) -> dict[Path, Path]:
    """Where each file goes, mapped to the file in node_modules that it is copied from."""
    listed = json.loads((root / LIST).read_text(encoding="utf-8"))
    to = root / listed["to"]
    return {
        to / target: root / "node_modules" / package / source
        for package, files in listed["packages"].items()
        for source, target in files.items()
    }


def missing(root: Path) -> list[Path]:
    """The files that the pages need and that are not in place."""
    return [target for target in wanted(root) if not target.is_file()]


def place(root: Path) -> int:
    """Copies what differs, removes what is not listed; returns how many files that were.

    Raises SystemExit with one sentence where a package lacks a listed file.
    """
    files = wanted(root)
    absent = [source for source in files.values() if not source.is_file()]
    if absent:
        sys.exit(
            f"{LIST} names {absent[0].relative_to(root)}, which is not there: run `make setup`."
        )
    folder = root / json.loads((root / LIST).read_text(encoding="utf-8"))["to"]
    strays = [path for path in folder.rglob("*") if path.is_file() and path not in files]
    for stray in strays:
        stray.unlink()
    differing = [
        (target, source)
        for target, source in files.items()
        if not target.is_file() or target.read_bytes() != source.read_bytes()
    ]
    for target, source in differing:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return len(strays) + len(differing)


if __name__ == "__main__":
    if changed := place(ROOT):
        print(f"Front-end files put in place or taken away: {changed}.")
