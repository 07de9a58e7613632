"""A second writer of exhibit bundles, made from custody-log §1, §2 and §7 for the readers' tests.

- It shares no code with the project: trees by the recursive definition of RFC 9162, its own notes,
  ZIP by `zipfile`. What both writers get right, the readers do not owe to one writer's habits.
- Everything is deterministic: same story, same bytes.
- `hooks` let a test be a dishonest holder of the log key: each names a point of the writing and
  gets what was about to be written. Edits of the finished files are `Bundle.with_files`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import struct
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

# What hooks are handed: JSON, text or bytes, as the point of writing has it.
Tree: TypeAlias = Any
Hooks = dict[str, "Callable[[Any], Any]"]

ORIGIN = "specimen.muniment.invalid/reader-tests-0123abcd"
TEMPLATE = (
    b'<!doctype html><meta charset="utf-8"><title>SPECIMEN exhibit</title>\n'
    b'<script type="application/json" id="bundle"></script>\n<script>"checks";</script>\n'
)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def name_id(name: str) -> str:
    """The same 32 hex digits for the same name."""
    return sha(name.encode())[:32]


def jcs(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# Trees, by definition (RFC 9162 2.1.1, 2.1.3.1, 2.1.4.1)


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) <= 1:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    k = _split(len(hashes))
    return hashlib.sha256(b"\x01" + tree_root(hashes[:k]) + tree_root(hashes[k:])).digest()


def _split(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


def inclusion(hashes: Sequence[bytes], index: int) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = _split(len(hashes))
    if index < k:
        return [*inclusion(hashes[:k], index), tree_root(hashes[k:])]
    return [*inclusion(hashes[k:], index - k), tree_root(hashes[:k])]


def consistency(hashes: Sequence[bytes], old: int) -> list[bytes]:
    return [] if old == len(hashes) else _subproof(hashes, old, whole=True)


def _subproof(hashes: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(hashes):
        return [] if whole else [tree_root(hashes)]
    k = _split(len(hashes))
    if old <= k:
        return [*_subproof(hashes[:k], old, whole=whole), tree_root(hashes[k:])]
    return [*_subproof(hashes[k:], old - k, whole=False), tree_root(hashes[:k])]


# Keys and notes (C2SP signed-note, tlog-cosignature)


@dataclass(frozen=True)
class Key:
    name: str
    seed: bytes
    kind: int = 1

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def material(self) -> bytes:
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return bytes([self.kind]) + public

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.material).digest()[:4]

    @property
    def text(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(self.material)}"

    def line(self, text: str) -> str:
        """A signature line over a note's text; a witness (type 4) signs with a time."""
        signature = self.private.sign(text.encode())
        if self.kind == 4:
            time = 1_800_000_000
            message = f"cosignature/v1\ntime {time}\n{text}"
            signature = struct.pack(">Q", time) + self.private.sign(message.encode())
        return f"— {self.name} {b64(self.key_id + signature)}\n"


def key(name: str, kind: int = 1, seed: str = "") -> Key:
    return Key(name, hashlib.sha256((seed or name).encode()).digest(), kind)


LOG_KEY = key(ORIGIN)


def note(text: str, signers: Iterable[Key]) -> bytes:
    return (text + "\n" + "".join(signer.line(text) for signer in signers)).encode()


# Stories


@dataclass
class Part:
    path: str
    data: bytes
    name: str = "как получено.jpg"
    media_type: str = "image/jpeg"

    @property
    def named(self) -> dict[str, Any]:
        return {"path": self.path, "sha256": sha(self.data), "size": len(self.data)}

    @property
    def committed(self) -> dict[str, Any]:
        return {
            "media_type": self.media_type,
            "part": name_id(self.path),
            "sha256": sha(self.data),
            "size": len(self.data),
        }


@dataclass
class Act:
    """An act to be logged; `label` is how hooks and tests refer to it."""

    label: str
    kind: str
    subject: str
    groups: dict[str, Any] = field(default_factory=dict)
    withhold: frozenset[str] = frozenset()
    second: int | None = None


@dataclass
class Logged:
    act: Act
    leaf: bytes
    disclosures: list[str]


@dataclass
class Item:
    number: str
    label: str
    parts: list[Part]

    @property
    def obj(self) -> str:
        return name_id(self.label)


