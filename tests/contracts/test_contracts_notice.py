"""A contract that an examination with a flaw would pass is none: each flaw is noticed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.examine.api import Fact, Media, Rendition
from muniment.sandbox import Limits, Script
from muniment.testing.examination import ExaminationContract, Example
from muniment.testing.simulated_examination import Behaviour, SimulatedExamination

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.examine.api import Reading
    from muniment.sandbox import Output

EXAMPLE = Example(b"evidence", "statement.txt", "text/plain")


@dataclass(frozen=True)
class Flawed:
    """A simulator whose parts a test replaces."""

    name: str = "flawed"
    version: str = "1"
    tool: str = "simulator"
    stage: Any = SimulatedExamination().stage
    program: Any = SimulatedExamination().program
    applies: Any = SimulatedExamination().applies
    changes: Any = None

    def read(self, media: Media, output: Output) -> Reading:
        reading = SimulatedExamination().read(media, output)
        return replace(reading, **self.changes) if self.changes else reading


class Restless:
    """A program that is another one each time it is asked for."""

    path = SimulatedExamination().program.path
    arguments = ("{source}",)

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]  # nothing that changes is a key


def rendition(parent: str) -> Rendition:
    return Rendition("thumbnail", "image/jpeg", b"x", parent, "t", "1", ())


def contract(examination: object) -> ExaminationContract:
    made = ExaminationContract()
    made.examination = lambda: examination  # type: ignore[assignment,method-assign,return-value]  # flawed on purpose
    made.examples = lambda: (EXAMPLE,)  # type: ignore[method-assign]  # as above
    return made


def with_limits(limits: Limits) -> Script:
    return replace(SimulatedExamination().program, limits=limits)


def careless(self: Flawed, media: Media, output: Output) -> Reading:
    document = output.document()
    return SimulatedExamination().read(media, replace(output, stdout=document["said"]))  # type: ignore[arg-type]  # careless


CASES: dict[str, tuple[object, Callable[[ExaminationContract], object]]] = {
    "an empty name": (Flawed(name=""), ExaminationContract.test_it_names_itself_and_its_rules),
    "no tool": (Flawed(tool=" "), ExaminationContract.test_it_names_itself_and_its_rules),
    "no version": (Flawed(version=""), ExaminationContract.test_it_names_itself_and_its_rules),
    "not an examination": (object(), ExaminationContract.test_it_names_itself_and_its_rules),
    "answers maybe": (
        Flawed(applies=lambda media: None),
        ExaminationContract.test_it_answers_for_every_file_without_seeing_it,
    ),
    "changes its program": (
        Flawed(program=Restless()),
        ExaminationContract.test_its_program_is_one_and_stays_where_it_is,
    ),
    "has no script": (
        Flawed(program=Script(Path("/nonexistent/script.py"))),
        ExaminationContract.test_its_program_is_one_and_stays_where_it_is,
    ),
    "never gets the file": (
        Flawed(program=replace(SimulatedExamination().program, arguments=("x",))),
        ExaminationContract.test_its_program_is_one_and_stays_where_it_is,
    ),
    "takes a day": (
        Flawed(program=with_limits(Limits(seconds=86400.0))),
        ExaminationContract.test_its_program_is_one_and_stays_where_it_is,
    ),
    "writes without end": (
        Flawed(program=with_limits(Limits(output=1 << 40))),
        ExaminationContract.test_its_program_is_one_and_stays_where_it_is,
    ),
    "shows what is not safe": (
        Flawed(changes={"summary": "an \u202eelif"}),
        ExaminationContract.test_answers_of_another_shape_are_read_or_refused,
    ),
    "says nothing": (
        Flawed(changes={"basis": ""}),
        ExaminationContract.test_answers_of_another_shape_are_read_or_refused,
    ),
    "says too much": (
        Flawed(changes={"facts": (Fact("a", "b"),) * 1000}),
        ExaminationContract.test_answers_of_another_shape_are_read_or_refused,
    ),
    "names another parent": (
        Flawed(changes={"renditions": (rendition("0" * 64),)}),
        ExaminationContract.test_its_examples_can_be_read,
    ),
    "always fails": (
        SimulatedExamination(Behaviour.TRUSTS),
        ExaminationContract.test_its_examples_can_be_read,
    ),
    "applies to nothing": (
        Flawed(applies=lambda media: False),
        ExaminationContract.test_hostile_files_get_a_finding_and_stay_as_they_are,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_flaw_is_noticed(name: str) -> None:
    examination, test = CASES[name]
    with pytest.raises(AssertionError):
        test(contract(examination))


def test_a_careless_reading_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Flawed, "read", careless)
    with pytest.raises((AttributeError, TypeError, KeyError)):
        contract(Flawed()).test_hostile_answers_are_read_or_refused()


def test_one_without_a_flaw_passes() -> None:
    for _, test in CASES.values():
        test(contract(Flawed()))
