"""What every store of objects must keep, wherever it keeps them (muniment.archive.objects)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.errors import InvalidInput, MunimentError, NotFound
from muniment.testing.expecting import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment.archive.objects import ObjectStore

_CONTENTS: Final = (b"", b"\0", b"one", b"another\r\n", bytes(range(256)) * 4099)
_NO_DIGESTS: Final = ("", "00", "../" * 22, "A" * 64, "0" * 63 + "\n", "0" * 65, "/" * 64)
_WRITERS: Final = 8


class ObjectStoreContract:
    """Inherit, name the class `Test…`, and return a store that holds nothing yet."""

    def store(self) -> ObjectStore:
        """A fresh, empty store."""
        raise NotImplementedError

    def test_what_is_put_is_read_back_under_its_digest(self) -> None:
        """The digest is SHA-256, in hex, of exactly the bytes."""
        store = self.store()
        for data in _CONTENTS:
            stored = store.put_bytes(data)
            expect(stored.sha256 == sha256(data).hexdigest(), "Another digest was given.")
            expect(stored.size == len(data), "Another size was given.")
            expect(not stored.already_present, "It was said to be there before.")
            expect(_read(store, stored.sha256) == data, "Other bytes came back.")
            expect(store.has(stored.sha256), "It is not there.")
            expect(store.size(stored.sha256) == len(data), "Another size is kept.")

    def test_the_same_bytes_are_the_same_object(self) -> None:
        """Put twice, kept once, and the second put says so."""
        store = self.store()
        first, second = store.put_bytes(b"once"), store.put_bytes(b"once")
        expect(first.sha256 == second.sha256, "The same bytes have two names.")
        expect(second.already_present, "The second put did not see the first.")
        expect(list(store.digests()) == [first.sha256], "There is not just one object.")

    def test_a_stream_is_its_bytes_however_they_are_cut(self) -> None:
        """Chunks of any size, also none."""
        store = self.store()
        data = _CONTENTS[-1]
        whole = store.put_bytes(data)
        cut = store.put_stream(data[at : at + 1000] for at in range(0, len(data), 1000))
        expect(cut.sha256 == whole.sha256, "The stream has another digest.")
        expect(cut.already_present, "The stream is another object.")
        expect(store.put_stream(()).sha256 == sha256().hexdigest(), "Nothing is not empty.")

    def test_a_stream_that_breaks_leaves_nothing(self) -> None:
        """The exception comes through, and no object is made of what came before it."""
        store = self.store()

        def broken() -> Iterator[bytes]:
            yield b"first half"
            raise _BrokenError

        try:
            store.put_stream(broken())
        except _BrokenError:
            pass
        else:
            expect(False, "The exception of the stream was lost.")  # noqa: FBT003 - cannot hold here
        expect(list(store.digests()) == [], "Half a stream was kept.")

    def test_digests_come_in_order_and_complete(self) -> None:
        """Also those of objects that were put while nobody looked."""
        store = self.store()
        names = [store.put_bytes(b"%d" % number).sha256 for number in range(50)]
        expect(list(store.digests()) == sorted(names), "Not every digest came, or not in order.")

    def test_what_is_not_there_is_said_to_be_missing(self) -> None:
        """NotFound, with the code that every store uses."""
        store = self.store()
        absent = sha256(b"never put").hexdigest()
        expect(not store.has(absent), "It has what was never put.")
        expect(_code(NotFound, lambda: store.open(absent)) == "object.missing", "Another code.")
        expect(_code(NotFound, lambda: store.size(absent)) == "object.missing", "Another code.")

    def test_a_name_that_is_no_digest_names_nothing(self) -> None:
        """Whatever it says, it reaches nothing outside the store."""
        store = self.store()
        for name in _NO_DIGESTS:
            for ask in (store.open, store.size, store.has):
                code = _code(InvalidInput, partial(ask, name))
                expect(code == "object.digest", f"{name!r} was not refused.")

    def test_readers_do_not_share_a_place(self) -> None:
        """Each open object is read from its beginning."""
        store = self.store()
        name = store.put_bytes(b"abc").sha256
        with store.open(name) as one, store.open(name) as other:
            expect((one.read(2), other.read(2)) == (b"ab", b"ab"), "They share a place.")

    def test_many_writers_of_the_same_bytes_make_one_object(self) -> None:
        """One of them put it; for all others it was there."""
        store = self.store()
        for number in range(10):
            data = b"%d" % number * 5000
            with ThreadPoolExecutor(_WRITERS) as writers:
                stored = list(writers.map(store.put_bytes, [data] * _WRITERS))
            new = [one for one in stored if not one.already_present]
            expect(len(new) == 1, f"{len(new)} writers made the same object.")
            expect(_read(store, new[0].sha256) == data, "Other bytes came back.")


class _BrokenError(Exception):
    """What a stream raises in the middle."""


def _read(store: ObjectStore, digest: str) -> bytes:
    with store.open(digest) as handle:
        return handle.read()


def _code(kind: type[MunimentError], ask: Callable[[], object]) -> str:
    try:
        ask()
    except kind as error:
        return error.code
    return ""
