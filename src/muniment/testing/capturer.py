"""What every way in must keep, whoever wrote it (muniment.capture.api)."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeGuard

from muniment.archive.outcome import Refused
from muniment.capture.api import Capture
from muniment.testing.expecting import expect

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from muniment.capture.api import Capturer

_STRANGE_TARGETS: Final = (
    "", " ", "-rf", "*", "a" * 5000, "/nonexistent/place", "https://example.invalid/", "file:///",
    "\u202e", "\udcff", "~", "..", "\n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid out for a capturer: the target to name, and what it must find."""

    target: str
    files: Mapping[bytes, bytes]  # folder and name, joined by "/", to content
    refusals: tuple[str, ...] = ()  # codes, in order of the alphabet, each once


class CapturerContract:
    """Inherit, name the class `Test…`, return the capturer, and lay something out for it."""

    def capturer(self) -> Capturer:
        """The capturer under test."""
        raise NotImplementedError

    def lay_out(self, folder: Path) -> Laid:
        """Makes a target of its kind in `folder`, with some files and, if it can, some hazards."""
        raise NotImplementedError

    def test_it_knows_its_targets_without_opening_them(self) -> None:
        """Whatever a person may type is answered with yes or no."""
        with _laid(self) as laid:
            expect(self.capturer().takes(laid.target) is True, "It does not take its own target.")
        for target in _STRANGE_TARGETS:
            answer: object = self.capturer().takes(target)
            expect(type(answer) is bool, f"It does not answer yes or no to {target!r}.")

    def test_it_finds_every_file_once_as_it_is(self) -> None:
        """Bytes, name, place and identity are those of the file system."""
        with _laid(self) as laid:
            found = [each for each in self.capturer().captures(laid.target) if _is_file(each)]
            placed = {_place(each): each for each in found}
            expect(len(placed) == len(found), "It found a file twice.")
            expect(set(placed) == set(laid.files), f"It found {sorted(placed)}.")
            for place, capture in placed.items():
                facts = os.stat(capture.path)  # noqa: PTH116  # names are bytes
                identity = (capture.device, capture.inode, capture.size, capture.modified_ns)
                real = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)
                expect(identity == real, "It says another identity than the file has.")
                with open(capture.path, "rb") as file:  # noqa: PTH123  # as above
                    expect(file.read() == laid.files[place], "Its path leads to other bytes.")

    def test_names_are_names_and_places_lie_within(self) -> None:
        """No name is a path, and no place leads out of what was named."""
        with _laid(self) as laid:
            for capture in filter(_is_file, self.capturer().captures(laid.target)):
                expect(capture.name, "A file has no name.")
                expect(b"/" not in capture.name, "A name is a path.")
                parts = capture.folder.split(b"/") if capture.folder else []
                expect(all(part not in {b"", b".", b".."} for part in parts), "A place leads out.")

    def test_what_it_cannot_take_it_says(self) -> None:
        """Nothing is passed over in silence; each refusal has a code, a sentence and a hint."""
        with _laid(self) as laid:
            refusals = [
                each for each in self.capturer().captures(laid.target) if isinstance(each, Refused)
            ]
            codes = tuple(sorted({each.code for each in refusals}))
            expect(codes == laid.refusals, f"It refused {codes}.")
            for each in refusals:
                expect(each.message.isprintable(), "A refusal is not safe to show.")
                expect(each.hint, "A refusal has no hint.")

    def test_a_target_that_is_gone_is_refused_and_not_an_error(self) -> None:
        """It may vanish between being named and being read."""
        with _laid(self) as laid:
            gone = f"{laid.target}-gone"
            found = list(self.capturer().captures(gone))
            expect(found, "It passed over a missing target in silence.")
            refused = all(isinstance(each, Refused) for each in found)
            expect(refused, "It found something in a missing target.")
            survey = self.capturer().survey(gone)
            expect((survey.files, survey.bytes) == (0, 0), "It counted a missing target.")

    def test_a_survey_counts_what_is_found(self) -> None:
        """For the progress bar."""
        with _laid(self) as laid:
            survey = self.capturer().survey(laid.target)
        total = sum(len(data) for data in laid.files.values())
        expect((survey.files, survey.bytes) == (len(laid.files), total), f"It counted {survey}.")

    def test_the_order_is_always_the_same(self) -> None:
        """So that a run that broke off can be compared with the next."""
        with _laid(self) as laid:
            first = list(self.capturer().captures(laid.target))
            expect(first == list(self.capturer().captures(laid.target)), "The order changed.")

    def test_it_changes_nothing(self) -> None:
        """Content, times and modes of everything it walked over stay."""
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            laid = self.lay_out(root)
            before = _state(root)
            list(self.capturer().captures(laid.target))
            self.capturer().survey(laid.target)
            expect(_state(root) == before, "Something was changed.")

    def test_left_half_way_it_keeps_nothing_open(self) -> None:
        """A person interrupts; descriptors are few."""
        with _laid(self) as laid:
            before = _descriptors()
            for _ in range(50):
                walking = self.capturer().captures(laid.target)
                next(walking)
                del walking
            expect(_descriptors() <= before, "Descriptors were left open.")


def _is_file(found: Capture | Refused) -> TypeGuard[Capture]:
    return isinstance(found, Capture)


def _place(capture: Capture) -> bytes:
    return b"/".join(filter(None, (capture.folder, capture.name)))


def _state(root: Path) -> dict[str, tuple[int, ...]]:
    return {
        str(path): (facts.st_mode, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size)
        for path in [root, *root.rglob("*")]
        for facts in [path.lstat()]
    }


def _descriptors() -> int:
    return len([*Path("/dev/fd").iterdir()])


@contextmanager
def _laid(contract: CapturerContract) -> Generator[Laid]:
    with tempfile.TemporaryDirectory() as name:
        yield contract.lay_out(Path(name))
