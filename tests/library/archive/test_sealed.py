"""Sealed objects: stored under the digest of what is stored, and no byte of the content on disk."""

from __future__ import annotations

import os
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muniment.archive.age_format import CHUNK, Identity, open_bytes, seal_bytes
from muniment.archive.deposit import deposit
from muniment.archive.objects import FolderStore
from muniment.archive.outcome import Refused, Sealing, Stored
from muniment.archive.sealed import open_sealed, seal_chunks
from muniment.capture.file import capture_file
from muniment.errors import TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIZES = (0, 1, 100, CHUNK, CHUNK + 1, 33 * CHUNK, 40 * CHUNK + 7)


@pytest.mark.parametrize("files", [3, 40], ids=["in this process", "in another"])
def test_deposited_files_are_sealed_while_they_are_copied(tmp_path: Path, files: int) -> None:
    """Content digest of the content, stored digest of the object; the content is nowhere."""
    store = FolderStore(tmp_path / "archive")
    store.prepare()
    keys: dict[str, Identity] = {}

    def seal(count: int) -> Sequence[Sealing]:
        made = {uuid4().hex: Identity.generate() for _ in range(count)}
        keys.update(made)
        return [Sealing(obj, key.recipient.text) for obj, key in made.items()]

    contents = [os.urandom(SIZES[n % len(SIZES)]) for n in range(files)]
    paths = [tmp_path / f"file {n}" for n in range(files)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    found = [capture_file(os.fsencode(path)) for path in (*paths, tmp_path / "none")]
    outcomes = [one for group in deposit(store, found, seal) for one in group]
    assert isinstance(outcomes.pop(), Refused)
    for one, content in zip(outcomes, contents, strict=True):
        assert isinstance(one, Stored)
        assert (one.sha256, one.size) == (sha256(content).hexdigest(), len(content))
        assert one.stored_sha256 != one.sha256
        with store.open(one.stored_sha256) as stream:
            stored = stream.read()
        assert sha256(stored).hexdigest() == one.stored_sha256
        assert open_bytes(stored, [keys[one.subject]]) == content
        with open_sealed(store.open(one.stored_sha256), keys[one.subject]) as opened:
            assert opened.read() == content
    assert len(set(store.digests())) == files  # the same bytes twice are two objects
    everything = b"".join(
        [p.read_bytes() for p in (tmp_path / "archive").rglob("*") if p.is_file()]
    )
    assert not [one for one in contents if len(one) >= 100 and one[:50] in everything]


@settings(max_examples=80, deadline=None)
@given(data=st.data(), size=st.sampled_from(SIZES))
def test_a_reader_may_begin_anywhere(data: st.DataObject, size: int) -> None:
    """Seeking and reading give what the content gives."""
    key = Identity.generate()
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    opened = open_sealed(BytesIO(seal_bytes(content, [key.recipient])), key)
    plain = BytesIO(content)
    for _ in range(6):
        place, count = data.draw(st.integers(0, size + 5)), data.draw(st.integers(0, 3 * CHUNK))
        assert opened.seek(place) == plain.seek(place)
        assert opened.read(count) == plain.read(count)
        assert opened.tell() == plain.tell()


@pytest.mark.parametrize("size", SIZES)
def test_chunks_for_a_store(size: int) -> None:
    """What is sealed in memory is the same format."""
    key = Identity.generate()
    content = os.urandom(size)
    assert open_bytes(b"".join(seal_chunks(content, key.recipient)), [key]) == content


def test_a_cut_or_changed_object_gives_no_byte_of_the_damage() -> None:
    """A cut end is seen before the first byte is given; a flipped bit where it is reached."""
    key = Identity.generate()
    sealed = seal_bytes(bytes(3 * CHUNK), [key.recipient])
    for cut in (1, 16, CHUNK + 16, 2 * CHUNK + 32):
        with pytest.raises(TamperSuspected):
            open_sealed(BytesIO(sealed[:-cut]), key)
    flipped = bytearray(sealed)
    flipped[-(2 * CHUNK)] ^= 1
    with pytest.raises(TamperSuspected), open_sealed(BytesIO(bytes(flipped)), key) as opened:
        opened.read()
    with pytest.raises(TamperSuspected):
        open_sealed(BytesIO(sealed), Identity.generate())
