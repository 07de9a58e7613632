"""A folder of encrypted copies: sealed files by name, and sets that say what they are.

    DEST/
    ├── muniment-backup.txt        what this folder is, in words
    ├── sealed/<2 hex>/<62 hex>    one file's bytes, sealed; never changed
    ├── sets/<size>-<time>.age     what one backup holds, sealed: every path, digest and sealed file
    └── tmp/                       what is being written

- Names tell nothing: they are keyed digests, so that whoever has the folder cannot look up whether
  a known file is in it. The same bytes have the same name, so a copy takes only what is new.
- A file counts as copied when it was read back, opened and found to have the digest of its source.
- A set is written last: what stands in a set is complete.

Not its job: which files belong to a workspace (`backup`), putting them back (`restoring`).
"""

from __future__ import annotations

import hmac
import json
import os
import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from muniment.archive.age import AgeKey, seal
from muniment.archive.durability import (
    cannot_write,
    not_durable,
    sync_folder,
)
from muniment.archive.publication import make_folders
from muniment.errors import InvalidInput, MunimentError, NotFound, TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from muniment.archive.age import Reader

MARKER = "muniment-backup.txt"
_SET = re.compile(r"([0-9]{12}-[0-9]{8}T[0-9]{6}Z)(?:-([0-9]+))?\.age")
_FORM = 1
_TEXT = """Encrypted copies of a Muniment workspace.

Nothing here can be read without the key that was made for these copies (backup.key), which is not
in this folder. To put a workspace back:

    muniment restore THIS_FOLDER NEW_FOLDER --key backup.key

Every file is in the format of age (age-encryption.org/v1), so `age -d -i backup.key` opens it too.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a workspace in a set."""

    path: str  # below the workspace, with `/`
    sha256: str
    size: int
    sealed: str  # its name in the folder


@dataclass(frozen=True, slots=True)
class BackupSet:
    """What one backup holds: a state of one workspace."""

    origin: str
    size: int  # acts of the log
    root: str  # of its tree, hex
    made: str
    recipients: tuple[str, ...]  # public keys whose private halves open every file of it
    entries: tuple[Entry, ...]

    def to_bytes(self) -> bytes:
        """Return the form in which it is sealed."""
        return json.dumps({"form": _FORM, **asdict(self)}, sort_keys=True).encode()


def parse_set(data: bytes) -> BackupSet:
    """Return what a set says; raises TamperSuspected where it is none."""
    try:
        document: dict[str, Any] = json.loads(data)
        {_FORM: None}[document.pop("form")]
        entries = tuple([Entry(**one) for one in document.pop("entries")])
        recipients = tuple(map(str, document.pop("recipients")))
        return BackupSet(entries=entries, recipients=recipients, **document)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise TamperSuspected(
            "what stands among the sets of this backup is none",
            code="backup.set",
            hint="Take an older set with --set, or another copy.",
        ) from None


