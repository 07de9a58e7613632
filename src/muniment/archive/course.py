"""How far a check of every object has come, so that one that was broken off goes on from there.

- A file of the workspace that is no evidence: it names the folders of objects that were hashed
  whole, and what was wrong in them. Lost or torn, it costs time and nothing else.
- What it remembers is as old as its beginning, which is said wherever it is used; after thirty days
  a check begins anew (the whole store is to be hashed again at least that often).
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from muniment.archive.fixity import Tally
from muniment.archive.problem import Problem
from muniment.errors import MunimentError
from muniment.evidence.instant import now, parse, to_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

BEGINS_ANEW_AFTER = timedelta(days=30)
_EVERY = 1.0  # seconds between two notes of how far it is
_FORM = 1


class Course:
    """The course of one whole check, kept in a file."""

    def __init__(self, path: Path, *, restart: bool = False) -> None:
        """`restart` forgets what an earlier check did."""
        self._path = path
        self._restart = restart
        self._done = Tally()
        self._written = 0.0
        self.begun = to_seconds(now())
        self.taken_up = 0  # objects that an earlier, broken-off run had done

    def begin(self) -> Tally:
        """Return what was done already."""
        if not self._restart:
            with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, MunimentError):
                self._read()
        self.taken_up = self._done.objects
        return self._done

    def note(self, folders: Mapping[str, int], tallies: Sequence[Tally]) -> None:
        """Keep which folders are done whole, with how many objects; at most once a second."""
        if time.monotonic() - self._written < _EVERY:
            return
        problems = [
            one for tally in tallies for one in tally.problems if one.subject[:2] in folders
        ]
        document = {
            "form": _FORM,
            "begun": self.begun,
            "folders": dict(self._done.folders) | dict(folders),
            "problems": [list(one) for one in (*self._done.problems, *problems)],
        }
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):  # it saves time, and nothing depends on it
            draft.write_text(json.dumps(document), encoding="utf-8")
            draft.replace(self._path)
        self._written = time.monotonic()

    def end(self) -> None:
        """Forget: the check came to its end."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        document = json.loads(self._path.read_text(encoding="utf-8"))
        begun = parse(document["begun"])
        if document["form"] != _FORM or not timedelta() <= now() - begun < BEGINS_ANEW_AFTER:
            return
        folders = Counter({str(one): int(many) for one, many in document["folders"].items()})
        problems = [Problem(*map(str, one)) for one in document["problems"]]
        self._done = Tally(folders.total(), 0, problems, folders)
        self.begun = document["begun"]
