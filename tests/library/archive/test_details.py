"""Details lines: one form, kept once, found again, missed when they are missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive.details import DetailsLine, Gap, parse_line, read_details, scan_details
from muniment.archive.layout import BUNDLE, bundle_name, recent_name
from muniment.archive.log_files import LogFiles
from muniment.errors import InvalidInput, TamperSuspected

TEXTS = st.text("ABCxyz019-_", min_size=1, max_size=30)
LINES = st.builds(
    DetailsLine,
    st.integers(0, 2**53 - 1),
    st.binary(max_size=60),
    st.lists(TEXTS, max_size=4).map(tuple),
)


def line(index: int) -> DetailsLine:
    return DetailsLine(index, b'{"leaf":%d}' % index, (f"text-{index}", "another"))


def kept(archive: Path) -> list[str]:
    folder = archive / "details"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.jsonl"))


@given(LINES)
def test_a_line_is_canonical_json(one: DetailsLine) -> None:
    data = one.to_bytes()
    assert data.endswith(b"\n")
    assert data[:-1] == rfc8785.dumps(json.loads(data))
    assert parse_line(data) == one


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"null\n",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        b'{"disclosures":[],"index":0,"leaf":""}',
        b'{"disclosures":[],"index":0,"leaf":""}\n\n',
        b'{"disclosures": [],"index":0,"leaf":""}\n',
        b'{"index":0,"disclosures":[],"leaf":""}\n',
        b'{"disclosures":[],"index":0,"leaf":"","more":1}\n',
        b'{"disclosures":[],"index":-1,"leaf":""}\n',
        b'{"disclosures":[],"index":true,"leaf":""}\n',
        b'{"disclosures":[],"index":0.0,"leaf":""}\n',
        b'{"disclosures":[],"index":00,"leaf":""}\n',
        b'{"disclosures":[],"index":0,"leaf":"YQ"}\n',
        b'{"disclosures":[],"index":0,"leaf":"YR=="}\n',
        b'{"disclosures":[1],"index":0,"leaf":""}\n',
        b'{"disclosures":["a b"],"index":0,"leaf":""}\n',
        b'{"disclosures":["\\u0061"],"index":0,"leaf":""}\n',
        b'{"disclosures":[""],"index":0,"leaf":""}\n',
        b"[" * 100_000,
    ],
)
def test_any_other_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_line(data)
    assert caught.value.code == "details.form"


@pytest.mark.parametrize("text", ["", 'a"', "a b", "a\n", "ä"])
def test_a_text_that_is_no_base64url_is_never_written(text: str) -> None:
    with pytest.raises(InvalidInput):
        DetailsLine(0, b"", (text,)).to_bytes()


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(1, 3 * BUNDLE), max_size=8, unique=True).map(sorted))
def test_lines_come_back_however_they_were_grouped(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    archive = tmp_path_factory.mktemp("details") / "archive"
    archive.mkdir()
    files = LogFiles(archive)
    end = 0
    for cut in cuts:
        assert files.details_size() == end
        files.publish_details(map(line, range(end, cut)))
        end = cut
    assert files.details_size() == end
    assert list(read_details(archive, 0, end)) == [line(index) for index in range(end)]
    complete = [bundle_name(number) for number in range(end // BUNDLE)]
    assert kept(archive)[: len(complete)] == complete
    assert all(name.startswith("recent/") for name in kept(archive)[len(complete) :])


@pytest.fixture
def files(tmp_path: Path) -> LogFiles:
    folder = tmp_path / "archive"
    folder.mkdir()
    return LogFiles(folder)


def test_the_entries_of_a_group_stay_together_until_their_256_are_complete(
    files: LogFiles, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    files.publish_details(map(line, range(3)))
    files.publish_details(map(line, range(3, 200)))
    assert kept(archive) == ["recent/0-2.jsonl", "recent/3-199.jsonl"]
    files.publish_details(map(line, range(200, 300)))
    assert kept(archive) == ["000.jsonl", "recent/256-299.jsonl"]
    assert [one.index for one in read_details(archive, 250, 260)] == list(range(250, 260))


def test_publishing_again_changes_nothing(files: LogFiles, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    files.publish_details(map(line, range(300)))
    before = {name: (archive / "details" / name).stat().st_mtime_ns for name in kept(archive)}
    for start, end in ((0, 300), (0, 10), (250, 260), (299, 300)):
        files.publish_details(map(line, range(start, end)))
    after = {name: (archive / "details" / name).stat().st_mtime_ns for name in kept(archive)}
    assert before == after


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_another_line_in_a_published_place_is_an_alarm(files: LogFiles, index: int) -> None:
    files.publish_details(map(line, range(300)))
    other = DetailsLine(index, b"another leaf", ())
    with pytest.raises(TamperSuspected) as caught:
        files.publish_details([other])
    assert caught.value.code == "archive.differs"


def test_what_is_missing_is_a_gap_and_can_be_published_again(
    files: LogFiles, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    for start in range(0, 700, 70):
        files.publish_details(map(line, range(start, start + 70)))
    (archive / "details" / "001.jsonl").unlink()
    (archive / "details" / recent_name(560, 629)).unlink()
    found = list(scan_details(archive, 200, 800))
    assert [one for one in found if isinstance(one, Gap)] == [
        Gap(256, 511),
        Gap(560, 629),
        Gap(700, 799),
    ]
    with pytest.raises(TamperSuspected) as caught:
        list(read_details(archive, 0, 300))
    assert caught.value.code == "details.missing"
    files.publish_details(map(line, range(256, 630)))
    assert list(read_details(archive, 0, 700)) == [line(index) for index in range(700)]


def test_publishing_goes_on_where_the_end_was_lost(files: LogFiles, tmp_path: Path) -> None:
    files.publish_details(map(line, range(600)))
    (tmp_path / "archive" / "details" / recent_name(512, 599)).unlink()
    assert files.details_size() == 512
    (tmp_path / "archive" / "details" / "001.jsonl").unlink()
    assert files.details_size() == 256


@pytest.mark.parametrize("damage", ["line lost", "lines swapped", "byte changed", "other end"])
def test_a_damaged_file_is_an_alarm(files: LogFiles, tmp_path: Path, damage: str) -> None:
    files.publish_details(map(line, range(256)))
    path = tmp_path / "archive" / "details" / "000.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if damage == "line lost":
        del lines[7]
    elif damage == "lines swapped":
        lines[7], lines[8] = lines[8], lines[7]
    elif damage == "byte changed":
        lines[7] = lines[7].replace(b"leaf", b"leaF")
    else:
        lines[7] = lines[7].replace(b"\n", b"\r\n")
    path.unlink()
    path.write_bytes(b"".join(lines))
    with pytest.raises(TamperSuspected) as caught:
        list(read_details(tmp_path / "archive", 0, 256))
    assert caught.value.code == "details.damaged"


def test_a_long_log_has_no_long_folder() -> None:
    assert bundle_name(7) == "007.jsonl"
    assert bundle_name(1_234_567) == "x001/x234/567.jsonl"
