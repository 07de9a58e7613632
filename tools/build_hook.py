"""Hatch's build hook: what is made rather than committed goes into the distribution.

- The third-party files of the pages must be in place (they come from the npm lock).
- The translations are compiled here.
- An editable install needs neither: the working tree's set-up makes both.

The stand-alone verifier and the law need nothing: their sources are package data as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools import frontend, messages


class PagesHook(BuildHookInterface[Any]):
    """Refuses to build pages without their files, and adds the compiled translations."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatch before files are collected; `version` is "editable" or "standard"."""
        if version == "editable":
            return
        root = Path(self.root)
        absent = frontend.missing(root)
        if absent:
            raise FileNotFoundError(
                f"{len(absent)} front-end files are not in place ({absent[0]} …): run `make setup`."
            )
        build_data["artifacts"] += [
            path.relative_to(root).as_posix()
            for path in [*frontend.wanted(root), *messages.compile_messages(root)]
        ]