class BackupFolder:
    """One folder of copies, and the key that opens them."""

    def __init__(self, root: Path, key: AgeKey) -> None:
        """Name the folder; nothing is read or written yet."""
        self.root = root
        self._key = key

    def prepare(self) -> None:
        """Make the folder, or see that it is one of copies.

        Raises InvalidInput for a folder of anything else, Unavailable.
        """
        try:
            changed = make_folders(str(self.root))
            if not (self.root / MARKER).is_file():
                if any(one.name != "tmp" for one in self.root.iterdir()):
                    raise InvalidInput(
                        f"{self.root} holds something else",
                        code="backup.folder",
                        hint="Name a new folder, or one that `muniment backup` made.",
                    )
                self._write(MARKER, _TEXT.encode())
            for name in ("sealed", "sets", "tmp"):
                changed |= make_folders(str(self.root / name))
            for left in (self.root / "tmp").iterdir():
                left.unlink()
        except OSError as error:
            raise cannot_write(error) from error
        for folder in changed:
            sync_folder(folder)

    def name_of(self, digest: str) -> str:
        """Return the name under which bytes of this digest are kept."""
        keyed = hmac.new(self._key.secret.encode(), digest.encode(), sha256).hexdigest()
        return f"{keyed[:2]}/{keyed[2:]}"

    def holds(self, digest: str) -> bool:
        """Say whether a sealed file for these bytes is here; whether it opens is for `verify`."""
        return (self.root / "sealed" / self.name_of(digest)).is_file()

    def put(self, source: Reader, digest: str, recipients: Sequence[str]) -> None:
        """Seal bytes of this digest, read them back and open them; durable on return.

        What stood under their name is replaced: the caller found that it does not open.

        Raises TamperSuspected where they are other bytes: nothing is kept then. Unavailable.
        """
        name = self.name_of(digest)
        draft = self.root / "tmp" / uuid4().hex
        read = _Hashing(source)
        try:
            with draft.open("xb", buffering=0) as file:
                seal(read, file, recipients)
                _sync(file)
            found = self._open_at(draft)
            if (read.hexdigest(), found.hexdigest()) != (digest, digest):
                raise TamperSuspected(
                    f"the bytes to copy are not those of {digest}",
                    code="backup.damaged",
                    hint="Run `muniment check --repair`; the earlier copies are as they were.",
                )
            self._publish(draft, f"sealed/{name}")
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            draft.unlink(missing_ok=True)

    def verify(
        self, entries: Iterable[Entry], progress: Callable[[int], None] = lambda _: None
    ) -> list[str]:
        """Open every sealed file of a set; return the paths whose bytes are not there any more."""
        wrong: list[str] = []
        for one in entries:
            try:
                found = self._open_at(self.root / "sealed" / one.sealed)
                whole = (found.hexdigest(), found.size) == (one.sha256, one.size)
            except (MunimentError, OSError):
                whole = False
            if not whole:
                wrong.append(one.path)
            progress(1)
        return wrong

    def sets(self) -> list[str]:
        """Return the names of the sets, oldest first."""
        try:
            names = os.listdir(self.root / "sets")
        except FileNotFoundError:
            return []
        found = [one for one in map(_SET.fullmatch, names) if one]
        return [one[0] for one in sorted(found, key=lambda one: (one[1], int(one[2] or 0)))]

    def read_set(self, name: str) -> BackupSet:
        """Open a set. Raises NotFound, TamperSuspected where it is not sealed to this key."""
        target = _Collecting()
        try:
            with (self.root / "sets" / name).open("rb") as file:
                self._key.open(file, target)
        except FileNotFoundError:
            raise NotFound(
                f"this backup has no set {name}",
                code="backup.no_set",
                hint="Their names are those of the files in the folder `sets`.",
            ) from None
        return parse_set(bytes(target.data))

    def add_set(self, one: BackupSet, recipients: Sequence[str]) -> str:
        """Seal a set and make it durable: from then on the backup exists. Returns its name."""
        stamp = one.made.replace("-", "").replace(":", "")
        name = f"{one.size:012d}-{stamp}.age"
        number = 1
        while (self.root / "sets" / name).exists():
            name = f"{one.size:012d}-{stamp}-{number}.age"
            number += 1
        source, target = _Bytes(one.to_bytes()), _Collecting()
        seal(source, target, recipients)
        self._write(f"sets/{name}", bytes(target.data))
        if self.read_set(name) != one:
            raise TamperSuspected("the set cannot be read back", code="backup.set")
        return name

    def remove_older(self, keep: int) -> int:
        """Remove all but the newest sets and what only they need; return how many sets went."""
        names = self.sets()
        old = names[:-keep]
        needed = {one.sealed for name in names[-keep:] for one in self.read_set(name).entries}
        gone = {one.sealed for name in old for one in self.read_set(name).entries} - needed
        for name in old:
            (self.root / "sets" / name).unlink()
        sync_folder(str(self.root / "sets"))
        for sealed in gone:
            (self.root / "sealed" / sealed).unlink(missing_ok=True)
        return len(old)

    def open_to(self, entry: Entry, target: BinaryIO) -> None:
        """Write the bytes of an entry; raises TamperSuspected where they are other bytes."""
        into = _Hashing(None, target)
        try:
            with (self.root / "sealed" / entry.sealed).open("rb") as file:
                self._key.open(file, into)
        except (FileNotFoundError, TamperSuspected):
            raise _damaged(entry) from None
        if (into.hexdigest(), into.size) != (entry.sha256, entry.size):
            raise _damaged(entry)

    def _open_at(self, path: Path) -> _Hashing:
        found = _Hashing()
        with path.open("rb") as file:
            self._key.open(file, found)
        return found

    def _write(self, name: str, data: bytes) -> None:
        (self.root / "tmp").mkdir(exist_ok=True)
        draft = self.root / "tmp" / uuid4().hex
        try:
            with draft.open("xb", buffering=0) as file:
                file.write(data)
                _sync(file)
            self._publish(draft, name)
        except OSError as error:
            raise cannot_write(error) from error
        finally:
            draft.unlink(missing_ok=True)

    def _publish(self, draft: Path, name: str) -> None:
        place = self.root / name
        for folder in make_folders(str(place.parent)):
            sync_folder(folder)
        try:
            draft.replace(place)
        except OSError as error:
            raise cannot_write(error) from error
        sync_folder(str(place.parent))


class _Hashing:
    """A reader or writer that takes the digest of what passes, and passes it on."""

    def __init__(self, source: Reader | None = None, target: BinaryIO | None = None) -> None:
        self._source = source
        self._target = target
        self._hashed = sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        data = self._source.read(size) if self._source else b""
        self._take(data)
        return data

    def write(self, data: bytes) -> int:
        if self._target is not None:
            self._target.write(data)
        self._take(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._hashed.hexdigest()

    def _take(self, data: bytes) -> None:
        self._hashed.update(data)
        self.size += len(data)


class _Bytes:
    """A reader of bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read(self, size: int) -> bytes:
        some, self._data = self._data[:size], self._data[size:]
        return bytes(some)


class _Collecting:
    """A writer into memory."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def _sync(file: Any) -> None:  # noqa: ANN401 - any open file
    try:
        os.fsync(file.fileno())
    except OSError as error:
        raise not_durable(error) from error


def _damaged(entry: Entry) -> TamperSuspected:
    return TamperSuspected(
        f"the copy of {entry.path} is damaged or gone",
        code="backup.copy_damaged",
        hint="Take an older set with --set, or another copy; nothing was put back.",
    )
