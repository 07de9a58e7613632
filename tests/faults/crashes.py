"""What a power cut may leave of a run that was recorded, write by write.

- From a trace come operations: names made, changed and removed; bytes written; syncs.
- The bytes of a file are durable once it was synced after they were written, a name once its folder
  was, and everything once its file system was: nothing else is believed, whatever file systems
  usually do beyond that.
- A state is the operations before the cut that were durable, and of the others all, none, or some.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDED = (
    "openat,open,creat,close,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,rename,"
    "renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,"
    "fdatasync,syncfs,sync,copy_file_range,sendfile,fallocate"
)
OPTIONS = ("-xx", "-s", "4000000", "-e", f"trace={RECORDED}")

_WHOLE = re.compile(r"(\d+)\s+(\w+)\((.*)\)\s+= (-?\d+)(.*)$")
_BEGUN = re.compile(r"(\d+)\s+(.*) <unfinished \.\.\.>$")
_ENDED = re.compile(r"(\d+)\s+<\.\.\. \w+ resumed>(.*)$")
_HEX = re.compile(r"\\x([0-9a-f]{2})")
_NOT_KEPT = ("-shm", ".lock")  # SQLite makes its index again; a lock is nobody's evidence
_ACKS = "acks"


@dataclass(slots=True)
class Op:
    """One operation; `began` and `ended` are lines of the trace."""

    kind: str
    began: int
    ended: int
    path: str = ""
    inode: int = 0
    offset: int = 0
    data: bytes = b""
    old: str = ""
    durable_from: int = 1 << 60  # the place among the operations of the sync that made it durable


@dataclass(slots=True)
class State:
    """A folder after a power cut: what stands in it, and what had been acknowledged before."""

    files: dict[str, bytes]
    folders: set[str]
    said: str


@dataclass(slots=True)
class Recording:
    """The operations of one run below a folder, and what stood there before."""

    base: dict[str, bytes]
    folders: set[str]
    ops: list[Op] = field(default_factory=list)

    def state(self, cut: int, keep: Callable[[], bool]) -> State:
        """Return what is left after the first `cut` operations, keeping those that `keep` says."""
        contents = {-1 - number: bytearray(data) for number, data in enumerate(self.base.values())}
        names = dict(zip(self.base, contents, strict=True))
        folders = set(self.folders)
        said: list[bytes] = []
        for op in self.ops[:cut]:
            if op.kind == "said":
                said.append(op.data)
            elif op.durable_from < cut or (op.kind not in _SYNCS and keep()):
                _apply(op, names, contents, folders)
        files = {
            name: bytes(contents[inode])
            for name, inode in names.items()
            if _folder_of(name) in folders
        }
        return State(files, folders, b"".join(said).decode())


_SYNCS = frozenset({"fsync", "syncfs"})


def _apply(  # noqa: C901 - one branch for each kind of operation
    op: Op, names: dict[str, int], contents: dict[int, bytearray], folders: set[str]
) -> None:
    if op.kind == "create":
        contents.setdefault(op.inode, bytearray())
        names[op.path] = op.inode
    elif op.kind == "write":
        content = contents.setdefault(op.inode, bytearray())
        if len(content) < op.offset:
            content.extend(bytes(op.offset - len(content)))
        content[op.offset : op.offset + len(op.data)] = op.data
    elif op.kind == "cut":
        content = contents.setdefault(op.inode, bytearray())
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
    elif op.kind == "rename":
        contents.setdefault(op.inode, bytearray())
        if names.get(op.old) == op.inode:
            del names[op.old]
        names[op.path] = op.inode
    elif op.kind == "unlink":
        if names.get(op.path) == op.inode:
            del names[op.path]
    elif op.kind == "mkdir":
        folders.add(op.path)
    elif op.kind == "rmdir":
        folders.discard(op.path)


def snapshot(folder: Path) -> Recording:
    """Take what stands in a folder now, all of it durable."""
    files: dict[str, bytes] = {}
    folders = {str(folder)}
    for path in folder.rglob("*"):
        if path.is_dir():
            folders.add(str(path))
        elif not path.name.endswith(_NOT_KEPT):
            files[str(path)] = path.read_bytes()
    return Recording(files, folders)


class Reader:
    """Reads the operations of a trace into a recording that holds what stood there before."""

    def __init__(self, recording: Recording, root: Path) -> None:
        self._recording = recording
        self._root = f"{root}/"
        self._inodes = {name: -1 - number for number, name in enumerate(recording.base)}
        self._sizes = {
            -1 - number: len(data) for number, data in enumerate(recording.base.values())
        }
        self._places: dict[int, int] = {}
        self._made = 0

    def read(self, trace: Path) -> None:
        """Read all of it; raises ValueError for a call whose effect is not known here."""
        for began, ended, text in _lines(trace):
            found = _WHOLE.match(text)
            if found and int(found[4]) >= 0:
                for op in self._ops(found[2], found[3].split(", "), int(found[4]), found[5]):
                    op.began, op.ended = began, ended
                    self._recording.ops.append(op)
        self._settle()

    def _ops(self, call: str, said: list[str], result: int, rest: str) -> Iterator[Op]:
        if call in {"openat", "open", "creat"}:
            yield from self._opened(said, rest)
        elif call in {"write", "pwrite64"}:
            yield from self._written(said, result, at=call == "pwrite64")
        elif call == "copy_file_range":
            yield from self._copied(said, result)
        elif call == "ftruncate":
            path = _path_of(said[0])
            if self._is_ours(path):
                self._sizes[self._inodes[path]] = int(said[1])
                yield self._op("cut", path, offset=int(said[1]))
        elif call in {"fsync", "fdatasync"}:
            path = _path_of(said[0])
            if path == self._root[:-1] or path.startswith(self._root):
                yield Op("fsync", 0, 0, path, self._inodes.get(path, 0))
        elif call in {"syncfs", "sync"}:
            yield Op("syncfs", 0, 0)
        elif call != "close":
            yield from self._named(call, said)

    def _opened(self, said: list[str], rest: str) -> Iterator[Op]:
        path = _path_of(rest)
        if not self._is_ours(path) or "O_DIRECTORY" in "".join(said):
            return
        if path == self._root + _ACKS:
            return
        flags = "".join(said)
        if path not in self._inodes:
            if "O_CREAT" not in flags:
                return  # a folder, or what was there and is not kept
            self._made += 1
            self._inodes[path] = self._made
            self._sizes[self._made] = 0
            yield self._op("create", path)
        inode = self._inodes[path]
        if "O_TRUNC" in flags:
            self._sizes[inode] = 0
            yield self._op("cut", path)
        self._places[inode] = self._sizes[inode] if "O_APPEND" in flags else 0

    def _written(self, said: list[str], result: int, *, at: bool) -> Iterator[Op]:
        path = _path_of(said[0])
        if not self._is_ours(path):
            return
        data = _text(said[1])[:result]
        if path == self._root + _ACKS:
            yield Op("said", 0, 0, data=data)
            return
        inode = self._inodes[path]
        offset = int(said[3]) if at else self._places[inode]
        if not at:
            self._places[inode] += result
        self._sizes[inode] = max(self._sizes[inode], offset + result)
        yield self._op("write", path, offset=offset, data=data)

    def _copied(self, said: list[str], result: int) -> Iterator[Op]:
        source, target = _path_of(said[0]), _path_of(said[2])
        if self._is_ours(target) and result:
            start, offset = self._place(source, said[1], result), int(said[3].strip("[]"))
            data = Path(source).read_bytes()[start : start + result]
            inode = self._inodes[target]
            self._sizes[inode] = max(self._sizes[inode], offset + result)
            yield self._op("write", target, offset=offset, data=data)

    def _place(self, path: str, said: str, count: int) -> int:
        """Return where a copy reads from: as it says, or from where the last one ended."""
        if said != "NULL":
            return int(said.strip("[]"))
        inode = self._inodes[path]
        self._places[inode] += count
        return self._places[inode] - count

    def _named(self, call: str, said: list[str]) -> Iterator[Op]:
        paths = list(_paths(said))
        if not any(map(self._is_ours, paths or map(_path_of, said))):
            return
        if call in {"rename", "renameat", "renameat2"}:
            old, new = paths
            inode = self._inodes.pop(old)
            self._inodes[new] = inode
            yield self._op("rename", new, old=old)
        elif call in {"link", "linkat"}:
            self._inodes[paths[1]] = self._inodes[paths[0]]
            yield self._op("create", paths[1])
        elif call in {"unlink", "unlinkat"} and "AT_REMOVEDIR" not in said[-1]:
            if paths[0] in self._inodes:
                yield self._op("unlink", paths[0])
                del self._inodes[paths[0]]
        elif call in {"rmdir", "unlinkat"}:
            yield Op("rmdir", 0, 0, paths[0])
        elif call in {"mkdir", "mkdirat"}:
            yield Op("mkdir", 0, 0, paths[0])
        else:
            message = f"the explorer does not know what {call} leaves behind"
            raise ValueError(message)

    def _op(self, kind: str, path: str, offset: int = 0, data: bytes = b"", old: str = "") -> Op:
        return Op(kind, 0, 0, path, self._inodes[path], offset, data, old)

    def _is_ours(self, path: str) -> bool:
        return path.startswith(self._root) and not path.endswith(_NOT_KEPT)

    def _settle(self) -> None:
        """Find for each operation the first sync that made it durable."""
        ops = self._recording.ops
        ops.sort(key=lambda op: op.ended)
        for place, sync in enumerate(ops):
            if sync.kind not in _SYNCS:
                continue
            for op in ops[:place]:
                if op.durable_from > place and op.ended < sync.began and _covers(sync, op):
                    op.durable_from = place


def _covers(sync: Op, op: Op) -> bool:
    if op.kind in _SYNCS:
        return False
    if sync.kind == "syncfs":
        return True
    if op.kind in {"write", "cut"}:
        return op.inode == sync.inode
    return _folder_of(op.path) == sync.path


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _lines(trace: Path) -> Iterator[tuple[int, int, str]]:
    """Give calls with the lines at which they began and ended, calls of threads put together."""
    waiting: dict[str, tuple[int, str]] = {}
    with trace.open(encoding="ascii", errors="replace") as file:
        for number, raw in enumerate(file):
            line = raw.rstrip("\n")
            if begun := _BEGUN.match(line):
                waiting[begun[1]] = (number, line.removesuffix(" <unfinished ...>"))
            elif ended := _ENDED.match(line):
                began, text = waiting.pop(ended[1])
                yield began, number, text + ended[2]
            else:
                yield number, number, line


def _text(quoted: str) -> bytes:
    """Return the bytes of a string that strace wrote in hexadecimal."""
    start, end = quoted.index('"') + 1, quoted.rindex('"')
    return bytes.fromhex(quoted[start:end].replace("\\x", ""))


def _path_of(descriptor: str) -> str:
    """Return the path that strace gives with a descriptor."""
    inside = descriptor.partition("<")[2].rpartition(">")[0]
    if descriptor.endswith("(deleted)"):
        return ""
    return _HEX.sub(lambda found: chr(int(found[1], 16)), inside)


def _paths(said: list[str]) -> Iterator[str]:
    """Give the paths of a call that names files, whether from a folder or whole."""
    folder = ""
    for one in said:
        if "<" in one and not one.startswith('"'):
            folder = _path_of(one)
        elif one.startswith('"'):
            yield os.path.normpath(Path(folder, os.fsdecode(_text(one))))
