"""Bags to be spoilt: the files of a finished exhibit, and what a careful forger can make again.

- `sealed` makes manifests and page anew, without the log's key: all that needs no key.
- ZIPs are written by Python's `zipfile`, in the one form; the exhibit's own writer is not used.
- `Mutation.must` are the verdicts that every reader must fail, `may` those that may rightly fail.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from muniment.export.exhibit import write_folder
from muniment.export.verifier_assembly import assemble
from tests.library.exhibit.ledger import Value
from tests.library.exhibit.story import Plan, Told, exported, items, tell

PAGE, RECORD = "record.html", "data/record.json"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
ENTRIES, CHECKPOINT = "custody/entries.jsonl", "custody/checkpoint"
KEYS, POLICY = "custody/keys", "custody/policy"
REMADE = (PAGE, MANIFEST, TAG_MANIFEST)

BYTES, INCLUDED, APPEND, CHAIN = "bytes_intact", "included", "append_only", "chain_complete"
WITNESSED, EXISTED, DISCLOSED = "witnessed", "existed_before", "disclosed"


@dataclass(frozen=True)
class Mutation:
    """A spoilt exhibit, and what may be said against it."""

    name: str
    must: frozenset[str]
    may: frozenset[str]
    make: Callable[[], bytes]
    log_key: str = ""


def spoilt(
    name: str,
    make: Callable[[], bytes],
    *must: str,
    may: tuple[str, ...] = (),
    log_key: str = "",
) -> Mutation:
    return Mutation(name, frozenset(must), frozenset((*must, *may)), make, log_key)


@dataclass(frozen=True)
class Bag:
    """The files of a bag by path."""

    name: str
    files: Mapping[str, bytes]
    template: bytes

    def changed(self, changes: Mapping[str, bytes | None]) -> Bag:
        """The bag with files replaced or added, and those taken away that are None."""
        files = {**self.files, **changes}
        return replace(self, files={path: data for path, data in files.items() if data is not None})

    def sealed(self) -> Bag:
        """The bag with page and manifests made again, where it has them."""
        files = dict(self.files)
        if PAGE in files:
            files[PAGE] = self.page(files)
        payload = [path for path in files if path.startswith("data/")]
        if MANIFEST in files:
            files[MANIFEST] = manifest(files, payload)
        if TAG_MANIFEST in files:
            files[TAG_MANIFEST] = manifest(files, files.keys() - {*payload, TAG_MANIFEST})
        return replace(self, files=files)

    def page(self, files: Mapping[str, bytes]) -> bytes:
        text: dict[str, str] = {}
        binary: dict[str, str] = {}
        for path, data in files.items():
            if path.startswith("custody/") or path == RECORD:
                try:
                    text[path] = data.decode()
                except UnicodeDecodeError:
                    binary[path] = b64encode(data).decode()
        block = jcs({"binary": binary, "text": text}).replace(b"<", b"\\u003c")
        return self.template.replace(b'id="bundle"></script>', b'id="bundle">%b</script>' % block)

    def members(self) -> dict[str, bytes]:
        return {f"{self.name}/{path}": data for path, data in self.files.items()}

    def zipped(self) -> bytes:
        return zip_of(self.members())

    def sealed_and_zipped(self) -> bytes:
        return self.sealed().zipped()

    def value(self, path: str) -> Value:
        return json.loads(self.files[path])

    @property
    def lines(self) -> list[Value]:
        """The entries, one by one."""
        return [json.loads(line) for line in self.files[ENTRIES].splitlines()]

    def with_lines(
        self, lines: list[Value], changes: Mapping[str, bytes | None] | None = None
    ) -> Bag:
        data = b"".join(jcs(line) + b"\n" for line in lines)
        return self.changed({ENTRIES: data, **(changes or {})})

    @property
    def parts(self) -> list[str]:
        return sorted(p for p in self.files if p.startswith("data/") and p != RECORD)

    @property
    def proofs(self) -> list[str]:
        """Paths of the inclusion proofs, in index order."""
        paths = [path for path in self.files if path.startswith("custody/proofs/")]
        return sorted(paths, key=lambda path: int(path.split("/")[2].split(".")[0]))

    @property
    def old_heads(self) -> list[str]:
        return sorted(path for path in self.files if path.startswith("custody/consistency/"))


def jcs(value: Value) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def manifest(files: Mapping[str, bytes], paths: Iterable[str]) -> bytes:
    lines = [f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(paths)]
    return "".join(lines).encode()


def zip_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(members):
            archive.writestr(member(path), members[path])
    return buffer.getvalue()


def member(path: str) -> zipfile.ZipInfo:
    """A member in the one form."""
    info = zipfile.ZipInfo(path)
    info.create_system, info.external_attr = 3, 0o100644 << 16
    return info


def bag_of(told: Told) -> Bag:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "bag"
        write_folder(told.prepared, told.custody, root)
        files = {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file()
        }
    return Bag(told.dossier.name, files, told.prepared.template)


def forged(told: Told) -> Bag:
    """The bag of a keeper whose story the exhibit's own writer would refuse: written by hand."""
    custody = told.custody
    checkpoint = custody.checkpoint
    files = dict(told.prepared.made)
    for part in told.prepared.payload:
        with part.open() as source:
            files[part.path] = source.read()
    files[CHECKPOINT] = checkpoint
    files[KEYS] = "".join(f"{key}\n" for key in custody.keys).encode()
    files[POLICY] = custody.policy
    files[ENTRIES] = b""
    for entry in custody.entries:
        leaf = b64encode(entry.leaf).decode()
        line = {"disclosures": list(entry.disclosures), "index": entry.index, "leaf": leaf}
        files[ENTRIES] += jcs(line) + b"\n"
        head = f"c2sp.org/tlog-proof@v1\nindex {entry.index}\n"
        proof = (head + lines_of(custody.proofs[entry.index]) + "\n").encode() + checkpoint
        files[f"custody/proofs/{entry.index}.tlog-proof"] = proof
    size = checkpoint.split(b"\n")[1].decode()
    for old in custody.old_heads:
        then = old.note.split(b"\n")[1].decode()
        path = f"custody/consistency/{then}-{size}"
        files[path] = old.note + b"\n" + lines_of(old.proof).encode()
    files |= dict.fromkeys(REMADE, b"")
    return Bag(told.dossier.name, files, told.prepared.template).sealed()


