"""The headers of the ZIP: one form, the same as other readers expect, above 4 GiB as well."""

from __future__ import annotations

import os
import subprocess
import zipfile
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.export.api import PayloadFile
from muniment.export.exhibit import zipping
from muniment.verify import archive_zip
from tests.library.exhibit.story import NAME, Told, tell

SIZES = st.integers(0, 2**34) | st.sampled_from([2**32 - 2, 2**32 - 1, 2**32, 2**40])


@given(st.text("abc./-019", min_size=1), st.integers(0, 2**32 - 1), SIZES, SIZES)
def test_headers_are_those_the_reader_expects(name: str, crc: int, size: int, start: int) -> None:
    ours = zipping.Member(name.encode(), crc, size, start)
    theirs = archive_zip._Member(name.encode(), crc, size, start)
    assert (ours.local, ours.central) == (theirs.local, theirs.central)


@given(st.integers(1, 70_000), SIZES, SIZES)
def test_the_end_is_what_the_reader_expects(count: int, size: int, start: int) -> None:
    assert zipping.end_records(count, size, start) == archive_zip._end_records(count, size, start)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide fields from 1,000 bytes on, as if that were 4 GiB."""
    monkeypatch.setattr(zipping, "WIDE_FROM", 1000)
    monkeypatch.setattr(zipping, "WIDE_COUNT_FROM", 10)


@pytest.mark.usefixtures("narrow")
def test_other_tools_read_wide_fields(tmp_path: Path) -> None:
    told: Told = tell()
    told.write(tmp_path / "wide.zip")
    with zipfile.ZipFile(tmp_path / "wide.zip") as archive:
        assert archive.testzip() is None
        wide = [info for info in archive.infolist() if info.file_size >= 1000]
        assert wide
        assert all(info.extract_version == 45 for info in wide)
        names = archive.namelist()
    subprocess.run(["unzip", "-tq", "wide.zip"], cwd=tmp_path, check=True)
    subprocess.run(["unzip", "-q", "wide.zip"], cwd=tmp_path, check=True)
    for file in told.prepared.payload:
        assert sha256((tmp_path / NAME / file.path).read_bytes()).hexdigest() == file.sha256
    assert len(names) == len({*names})


def test_wide_fields_stand_only_where_they_must(tmp_path: Path) -> None:
    with zipfile.ZipFile(BytesIO(tell().write(tmp_path / "a.zip"))) as archive:
        assert [info.extra for info in archive.infolist()] == [b""] * len(archive.infolist())


@given(st.lists(st.binary(max_size=3000), max_size=6))
def test_the_whole_digest_is_that_of_the_file(members: list[bytes]) -> None:
    descriptor = os.memfd_create("zip")
    with zipping.ZipWriter(descriptor) as writer:
        for number, data in enumerate(members):
            if number % 2:
                writer.add_bytes(f"m{number}", data)
            else:
                digest = sha256(data).hexdigest()
                file = PayloadFile("p", digest, len(data), partial(BytesIO, data))
                writer.add(f"m{number}", file)
        digest, size = writer.finish()
    whole = os.pread(descriptor, size + 1, 0)
    os.close(descriptor)
    assert (sha256(whole).hexdigest(), len(whole)) == (digest, size)
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        assert [archive.read(name) for name in archive.namelist()] == members
