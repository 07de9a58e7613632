"""Keys of closed compartments: wrapped, moved, destroyed, rotated, and none lost by a kill."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pyrage
import pytest

from muniment.archive import age_key_files, key_store, keyring
from muniment.archive.age_format import Identity, open_bytes
from muniment.archive.keyring import DESTROYED, ESCROW, Founded, Keyring
from muniment.errors import Conflict, InvalidInput, MunimentError, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOME, OTHER = uuid4().hex, uuid4().hex


@pytest.fixture
def founded(tmp_path: Path) -> Iterator[tuple[Keyring, Founded, Path]]:
    """A keyring with two compartments, in memory: durability is not what is tested here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield _founded(Path(folder) / "keys")


def _founded(folder: Path) -> tuple[Keyring, Founded, Path]:
    folder.mkdir(mode=0o700)
    keys = Keyring(folder)
    made = keys.found()
    keys.create_compartment(HOME)
    keys.create_compartment(OTHER)
    return keys, made, folder


def ids(count: int) -> list[str]:
    """Fresh subject ids."""
    return [uuid4().hex for _ in range(count)]


def raw(folder: Path) -> bytes:
    """Every byte of every file of a keys folder."""
    return b"".join([path.read_bytes() for path in sorted(folder.iterdir())])


def test_a_data_key_comes_back_as_it_was_made(founded: tuple[Keyring, Founded, Path]) -> None:
    """In this process and from the files alone; nothing but its owner may read them."""
    keys, _, folder = founded
    subjects = ids(300)
    made = keys.new_subjects(subjects, HOME)
    assert Keyring(folder).open_subjects(subjects) == made
    assert keys.home_of(subjects[0]) == HOME
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    with pytest.raises(Conflict):
        keys.new_subject(subjects[0], HOME)
    with pytest.raises(NotFound):
        keys.new_subject(uuid4().hex, uuid4().hex)
    with pytest.raises(NotFound):
        keys.open_subject(uuid4().hex)


def test_no_secret_stands_in_clear(founded: tuple[Keyring, Founded, Path]) -> None:
    """A stolen store of data keys opens nothing without a compartment's key."""
    keys, made, folder = founded
    key = keys.new_subject(uuid4().hex, HOME)
    for secret in (key, made.recovery, made.escrow):
        assert secret.secret not in raw(folder)
        assert secret.text.encode() not in raw(folder)
        assert secret.text not in repr(secret)


def test_a_wrapped_key_opens_with_another_age(founded: tuple[Keyring, Founded, Path]) -> None:
    """The recovery key and any age program are enough; nobody depends on this one."""
    keys, made, folder = founded
    obj = uuid4().hex
    key = keys.new_subject(obj, HOME)
    found = key_store.KeyStore(folder / "subjects.keys").find([obj])[obj]
    reader = pyrage.x25519.Identity.from_str(made.recovery.text)
    assert pyrage.decrypt(found.data, [reader]).decode() == key.text


def test_moved_to_another_compartment_or_to_escrow(founded: tuple[Keyring, Founded, Path]) -> None:
    """Only the new holder opens it, and the key that is kept elsewhere brings it back."""
    keys, made, folder = founded
    obj = uuid4().hex
    key = keys.new_subject(obj, HOME)
    keys.rewrap(obj, OTHER)
    (folder / f"compartment-{HOME}.key").unlink()
    assert keys.open_subject(obj) == key
    keys.rewrap(obj, ESCROW)
    assert keys.home_of(obj) == ESCROW
    with pytest.raises(Unavailable) as refused:
        keys.open_subject(obj)
    assert refused.value.code == "key.in_escrow"
    with pytest.raises(Unavailable):
        keys.rewrap(obj, OTHER)
    with pytest.raises(MunimentError):
        keys.rewrap(obj, OTHER, using=[made.recovery])
    keys.rewrap(obj, OTHER, using=[made.escrow])
    assert keys.open_subject(obj) == key


def test_destroyed_is_gone_from_every_byte(founded: tuple[Keyring, Founded, Path]) -> None:
    """No wrapped copy remains in the store or its journal, moved or not; others still open."""
    keys, _, folder = founded
    subjects = ids(40)
    made = keys.new_subjects(subjects, HOME)
    store = key_store.KeyStore(folder / "subjects.keys")
    first = store.find(subjects)
    keys.rewrap(subjects[0], OTHER)
    second = store.find(subjects)
    gone, kept = subjects[::2], subjects[1::2]
    assert all(second[obj].data in raw(folder) for obj in gone)
    keys.destroy(*gone)
    keys.destroy(gone[0])
    left = raw(folder)
    for obj in gone:
        assert keys.home_of(obj) == DESTROYED
        for wrapped in (first[obj].data, second[obj].data):
            # any eight bytes of the sealed part would do to look for it
            assert not any(wrapped[at : at + 16] in left for at in range(30, len(wrapped) - 16))
        with pytest.raises(NotFound) as refused:
            keys.open_subject(obj)
        assert refused.value.code == "key.destroyed"
    assert keys.open_subjects(kept) == {obj: made[obj] for obj in kept}


