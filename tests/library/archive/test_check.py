"""An archive checked with nothing but itself: whatever was changed is named, and only that."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive import details_check, fixity, log_check, time_check
from muniment.archive.check import Report, check_archive
from muniment.archive.details import DetailsLine, parse_line
from muniment.archive.fixity import Sample
from muniment.archive.layout import recent_name
from muniment.archive.problem import PROBLEMS
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.leaf import leaf_bytes
from muniment.custody.note import sign_note
from muniment.errors import Unavailable
from muniment.evidence.disclosure import disclose, sd
from tests.library.archive.ledger import ORIGIN, Ledger, salt

SIZE = 300
DIGEST = sha256(b"object 3").hexdigest()


@pytest.fixture
def whole(ledger: Ledger) -> Ledger:
    """A published log of 300 entries with heads kept at 4, 256 and 300, and seven objects."""
    for number in (4, 252, 44):
        ledger.append(number)
        ledger.publish()
    return ledger


def check(ledger: Ledger) -> Report:
    return check_archive(ledger.archive, key=ledger.key.verifier)


def found(ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in check(ledger).problems]


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def flip(path: Path, place: int = 5) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    rewrite(path, bytes(data))


def object_path(ledger: Ledger, digest: str = DIGEST) -> Path:
    return ledger.archive / "objects" / digest[:2] / digest[2:]


def test_a_whole_archive_has_no_problems(whole: Ledger) -> None:
    done: list[int] = []
    report = check_archive(whole.archive, key=whole.key.verifier, progress=done.append)
    assert report.ok
    assert report.problems == ()
    assert report.not_checked == ()
    assert (report.objects, report.entries, sum(done)) == (7, SIZE, 7)
    assert report.bytes == sum(len(b"object %d" % n) for n in range(7))


def test_the_report_says_what_was_not_checked(whole: Ledger) -> None:
    report = check_archive(whole.archive, sample=Sample(3, "a"))
    assert report.ok
    assert report.objects == 3
    assert report.not_checked == (
        "the signatures of the heads: no key was given",
        "objects outside the sample of 3 with the seed a",
    )


def test_an_archive_without_a_log_is_checked_as_far_as_it_goes(ledger: Ledger) -> None:
    ledger.store.put_bytes(b"alone")
    report = check(ledger)
    assert report.ok
    assert (report.objects, report.entries) == (1, 0)
    assert report.not_checked == ("the log: no head is published",)


def test_a_log_without_objects_and_an_empty_folder_can_be_checked(tmp_path: Path) -> None:
    assert check_archive(tmp_path).objects == 0


def test_no_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        check_archive(tmp_path / "nowhere")
    assert caught.value.code == "archive.missing"


def test_a_crash_between_details_tiles_and_head_is_no_problem(whole: Ledger) -> None:
    whole.append(250)
    whole.files.publish_details(whole.lines[SIZE:])
    whole.files.publish_tiles(whole.tiles)
    (whole.archive / "tmp" / "left by a crash").write_bytes(b"half")
    report = check(whole)
    assert report.problems == ()
    assert report.entries == SIZE
    assert report.not_checked == (f"entries from #{SIZE} on: no published head covers them yet",)
    whole.publish()
    assert check(whole).not_checked == ()


def test_every_code_of_a_problem_is_explained() -> None:
    written = set()
    for module in (details_check, fixity, log_check, time_check):
        source = inspect.getsource(module)
        written |= set(re.findall(r'(?:Problem|_report)\(\s*"([a-z]+\.[a-z_]+)"', source))
    # Those that reading raises, and that the check passes on.
    raised = {"archive.unreadable", "checkpoint.missing", "details.damaged", "details.unreadable"}
    assert written | raised | {"tile.size"} == set(PROBLEMS)
    assert all(sentence.endswith(".") for sentence in PROBLEMS.values())


# ── objects ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [b"object 4", b"", b"object 3 and more"])
def test_an_object_with_other_bytes_is_named(whole: Ledger, data: bytes) -> None:
    rewrite(object_path(whole), data)
    problems = found(whole)
    assert ("object.damaged", DIGEST) in problems
    assert {code for code, _ in problems} <= {"object.damaged", "object.size"}


def test_an_object_that_is_gone_is_named_for_each_entry_that_received_it(whole: Ledger) -> None:
    object_path(whole).unlink()
    problems = check(whole).problems
    assert len(problems) == len(range(3, SIZE, 7))
    assert {(one.code, one.subject) for one in problems} == {("object.missing", DIGEST)}
    assert "#3 " in problems[0].message


def test_what_lies_among_the_objects_and_is_none_is_named(whole: Ledger, tmp_path: Path) -> None:
    objects = whole.archive / "objects"
    (objects / "README").write_bytes(b"hello")
    (objects / "00" / "x").write_bytes(b"hello")
    (objects / "aa" / ("A" * 62)).write_bytes(b"hello")
    assert found(whole) == [
        ("object.stray", "objects/00/x"),
        ("object.stray", "objects/README"),
        ("object.stray", f"objects/aa/{'A' * 62}"),
    ]


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_has_an_objects_name_and_is_no_file_is_damage(
    whole: Ledger, tmp_path: Path, kind: str
) -> None:
    path = object_path(whole)
    size = path.stat().st_size
    path.rename(tmp_path / "elsewhere")
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    codes = {one.code for one in check(whole).problems if one.subject == DIGEST}
    assert codes - {"object.size"} in ({"object.damaged"}, {"object.unreadable"})
    assert size


def test_an_object_recorded_with_another_size_is_named(ledger: Ledger) -> None:
    ledger.append(3)
    ledger.append(1, size=9_999)
    ledger.publish()
    assert found(ledger) == [("object.size", DIGEST)]


def test_a_sealed_object_is_looked_for_by_the_digest_of_what_is_stored(ledger: Ledger) -> None:
    sealed = ledger.store.put_bytes(b"ciphertext").sha256
    ledger.append(1, stored_sha256=sealed, sha256="f" * 64, size=3)
    ledger.append(1, stored_sha256="e" * 64)
    ledger.append(1, sha256="no digest")
    ledger.publish()
    assert found(ledger) == [("details.object", "#2"), ("object.missing", "e" * 64)]


# ── the log ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["tile/0/000", "tile/0/001.p/44"])
def test_a_changed_leaf_hash_shows_everywhere_above(whole: Ledger, path: str) -> None:
    flip(whole.archive / "log" / path)
    codes = {code for code, _ in found(whole)}
    assert {"checkpoint.root", "details.leaf"} <= codes
    assert ("checkpoint.root", "log/checkpoint") in found(whole)


def test_a_changed_tile_above_the_leaves_is_named(whole: Ledger) -> None:
    flip(whole.archive / "log" / "tile/1/000.p/1")
    assert found(whole) == [("tile.differs", "log/tile/1/000.p/1")]


def test_a_missing_tile_is_named(whole: Ledger) -> None:
    (whole.archive / "log" / "tile/1/000.p/1").unlink()
    assert found(whole) == [("tile.missing", "log/tile/1/000.p/1")]


def test_a_missing_lowest_tile_leaves_the_rest_unchecked_and_says_so(whole: Ledger) -> None:
    (whole.archive / "log" / "tile/0/001.p/44").unlink()
    report = check(whole)
    assert [(one.code, one.subject) for one in report.problems] == [
        ("tile.missing", "log/tile/0/001.p/44")
    ]
    assert report.not_checked == ("entries from #256 on: their hashes are missing",)


@pytest.mark.parametrize(
    "path", ["tile/0/001.p/43", "tile/0/001.p/0", "tile/0/01", "tile/x", "tile/0/x000/001"]
)
def test_a_file_among_the_tiles_that_does_not_belong_is_named(whole: Ledger, path: str) -> None:
    stray = whole.archive / "log" / path
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"\0" * 43 * 32)
    ((code, subject),) = found(whole)
    assert (code, subject) == (
        "tile.differs" if path.endswith("/43") else "tile.stray",
        f"log/{path}",
    )


def test_a_narrower_tile_that_agrees_is_none_too_many(whole: Ledger) -> None:
    data = (whole.archive / "log" / "tile/0/001.p/44").read_bytes()
    (whole.archive / "log" / "tile/0/001.p/7").write_bytes(data[: 7 * 32])
    assert found(whole) == []


@pytest.mark.parametrize("size", [4, 256])
def test_an_earlier_head_of_another_history_is_named(whole: Ledger, size: int) -> None:
    forked = sign_note(Checkpoint(ORIGIN, size, bytes(32)).text, whole.key)
    rewrite(whole.archive / "log" / "checkpoints" / str(size), forked.to_bytes())
    assert found(whole) == [("checkpoint.root", f"log/checkpoints/{size}")]


def test_a_head_with_another_root_is_named(whole: Ledger) -> None:
    forked = sign_note(Checkpoint(ORIGIN, SIZE, bytes(32)).text, whole.key)
    rewrite(whole.archive / "log" / "checkpoint", forked.to_bytes())
    assert found(whole) == [("checkpoint.root", "log/checkpoint")]


def test_a_head_of_someone_else_is_named(whole: Ledger) -> None:
    note = sign_note(whole.note().text, SigningKey.generate(ORIGIN))
    for path in ("checkpoint", f"checkpoints/{SIZE}"):
        rewrite(whole.archive / "log" / path, note.to_bytes())
    assert found(whole) == [
        ("checkpoint.signature", "log/checkpoint"),
        ("checkpoint.signature", f"log/checkpoints/{SIZE}"),
    ]
    assert check_archive(whole.archive).ok


def test_a_rolled_back_head_is_named(whole: Ledger) -> None:
    kept = whole.archive / "log" / "checkpoints"
    rewrite(whole.archive / "log" / "checkpoint", (kept / "256").read_bytes())
    assert found(whole) == [("checkpoint.ahead", f"log/checkpoints/{SIZE}")]


def test_a_damaged_head_is_named_and_the_newest_kept_one_used(whole: Ledger) -> None:
    rewrite(whole.archive / "log" / "checkpoint", b"\0")
    assert found(whole) == [("checkpoint.damaged", "log/checkpoint")]
    assert check(whole).entries == SIZE


@pytest.mark.parametrize("data", [b"", b"no head", b"\xff"])
def test_a_damaged_kept_head_is_named(whole: Ledger, data: bytes) -> None:
    rewrite(whole.archive / "log" / "checkpoints" / "256", data)
    assert found(whole) == [("checkpoint.damaged", "log/checkpoints/256")]


def test_a_kept_head_under_another_size_is_named(whole: Ledger) -> None:
    kept = whole.archive / "log" / "checkpoints"
    (kept / "256").rename(kept / "255")
    assert found(whole) == [("checkpoint.damaged", "log/checkpoints/255")]


def test_a_published_head_that_was_not_kept_is_named(whole: Ledger) -> None:
    (whole.archive / "log" / "checkpoints" / str(SIZE)).unlink()
    assert found(whole) == [("checkpoint.missing", f"log/checkpoints/{SIZE}")]


# ── details ──────────────────────────────────────────────────────────────────────────────────


def change_line(ledger: Ledger, index: int, change: Callable[[DetailsLine], DetailsLine]) -> None:
    """Write another line of details in the place of one."""
    folder = ledger.archive / "details"
    path = folder / ("000.jsonl" if index < 256 else recent_name(256, SIZE - 1))
    lines = path.read_bytes().splitlines(keepends=True)
    place = index % 256
    lines[place] = change(parse_line(lines[place])).to_bytes()
    rewrite(path, b"".join(lines))


@pytest.mark.parametrize("index", [0, 255, 256, SIZE - 1])
def test_a_disclosure_that_stands_nowhere_is_named(whole: Ledger, index: int) -> None:
    other = disclose("chain", {"n": 7, "obj": "0" * 32}, salt("other")).text

    def change(line: DetailsLine) -> DetailsLine:
        return DetailsLine(line.index, line.leaf, (other, *line.disclosures[1:]))

    change_line(whole, index, change)
    assert found(whole) == [
        ("details.disclosure", f"#{index}"),
        ("details.incomplete", f"#{index}"),
    ]


@pytest.mark.parametrize("gone", range(6))
def test_a_disclosure_that_is_gone_is_named(whole: Ledger, gone: int) -> None:
    def change(line: DetailsLine) -> DetailsLine:
        left = line.disclosures[:gone] + line.disclosures[gone + 1 :]
        return DetailsLine(line.index, line.leaf, left)

    change_line(whole, 7, change)
    assert ("details.incomplete", "#7") in found(whole)


def test_a_disclosure_that_stands_twice_is_named(whole: Ledger) -> None:
    change_line(
        whole,
        7,
        lambda line: DetailsLine(line.index, line.leaf, (*line.disclosures, line.disclosures[0])),
    )
    assert found(whole) == [("details.disclosure", "#7")]


def test_disclosures_stand_in_any_order(whole: Ledger) -> None:
    change_line(
        whole,
        7,
        lambda line: DetailsLine(line.index, line.leaf, line.disclosures[::-1]),
    )
    assert found(whole) == []


def test_another_leaf_is_named(whole: Ledger) -> None:
    change_line(
        whole,
        7,
        lambda line: DetailsLine(line.index, line.leaf + b" ", line.disclosures),
    )
    assert found(whole) == [("details.leaf", "#7")]


def test_missing_details_are_named_as_ranges(whole: Ledger) -> None:
    whole.append(300)
    whole.publish()
    (whole.archive / "details" / "001.jsonl").unlink()
    assert found(whole) == [("details.missing", "#256 to #511")]


def test_a_file_of_details_with_lines_too_few_is_named(whole: Ledger) -> None:
    path = whole.archive / "details" / "000.jsonl"
    rewrite(path, b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert found(whole) == [("details.damaged", "#0 and following")]


def test_a_leaf_of_another_log_is_named(ledger: Ledger) -> None:
    ledger.append(2)
    ledger.publish()
    top = [disclose("chain", {"n": 0}, salt("foreign"))]
    leaf = leaf_bytes("muniment.invalid/other", "0" * 32, sd(top))
    ledger.lines.append(DetailsLine(2, leaf, (top[0].text,)))
    growth = ledger.edge.grown(ledger.hashes[2:])
    ledger.edge = growth.edge
    ledger.tiles.update(growth.files)
    ledger.publish()
    assert found(ledger) == [("details.origin", "#2")]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Five entries, published; whoever changes it puts it back."""
    folder = tmp_path_factory.mktemp("small") / "archive"
    folder.mkdir()
    ledger = Ledger(folder, SigningKey.generate(ORIGIN))
    ledger.append(5)
    ledger.publish()
    assert check(ledger).ok
    return ledger


@pytest.mark.slow
@settings(max_examples=60)
@given(data=st.data())
def test_no_flipped_bit_goes_unseen(small: Ledger, data: st.DataObject) -> None:
    paths = sorted(path for path in small.archive.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(paths), "file")
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) * 8 - 1), "bit")
    flipped = bytearray(content)
    flipped[place // 8] ^= 1 << place % 8
    rewrite(path, bytes(flipped))
    try:
        assert not check(small).ok
    finally:
        rewrite(path, content)
