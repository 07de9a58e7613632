"""Whatever an examination does, its finding is there, and so are the others'."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.examine.api import Fact, Media, Outcome, Reading, Rendition, Stage
from muniment.examine.examiner import Examiner, on_disk
from muniment.sandbox import Command, NoSandbox
from muniment.testing.examination import confinement_here
from muniment.testing.simulated_examination import Behaviour, SimulatedExamination

if TYPE_CHECKING:
    from muniment.sandbox import Output

SAID = {
    Behaviour.ANSWERS: "It said nothing.",
    Behaviour.SLEEPS: "Not examined. simulator was ended because it took too long.",
    Behaviour.CRASHES: "Not examined. simulator crashed or went over a limit (SIGSEGV).",
    Behaviour.FLOODS: "Not examined. simulator was ended because it wrote too much.",
    Behaviour.LIES: "Not examined. The answer is not strict JSON",
    Behaviour.STEALS: "It said refused: ",
    Behaviour.TRUSTS: "Not examined. Its answer could not be read (KeyError: ",
    Behaviour.BOASTS: "Not examined. Its reading is larger than a finding may be.",
}
MEDIA = Media("statement.txt", "text/plain", 8, "0" * 64)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"evidence")
    return path


@dataclass(frozen=True)
class Identifies(SimulatedExamination):
    """One that says what the bytes are."""

    stage: Stage = Stage.IDENTIFY
    says: str = "image/png"

    def read(self, media: Media, output: Output) -> Reading:
        return Reading(Outcome.INCONCLUSIVE, "Seen.", "Seen.", "1", detected=self.says)


@dataclass(frozen=True)
class OfPictures(SimulatedExamination):
    """One for pictures only."""

    behaviour: Behaviour = Behaviour.STEALS

    def applies(self, media: Media) -> bool:
        return media.is_of("image/")


class Absent(SimulatedExamination):
    """One whose tool is nowhere."""

    program = Command("no-such-tool", ())  # type: ignore[assignment]  # in place of the property


def test_every_behaviour_gives_one_finding_and_spoils_no_other(source: Path) -> None:
    simulators = [SimulatedExamination(behaviour) for behaviour in Behaviour]
    found = Examiner(simulators, confinement_here()).examine(source, MEDIA).findings
    said = {finding.examination: finding for finding in found}
    assert list(said) == sorted(f"simulated_{behaviour}" for behaviour in Behaviour)
    for behaviour, sentence in SAID.items():
        finding = said[f"simulated_{behaviour}"]
        assert finding.summary.startswith(sentence)
        assert finding.outcome is Outcome.INCONCLUSIVE
        assert (finding.tool, finding.rules) == ("simulator", "1")
    assert source.read_bytes() == b"evidence"


def test_without_a_sandbox_every_finding_says_so(source: Path) -> None:
    simulators = [SimulatedExamination(), SimulatedExamination(Behaviour.STEALS)]
    examined = Examiner(simulators, NoSandbox("No bubblewrap.")).examine(source, MEDIA)
    assert [finding.summary for finding in examined.findings] == [
        "Not examined. No sandbox: No bubblewrap."
    ] * 2


def test_a_missing_tool_is_named(source: Path) -> None:
    (finding,) = Examiner([Absent()], confinement_here()).examine(source, MEDIA).findings
    assert finding.summary == (
        "Not examined. simulator is not installed here (missing: no-such-tool)."
    )
    assert finding.version == ""


def test_what_the_bytes_are_decides_what_is_asked_next(source: Path) -> None:
    examiner = Examiner([OfPictures(), Identifies()], confinement_here())
    examined = examiner.examine(source, MEDIA)
    assert [finding.examination for finding in examined.findings] == [
        "simulated_answers",
        "simulated_steals",
    ]
    assert examined.media.detected == "image/png"
    other = Examiner([OfPictures(), Identifies(says="")], confinement_here())
    assert len(other.examine(source, MEDIA).findings) == 1


def test_only_the_first_stage_says_what_the_bytes_are(source: Path) -> None:
    examiner = Examiner([Identifies(stage=Stage.EXAMINE)], confinement_here())
    assert examiner.examine(source, MEDIA).media.detected == ""


def test_a_stored_file_is_examined_where_it_lies(source: Path) -> None:
    openers = (
        lambda: source.open("rb"),
        lambda: os.fdopen(os.open(source, os.O_RDONLY), "rb"),  # as a store may, without a name
    )
    for opener in openers:
        with on_disk(opener) as path:
            assert path == source
    assert source.exists()


def test_a_stored_file_that_lost_its_name_meanwhile_is_copied(source: Path) -> None:
    stream = source.open("rb")
    source.unlink()
    source.write_bytes(b"another")
    with on_disk(lambda: stream) as path:
        assert path != source
        assert path.read_bytes() == b"evidence"


@pytest.mark.parametrize(
    "reading",
    [
        Reading(Outcome.INCONCLUSIVE, "a\u202eb", "b", "1"),
        Reading(Outcome.INCONCLUSIVE, "a", "b\x00", "1"),
        Reading(Outcome.INCONCLUSIVE, "a", "b", "1" * 201),
        Reading(Outcome.INCONCLUSIVE, "a", "b", "1", citation="c" * 201),
        Reading(Outcome.INCONCLUSIVE, "a", "b" * 2001, "1"),
        Reading(Outcome.INCONCLUSIVE, "a", "b", "1", facts=(Fact("n" * 201, "v"),)),
        Reading(Outcome.INCONCLUSIVE, "a", "b", "1", facts=(Fact("n", "v\n"),)),
        Reading(Outcome.INCONCLUSIVE, "a", "b", "1", facts=(Fact("n", "v"),) * 201),
        Reading(
            Outcome.INCONCLUSIVE, "a", "b", "1",
            renditions=(Rendition("t", "image/jpeg", bytes((4 << 20) + 1), "0", "t", "1", ()),),
        ),
    ],
)  # fmt: skip
def test_what_a_record_cannot_take_does_not_reach_it(reading: Reading, source: Path) -> None:
    @dataclass(frozen=True)
    class Careless(SimulatedExamination):
        def read(self, media: Media, output: Output) -> Reading:
            return reading

    (finding,) = Examiner([Careless()], confinement_here()).examine(source, MEDIA).findings
    assert finding.summary.startswith("Not examined. Its reading ")
    assert (finding.version, finding.facts, finding.renditions) == ("", (), ())


def test_an_object_from_elsewhere_is_copied_for_as_long_as_it_takes(tmp_path: Path) -> None:
    with on_disk(lambda: io.BytesIO(b"evidence"), tmp_path) as path:
        assert path.read_bytes() == b"evidence"
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.exists()
    assert not any(tmp_path.iterdir())