def lines_of(hashes: Iterable[bytes]) -> str:
    return "".join(f"{b64encode(one).decode()}\n" for one in hashes)


VERIFIER = assemble().encode()


@cache
def story() -> Told:
    """The exhibit that is spoilt."""
    return tell(Plan(verifier=VERIFIER))


@cache
def whole() -> Bag:
    return bag_of(story())


@cache
def later() -> Bag:
    """Another exhibit of the same log: two of the items, exported once more."""
    plan = Plan(verifier=VERIFIER, later_acts=3)
    return bag_of(exported(tell(plan).ledger, plan, items()[:2], "export 13"))


@cache
def elsewhere() -> Bag:
    """The same story told by another log."""
    return bag_of(tell(Plan(verifier=VERIFIER, origin="specimen.muniment.invalid/other-11111111")))


@cache
def thief() -> Bag:
    """The same story under the same name of a log, signed by another key."""
    return bag_of(tell(Plan(verifier=VERIFIER, secret="another key")))


def opened(text: str) -> Value:
    """What a disclosure says: salt, name, value."""
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def closed(parts: Value) -> str:
    """The text of a disclosure that says this."""
    return urlsafe_b64encode(jcs(parts)).decode().rstrip("=")


def digest(text: str) -> str:
    """The digest of a disclosure, as it stands in `_sd`."""
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


def chance(*words: object) -> random.Random:
    """The same luck for the same words."""
    return random.Random(" ".join(map(str, words)))


def flipped(data: bytes, luck: random.Random) -> bytes:
    """One bit changed."""
    at = luck.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << luck.randrange(8))]) + data[at + 1 :]
