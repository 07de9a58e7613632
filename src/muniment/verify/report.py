"""What a reader is told: seven verdicts, one overall, as text and as JSON (custody-log §8, cli.md).

- The overall verdict follows from the seven, the keys brought and what was required; nothing else.
- The second line of the text never changes. The word "verified" is never used: in this field it
  means that content was checked.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from muniment.verify.keys import VerifierKey

VERDICTS: tuple[str, ...] = (
    "bytes_intact",
    "included",
    "append_only",
    "chain_complete",
    "witnessed",
    "existed_before",
    "disclosed",
)
_NEEDED = VERDICTS[:4]
_ALWAYS = "This says nothing about whether the content is true."


class State(enum.StrEnum):
    """What became of one check."""

    PROVED = "proved"
    FAILED = "failed"
    ABSENT = "absent"


class Overall(enum.StrEnum):
    """What the bundle is worth as a whole."""

    INTACT_ANCHORED = "intact_anchored"
    INTACT_SELF_ATTESTED = "intact_self_attested"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One of the seven: its state, and the reason in words."""

    state: State
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that the reader found.

    `log_key` is the key whose signature on the checkpoint checks: one that was brought, else the
    bundle's own; None where no signature does.
    """

    verdicts: Mapping[str, Verdict]
    log_key: VerifierKey | None
    anchored: bool
    required: frozenset[str]
    specimen: bool

    @property
    def verdict(self) -> Overall:
        """The overall verdict (custody-log §8)."""
        if self._failed or self._missing:
            return Overall.REFUSED
        return Overall.INTACT_ANCHORED if self.anchored else Overall.INTACT_SELF_ATTESTED

    @property
    def exit_code(self) -> int:
        """0 if the bundle checks out, 1 if it is refused."""
        return 1 if self.verdict is Overall.REFUSED else 0

    @property
    def _failed(self) -> list[str]:
        return [name for name in VERDICTS if self.verdicts[name].state is State.FAILED]

    @property
    def _missing(self) -> list[str]:
        needed = {*_NEEDED, *self.required}
        absent = [name for name in VERDICTS if self.verdicts[name].state is State.ABSENT]
        return [name for name in absent if name in needed]

    def to_json(self) -> str:
        """One JSON document with the keys of cli.md."""
        document = {
            "verdict": self.verdict,
            "log_key": self.log_key.text if self.log_key else None,
            "verdicts": {
                name: {"state": self.verdicts[name].state, "detail": self.verdicts[name].detail}
                for name in VERDICTS
            },
        }
        return json.dumps(document, ensure_ascii=False)

    def to_text(self) -> str:
        """The report in lines; the first says the verdict, the second what it does not say."""
        mark = "SPECIMEN · " if self.specimen else ""
        lines = [f"{mark}{self.verdict}: {self._sentence()}.", _ALWAYS, ""]
        for name in VERDICTS:
            verdict = self.verdicts[name]
            lines.append(f"{name:<16}{verdict.state:<8}{verdict.detail}")
        if self.log_key:
            lines += ["", f"log key         {self.log_key.text}"]
            lines += [f"fingerprint     {self.log_key.fingerprint} (SHA-256 of the line above)"]
        return "\n".join(lines) + "\n"

    def _sentence(self) -> str:
        failed, missing = self._failed, self._missing
        if failed:
            others = f" ({', '.join(failed[1:])} failed too)" if failed[1:] else ""
            return f"{failed[0]} failed: {self.verdicts[failed[0]].detail}{others}"
        if missing:
            return f"{', '.join(missing)}: required and absent"
        if self.anchored:
            return "all that must hold does, under a log key that you brought"
        return (
            "all that must hold does, but only the bundle's own log key says so; "
            "compare its fingerprint with one you were given elsewhere"
        )