def test_rotation_wraps_everything_to_a_new_key(founded: tuple[Keyring, Founded, Path]) -> None:
    """The old key opens nothing any more and is on no file; other compartments stay as they are."""
    keys, _, folder = founded
    subjects, others = ids(300), ids(3)
    made = keys.new_subjects(subjects, HOME) | keys.new_subjects(others, OTHER)
    path = folder / f"compartment-{HOME}.key"
    old = path.read_text().splitlines()[1]
    assert keys.rotate(HOME) == len(subjects)
    assert old.encode() not in raw(folder)
    assert keys.open_subjects([*subjects, *others]) == made
    for one in key_store.KeyStore(folder / "subjects.keys").find(subjects).values():
        with pytest.raises(MunimentError):
            open_bytes(one.data, [Identity.parse(old)])
    assert sorted(one.name for one in folder.iterdir() if "compartment-" in one.name) == sorted(
        [f"compartment-{HOME}.key", f"compartment-{OTHER}.key"]
    )


def test_a_lost_compartment_key_is_made_again_with_the_recovery_key(
    founded: tuple[Keyring, Founded, Path],
) -> None:
    """Without it nothing opens; with it everything does."""
    keys, made, folder = founded
    subjects = ids(5)
    data = keys.new_subjects(subjects, HOME)
    (folder / f"compartment-{HOME}.key").unlink()
    with pytest.raises(MunimentError):
        keys.open_subject(subjects[0])
    with pytest.raises(MunimentError):
        keys.rotate(HOME, using=[made.escrow])
    assert keys.rotate(HOME, using=[made.recovery]) == len(subjects)
    assert keys.open_subjects(subjects) == data


def _killed_at(step: int, body: Callable[[], object]) -> bool:
    """Run a body in a process that kills itself before its n-th durable step; say if it did."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == signal.SIGKILL
    left = step

    def counted(name: str, module: object) -> None:
        real: Callable[..., object] = getattr(module, name)

        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        setattr(module, name, call)

    for name in ("fsync", "link", "unlink", "replace", "pwrite"):
        counted(name, os)
    for name in ("set_recipient", "replace", "wrapped_otherwise"):
        counted(name, key_store.KeyStore)
    for name in ("sync_folder", "overwrite"):
        counted(name, keyring)
    for name in ("sync_folder", "write_new"):
        counted(name, age_key_files)
    status = 1
    try:
        body()
        status = 0
    finally:
        os._exit(status)


@pytest.mark.slow
def test_killed_at_every_step_a_rotation_loses_nothing(
    founded: tuple[Keyring, Founded, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each kill every data key opens; called again, the rotation ends, old key last."""
    keys, _, folder = founded
    monkeypatch.setattr(key_store, "_AT_ONCE", 4)
    made = keys.new_subjects(ids(9), HOME)
    killed = 0
    for step in range(1, 200):
        old = (folder / f"compartment-{HOME}.key").read_text().splitlines()[1]
        if not _killed_at(step, lambda: keys.rotate(HOME)):
            break
        killed += 1
        assert keys.open_subjects(made) == made, f"step {step}"
        late = keys.new_subject(uuid4().hex, HOME)
        assert isinstance(late, Identity)
        keys.rotate(HOME)
        assert keys.open_subjects(made) == made, f"step {step}, finished"
        assert old.encode() not in raw(folder)
        assert not [one for one in folder.iterdir() if one.suffix in {".next", ".old"}]
    assert killed >= 15


def test_a_digest_of_a_digest_is_this_workspace_s_own(
    founded: tuple[Keyring, Founded, Path], tmp_path: Path
) -> None:
    """The same bytes are told again here, and mean nothing elsewhere."""
    keys, _, folder = founded
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Keyring(elsewhere)
    other.found()
    digest = "ab" * 32
    assert keys.keyed_digest(digest) == Keyring(folder).keyed_digest(digest)
    assert keys.keyed_digest(digest) != other.keyed_digest(digest)


def test_a_copy_of_the_store_is_whole(
    founded: tuple[Keyring, Founded, Path], tmp_path: Path
) -> None:
    """What a backup takes is a database that opens, as of one moment."""
    keys, _, _ = founded
    made = keys.new_subjects(ids(20), HOME)
    copy = tmp_path / "copy.keys"
    copy.write_bytes(keys.snapshot())
    assert set(key_store.KeyStore(copy).find(made)) == set(made)


def test_bad_input_is_said(founded: tuple[Keyring, Founded, Path]) -> None:
    """No id, a key that others may read, a store that is none."""
    keys, _, folder = founded
    with pytest.raises(InvalidInput):
        keys.create_compartment("../x")
    path = folder / f"compartment-{HOME}.key"
    obj = uuid4().hex
    keys.new_subject(obj, HOME)
    path.chmod(0o644)
    with pytest.raises(InvalidInput) as refused:
        keys.open_subject(obj)
    assert refused.value.code == "key.mode"
    (folder / "subjects.keys").write_bytes(b"no database")
    with pytest.raises(Unavailable):
        keys.home_of(obj)
