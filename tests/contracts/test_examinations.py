"""Every examination that is installed here keeps the contract, ours like a stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.plugins import examiners
from muniment.testing.examination import ExaminationContract, Example
from muniment.testing.simulated_examination import SimulatedExamination
from tests.contracts.examples import BY_NAME

if TYPE_CHECKING:
    from muniment.examine.api import Examination

INSTALLED = examiners()


def contract_of(
    name: str, examination: Examination, examples: tuple[Example, ...]
) -> type[ExaminationContract]:
    members = {
        "examination": lambda self: examination,
        "examples": lambda self: examples,
    }
    return type(f"Test_{name}", (ExaminationContract,), members)


for plugin, instance in INSTALLED.items():
    globals()[f"Test_{plugin}"] = contract_of(plugin, instance, BY_NAME.get(plugin, ()))


class TestSimulator(ExaminationContract):
    """The simulator is an examination too."""

    def examination(self) -> Examination:
        return SimulatedExamination()

    def examples(self) -> tuple[Example, ...]:
        return (Example(b"evidence", "statement.txt", "text/plain"),)


def test_all_of_ours_are_found() -> None:
    assert set(INSTALLED) >= set(BY_NAME)
