"""An examination that behaves as it is told to, for tests of whatever runs examinations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.examine.api import Outcome, Reading, Stage, shown, text_at
from muniment.sandbox import SOURCE, Limits, Script

if TYPE_CHECKING:
    from muniment.examine.api import Media
    from muniment.sandbox import Output

_SCRIPT: Final = Path(__file__).with_name("inside") / "misbehaving.py"
_LIMITS: Final = Limits(processor_seconds=5, output=1 << 20)
_IMPATIENT: Final = Limits(seconds=1.0)


class Behaviour(StrEnum):
    """What it does with the file."""

    ANSWERS = "answers"
    SLEEPS = "sleeps"
    CRASHES = "crashes"
    FLOODS = "floods"
    LIES = "lies"  # writes what is not JSON
    STEALS = "steals"  # tries to read another file, and says what it got
    TRUSTS = "trusts"  # its own reading of the answer fails like a careless plugin's
    BOASTS = "boasts"  # says more than a finding may hold


@dataclass(frozen=True, slots=True)
class SimulatedExamination:
    """Applies to every file and behaves in one way."""

    behaviour: Behaviour = Behaviour.ANSWERS
    version: str = "1"
    tool: str = "simulator"
    stage: Stage = Stage.EXAMINE

    @property
    def name(self) -> str:
        """By its behaviour, so that several can stand side by side."""
        return f"simulated_{self.behaviour}"

    @property
    def program(self) -> Script:
        """A script with that behaviour."""
        limits = _IMPATIENT if self.behaviour is Behaviour.SLEEPS else _LIMITS
        return Script(_SCRIPT, arguments=(SOURCE, str(self.behaviour)), limits=limits)

    def applies(self, media: Media) -> bool:
        """To every file."""
        del media
        return True

    def read(self, media: Media, output: Output) -> Reading:
        """What the script said; fails on purpose where the behaviour is to trust or to boast."""
        del media
        document = output.document()
        if self.behaviour is Behaviour.TRUSTS:
            raise KeyError("no such key in the answer")
        said = shown(text_at(document, "said"))
        if self.behaviour is Behaviour.BOASTS:
            said *= 10_000
        return Reading(Outcome.INCONCLUSIVE, f"It said {said}.", "The simulator's answer.", "1")
