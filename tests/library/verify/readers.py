"""Both Python readers over one bundle: they must say the same of it.

The stand-alone program is run from its parts, or (`assembled`) as it travels, in one file;
tests/library/verifier holds that the two are the same program.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.export.verifier import program
from muniment.export.verifier_assembly import assemble
from muniment.verify import VERDICTS, read_log_keys, verify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from tests.library.verify.second_writer import Bundle


@dataclass(frozen=True)
class Outcome:
    """What both readers said: overall, and state and reasons by verdict."""

    verdict: str
    log_key: str | None
    states: dict[str, str]
    details: dict[str, str]
    stand_alone: dict[str, str]

    @property
    def failed(self) -> set[str]:
        return {name for name, state in self.states.items() if state == "failed"}


@functools.cache
def assembled() -> ModuleType:
    """The assembled `verify.py`, imported under a name of its own."""
    path = Path(tempfile.mkdtemp(prefix="muniment-reader-")) / "verify.py"
    path.write_text(assemble(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("assembled_verify", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(
    path: Path,
    *,
    keys: Iterable[str] = (),
    require: Iterable[str] = (),
    stand_alone: ModuleType = program,
) -> Outcome:
    """Both readers on a path; fails where they differ in anything but their words."""
    log_keys = [one for key in keys for one in read_log_keys(key)]
    report = verify(path, log_keys=log_keys, require=frozenset(require))
    ours: dict[str, Any] = json.loads(report.to_json())
    words = [str(path), "--json", "--require", ",".join(require)]
    words += [word for key in keys for word in ("--log-key", key)]
    code, output, complaint = stand_alone.run(words)
    theirs: dict[str, Any] = json.loads(output)
    states = [
        {name: reader["verdicts"][name]["state"] for name in VERDICTS} for reader in (ours, theirs)
    ]
    assert states[0] == states[1], (ours, theirs)
    assert (ours["verdict"], ours["log_key"]) == (theirs["verdict"], theirs["log_key"])
    assert (report.exit_code, complaint) == (code, "")
    return Outcome(
        ours["verdict"],
        ours["log_key"],
        states[0],
        {name: ours["verdicts"][name]["detail"] for name in VERDICTS},
        {name: theirs["verdicts"][name]["detail"] for name in VERDICTS},
    )


def read_bundle(
    bundle: Bundle, folder: Path, *, keys: Iterable[str] = (), require: Iterable[str] = ()
) -> Outcome:
    """Both readers on a bundle as ZIP and as a folder: all four must agree."""
    zipped = folder / "bundle.zip"
    zipped.write_bytes(bundle.zipped())
    as_zip = read(zipped, keys=keys, require=require)
    as_folder = read(bundle.extract(folder / "bag"), keys=keys, require=require)
    assert as_zip == as_folder
    return as_zip


def refused(
    bundle: Bundle, folder: Path, verdict: str, reason: str = "", *, keys: Iterable[str] = ()
) -> Outcome:
    """Assert that both readers refuse the bundle, for this verdict and this reason."""
    outcome = read_bundle(bundle, folder, keys=keys)
    assert outcome.verdict == "refused", outcome.details
    assert outcome.states[verdict] == "failed", outcome.details
    assert reason in outcome.details[verdict], outcome.details
    return outcome