class Log:
    """A log in memory whose acts are written the way custody-log §2 says."""

    def __init__(self, hooks: Mapping[str, Callable[[Any], Any]], origin: str) -> None:
        self.origin = origin
        self.logged: list[Logged] = []
        self._hooks = hooks
        self._salts = itertools.count()

    def hook(self, point: str, value: Tree) -> Tree:
        return self._hooks[point](value) if point in self._hooks else value

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(one.leaf) for one in self.logged]

    def own(self, subject: str) -> list[int]:
        return [at for at, one in enumerate(self.logged) if one.act.subject == subject]

    def disclosure(self, name: str, value: object) -> tuple[str, str]:
        salt = b64url(hashlib.sha256(b"salt %d" % next(self._salts)).digest()[:16])
        text = b64url(jcs([salt, name, value]))
        return text, b64url(hashlib.sha256(text.encode()).digest())

    def append(self, act: Act) -> int:
        before = self.own(act.subject)
        second = len(self.logged) if act.second is None else act.second
        chain = {
            "act": act.kind,
            "by": name_id("agent"),
            "n": len(before),
            "obj": name_id(act.subject),
            "prev": leaf_hash(self.logged[before[-1]].leaf).hex() if before else "",
            "t": f"2026-11-21T{8 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z",
        }
        chain = self.hook(f"chain {act.label}", chain)
        groups = self.hook(f"groups {act.label}", {"chain": chain, **act.groups})
        texts: list[str] = []
        digests: list[str] = []
        for name, value in groups.items():
            hidden, value_given = self._nested(value)
            text, digest = self.disclosure(name, value_given)
            digests.append(digest)
            if name not in act.withhold:
                texts += [text, *hidden]
        leaf = {"_sd": sorted(digests), "eid": name_id(act.label), "log": self.origin, "v": 1}
        data = self.hook(f"leaf bytes {act.label}", jcs(self.hook(f"leaf {act.label}", leaf)))
        texts = self.hook(f"disclosures {act.label}", texts)
        self.logged.append(Logged(act, data, texts))
        return len(self.logged) - 1

    def _nested(self, value: Tree) -> tuple[list[str], Tree]:
        """A `state` group is a mapping of rows, each disclosed on its own."""
        if not isinstance(value, dict) or "rows" not in value:
            return [], value
        texts, digests = [], []
        for name, row in value["rows"].items():
            inner, inner_digest = self.disclosure("public", row)
            text, digest = self.disclosure(name, {"_sd": [inner_digest], "schema": 1})
            texts += [text, inner]
            digests.append(digest)
        return texts, {"_sd": sorted(digests)}

    def close(self, label: str, subject: str, members: Sequence[int], **more: Tree) -> int:
        root = tree_root([leaf_hash(self.logged[at].leaf) for at in members])
        reason = {"count": len(members), "more": False, "root": root.hex()}
        reason = self.hook(f"reason {label}", {**reason, **more.pop("reason", {})})
        return self.append(Act(label, "batch.closed", subject, {"reason": reason, **more}))

    def head(self, size: int, signers: Sequence[Key]) -> bytes:
        root = b64(tree_root(self.hashes[:size]))
        text = self.hook(f"head {size}", f"{self.origin}\n{size}\n{root}\n")
        return note(text, signers)


@dataclass(frozen=True)
class Bundle:
    """Finished files of a bag by path, and the name of its folder in a ZIP."""

    name: str
    files: Mapping[str, bytes]
    template: bytes = TEMPLATE

    def with_files(self, changed: Mapping[str, bytes | None]) -> Bundle:
        """The bundle with files replaced, added or (None) taken away; nothing else follows."""
        files = {**self.files, **changed}
        kept = {path: data for path, data in files.items() if data is not None}
        return replace(self, files=kept)

    def resealed(self, changed: Mapping[str, bytes | None] | None = None) -> Bundle:
        """The same, with page and manifests made again: what a careful forger would do."""
        return sealed(self.with_files(changed or {}))

    def zipped(self) -> bytes:
        return zip_of({f"{self.name}/{path}": data for path, data in self.files.items()})

    def extract(self, folder: Path) -> Path:
        for path, data in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        return folder


def zip_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(members):
            info = zipfile.ZipInfo(path)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[path])
    return buffer.getvalue()


def sealed(bundle: Bundle) -> Bundle:
    files = dict(bundle.files)
    if "record.html" in files:
        files["record.html"] = page(files, bundle.template)
    payload = {path for path in files if path.startswith("data/")}
    for name, algorithm in (("manifest-sha256.txt", "sha256"), ("manifest-sha512.txt", "sha512")):
        if name in files:
            files[name] = manifest({path: files[path] for path in payload}, algorithm)
    tags = files.keys() - payload - {"tagmanifest-sha256.txt"}
    if "tagmanifest-sha256.txt" in files:
        files["tagmanifest-sha256.txt"] = manifest({path: files[path] for path in tags}, "sha256")
    return replace(bundle, files=files)


def manifest(files: Mapping[str, bytes], algorithm: str) -> bytes:
    lines = [f"{hashlib.new(algorithm, files[path]).hexdigest()}  {path}\n" for path in files]
    return "".join(sorted(lines, key=lambda line: line.split("  ")[1])).encode()


def page(files: Mapping[str, bytes], template: bytes = TEMPLATE) -> bytes:
    text, binary = {}, {}
    for path, data in files.items():
        if path.startswith("custody/") or path == "data/record.json":
            try:
                text[path] = data.decode()
            except UnicodeDecodeError:
                binary[path] = b64(data)
    block = jcs({"binary": binary, "text": text}).replace(b"<", b"\\u003c")
    return template.replace(b"</script>", block + b"</script>", 1)
