"""Samples that can be drawn again, and checks that go on where they were broken off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muniment.archive import course as course_module
from muniment.archive.check import check_archive
from muniment.archive.course import Course
from muniment.archive.fixity import Sample
from muniment.archive.objects import FolderStore


@pytest.fixture
def state(store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of sixty objects, and where the course of its check is kept."""
    monkeypatch.setattr(course_module, "_EVERY", 0.0)
    for number in range(60):
        store.put_bytes(b"object %d" % number)
    return tmp_path / "check.state"


def break_off(store: FolderStore, state: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Begin a check and interrupt it once something is noted."""

    class Interrupted(Course):
        def end(self) -> None:
            raise KeyboardInterrupt

    course = Interrupted(state)
    with pytest.raises(KeyboardInterrupt):
        check_archive(store.layout.root, course=course)
    return course


def test_a_check_goes_on_where_it_was_broken_off(
    store: FolderStore, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = break_off(store, state, monkeypatch)
    assert json.loads(state.read_text())["begun"] == broken.begun
    done = json.loads(state.read_text())
    for folder in sorted(done["folders"])[::2]:  # as if only half had been reached
        del done["folders"][folder]
    state.write_text(json.dumps(done))
    told: list[int] = []
    course = Course(state)
    report = check_archive(store.layout.root, course=course, progress=told.append)
    assert (report.objects, sum(told)) == (60, 60)
    assert 0 < course.taken_up < 60
    assert course.taken_up == sum(done["folders"].values())
    assert not state.exists(), "a check that ended leaves nothing to go on from"


def test_what_was_wrong_before_the_break_is_still_said(
    store: FolderStore, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = next(iter(store.digests()))
    path = Path(store.layout.objects, digest[:2], digest[2:])
    path.unlink()
    path.write_bytes(b"rot")
    break_off(store, state, monkeypatch)
    report = check_archive(store.layout.root, course=Course(state))
    assert [(one.code, one.subject) for one in report.problems] == [("object.damaged", digest)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 1}', '{"form": 9, "begun": "x"}'])
def test_a_torn_memory_costs_time_and_nothing_else(
    text: str, store: FolderStore, state: Path
) -> None:
    state.write_text(text)
    course = Course(state)
    assert check_archive(store.layout.root, course=course).objects == 60
    assert course.taken_up == 0


def test_an_old_course_and_one_to_forget_begin_anew(
    store: FolderStore, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(store, state, monkeypatch)
    kept = state.read_text()
    forgotten = Course(state, restart=True)
    check_archive(store.layout.root, course=forgotten)
    old = json.loads(kept) | {"begun": "2020-01-01T00:00:00Z"}
    state.write_text(json.dumps(old))
    stale = Course(state)
    check_archive(store.layout.root, course=stale)
    assert (forgotten.taken_up, stale.taken_up) == (0, 0)


def test_a_seed_chooses_the_same_objects_again(store: FolderStore, state: Path) -> None:
    digests = list(store.digests())
    chosen = Sample(7, "a").choose(digests)
    assert chosen == Sample(7, "a").choose(reversed(digests))
    assert len(set(chosen)) == 7
    assert chosen != Sample(7, "b").choose(digests)
    assert Sample(99, "a").choose(digests) == digests
    assert check_archive(store.layout.root, sample=Sample(7, "a")).objects == 7
