"""Muniment's exhibit bundle, as a format on which tampering is tried (custody-log §7, §8).

The reader always brings the log's key and the root of the time authority. Two readers are tried,
which share no code; and, where the log's key itself was stolen, what a reader may have beside it:
the policy of the witnesses as it was given elsewhere, or an earlier bundle of the same log.
"""

from __future__ import annotations

import json
import tempfile
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zipfile import ZipFile, ZipInfo

from muniment.export.exhibit.page_assembly import filled, template
from muniment.export.verifier_assembly import assemble
from muniment.testing.simulated_authority import SimulatedAuthority
from muniment.testing.tampering.format import EVIDENCE, OTHER_EVIDENCE, Claims, Files, Format
from muniment.testing.tampering.keeper import Keeper
from muniment.testing.tampering.mutations import MUTATIONS
from muniment.verify import Overall, read_log_keys, verify
from muniment.verify.tokens import read_time_roots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

NAME: Final = "exhibit-00001"
CHECKPOINT: Final = "custody/checkpoint"
ENTRIES: Final = "custody/entries.jsonl"
_PAGE, _RECORD = "record.html", "data/record.json"
_MANIFEST, _TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_EVERYTHING: Final = frozenset(one.name for one in MUTATIONS)
_WORDS: Final = (
    "Nothing already shown to anyone can be changed, removed or reordered without detection by "
    "anyone who holds an earlier checkpoint; each exhibit carries its own proof."
)


def zipped(files: Files) -> bytes:
    """The one form of ZIP that a bundle has, by the standard library."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            member = ZipInfo(f"{NAME}/{path}")
            member.create_system, member.external_attr = 3, 0o100644 << 16
            archive.writestr(member, files[path])
    return buffer.getvalue()


def by_library(path: Path, log_key: str, root: Path) -> bool:
    """Whether `muniment verify --log-key KEY --time-root FILE` finds it intact."""
    keys, roots = read_log_keys(log_key), read_time_roots(str(root))
    report = verify(path, log_keys=keys, require=frozenset(), time_roots=roots)
    return report.verdict is Overall.INTACT_ANCHORED


def by_program(path: Path, log_key: str, root: Path) -> bool:
    """Whether `verify.py --log-key KEY --time-root FILE`, as it stands in bundles, does."""
    given = ["--log-key", log_key, "--time-root", str(root)]
    code, said, _ = _program().run(["--json", *given, str(path)])
    return bool(code == 0 and json.loads(said)["verdict"] == Overall.INTACT_ANCHORED)


@cache
def _program() -> Any:  # noqa: ANN401 - a module that is made here has no type
    module = ModuleType("verify_in_bundles")
    module.__file__ = "verify.py"
    exec(compile(assemble(), "verify.py", "exec"), module.__dict__)  # noqa: S102 - our own program
    return module


class Exhibits(Format):
    """The exhibit bundle under a log key that the reader brought."""

    name: ClassVar[str] = "muniment"
    claims: ClassVar[Claims] = Claims(
        detects=_EVERYTHING - {"stolen-key"},
        words=_WORDS,
        source="docs/reference/custody-log.md",
        read="2026-11-21",
    )
    read: ClassVar[Callable[[Path, str, Path], bool]] = staticmethod(by_library)

    def __init__(self) -> None:
        """A keeper, a thief, and what each hands out."""
        self.keeper = Keeper()
        self._whole = self.keeper.exhibit(EVIDENCE)

    @property
    def version(self) -> str:
        """The reader."""
        return "muniment verify"

    def whole(self) -> Files:
        """What the keeper hands out."""
        return self._whole

    def accepts(self, files: Files) -> bool:
        """Intact, and anchored in the key that was brought."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{NAME}.zip"
            path, root = Path(folder) / f"{NAME}.zip", Path(folder) / "root.pem"
            path.write_bytes(zipped(files))
            root.write_bytes(self.keeper.time_root)
            return type(self).read(path, self.keeper.log_key, root)

    def contents(self, files: Files) -> dict[str, bytes]:
        """The originals."""
        return {path: data for path, data in files.items() if path.startswith("data/original/")}

    def with_contents(self, files: Files, contents: Files) -> Files:
        """Other originals, and nothing else."""
        held = self.contents(files)
        return {**{path: data for path, data in files.items() if path not in held}, **contents}

    def resealed(self, files: Files) -> Files:
        """Page and manifests made again, where they are."""
        made = dict(files)
        if _PAGE in made:
            told = {path: data for path, data in made.items() if path.startswith("custody/")}
            told |= {path: made[path] for path in (_RECORD,) if path in made}
            made[_PAGE] = filled(template(), told)
        payload = {path for path in made if path.startswith("data/")}
        for manifest, paths in (
            (_MANIFEST, payload),
            (_TAG_MANIFEST, made.keys() - payload - {_TAG_MANIFEST}),
        ):
            if manifest in made:
                lines = [f"{sha256(made[path]).hexdigest()}  {path}\n" for path in sorted(paths)]
                made[manifest] = "".join(lines).encode()
        return made

    def new_name(self, name: str) -> str | None:
        """The next part of the same item."""
        return name.replace("/001", "/002")

    def earlier(self, files: Files) -> Iterator[Files]:
        """Date of the bag, of the record, of each act, of the token, of the cosignatures."""
        for path in ("bag-info.txt", _RECORD, "VERIFY.md"):
            yield {**files, path: files[path].replace(b"2026-", b"2024-")}
        yield {**files, _RECORD: files[_RECORD].replace(b"2026-03-09", b"2024-03-09")}
        for place in range(len(_lines(files))):
            yield _told_anew(files, place, leaf=False)
            yield _told_anew(files, place, leaf=True)
        for path, data in files.items():
            if path.endswith(".tsr"):
                yield {**files, path: data.replace(b"20260309", b"20240309")}
            if path.startswith("custody/consistency/"):
                yield {**files, path: _cosigned_earlier(data)}

    def replayed(self, files: Files) -> Iterator[Files]:
        """Tokens of the same authority over another head, of another authority over this one."""
        others = [
            Keeper().exhibit(OTHER_EVIDENCE),
            Keeper(who="thief").exhibit(EVIDENCE),
        ]
        for other in others:
            tokens = {path: data for path, data in other.items() if path.startswith("custody/tsa/")}
            for chosen in ((".tsr",), (".tsr", ".pem"), (".note", ".tsr", ".pem")):
                given = {path: data for path, data in tokens.items() if path.endswith(chosen)}
                yield from ({**files, **given}, self.resealed({**files, **given}))
        stranger = Keeper(stamped=SimulatedAuthority()).exhibit(OTHER_EVIDENCE)
        yield {
            **files,
            **{path: stranger[path] for path in files if path.startswith("custody/tsa/")},
        }

    def digests(self, files: Files) -> Iterable[Iterable[str]]:
        """Manifests, proofs, heads, tokens, entries, the page."""
        folders = [
            [path for path in files if path.startswith(f"custody/{folder}/")]
            for folder in ("proofs", "consistency", "tsa")
        ]
        single = [
            [path] for path in (_MANIFEST, _TAG_MANIFEST, _PAGE, ENTRIES, CHECKPOINT, _RECORD)
        ]
        every = [path for path in files if path.startswith("custody/")]
        return [*single, [_MANIFEST, _TAG_MANIFEST], *folders, every]

    def tails(self, files: Files) -> Iterator[Files]:
        """Any number of the newest acts gone, a single act gone, an older head instead."""
        count = len(_lines(files))
        for kept in range(1, count):
            yield self.resealed(_with_entries(files, range(kept)))
        for gone in range(count):
            yield self.resealed(_with_entries(files, [n for n in range(count) if n != gone]))
        (old,) = [data for path, data in files.items() if path.startswith("custody/consistency/")]
        note = b"\n\n".join(old.split(b"\n\n")[:2]) + b"\n"
        for kept in (count, 3):
            short = _with_entries(files, range(kept))
            yield self.resealed({**short, CHECKPOINT: note})
        before = replace(self.keeper, described=False, who="thief").exhibit(EVIDENCE)
        yield _signed_as(before, files)

    def forks(self, files: Files) -> Iterator[Files]:
        """Another story under heads that bear the true signatures, or half of each story."""
        for story in (OTHER_EVIDENCE, dict(list(EVIDENCE.items())[:2])):
            other = Keeper(who="thief").exhibit(story)
            yield self.resealed(_signed_as(other, files))
            yield self.resealed({**other, CHECKPOINT: files[CHECKPOINT]})
            yield self.resealed({**files, CHECKPOINT: other[CHECKPOINT]})
            yield self.resealed({**files, ENTRIES: other[ENTRIES]})
            heads = {p: d for p, d in other.items() if p.startswith("custody/consistency/")}
            yield self.resealed({**files, **heads})

    def rekeyed(self, files: Files) -> Iterator[Files]:
        """A thief's own log of the same name; or their key, signature or witnesses in this one."""
        for thief in (Keeper(who="thief"), Keeper(who="thief", witnesses="thief")):
            for story in (OTHER_EVIDENCE, EVIDENCE):
                other = thief.exhibit(story)
                yield other
                yield self.resealed({**other, "custody/keys": files["custody/keys"]})
        stranger = Keeper(who="thief", witnesses="thief").exhibit(EVIDENCE)
        for path in ("custody/keys", "custody/policy", CHECKPOINT):
            yield self.resealed({**files, path: stranger[path]})

    def stolen(self, files: Files) -> Iterator[Files]:
        """Whole logs told anew with the log's own key, with witnesses of the thief's."""
        del files
        stories = [
            OTHER_EVIDENCE,
            dict(list(EVIDENCE.items())[:2]),
            {**EVIDENCE, "added.txt": b"SPECIMEN added\n"},
            dict(reversed(list(EVIDENCE.items()))),
        ]
        for story in stories:
            yield Keeper(witnesses="thief").exhibit(story)
        yield Keeper(witnesses="thief", described=False).exhibit(OTHER_EVIDENCE)


class ProgramExhibits(Exhibits):
    """The same bundle, read by the program that travels in it."""

    name: ClassVar[str] = "muniment, verify.py"
    read: ClassVar[Callable[[Path, str, Path], bool]] = staticmethod(by_program)

    @property
    def version(self) -> str:
        """The reader."""
        return "verify.py"


class WitnessedExhibits(Exhibits):
    """Read by somebody who was given the policy of the witnesses elsewhere, and requires them."""

    name: ClassVar[str] = "muniment, known witnesses"
    claims: ClassVar[Claims] = replace(Exhibits.claims, detects=_EVERYTHING)

    def accepts(self, files: Files) -> bool:
        """Intact, witnessed, and under the very policy that the reader knows."""
        if files.get("custody/policy") != self.keeper.policy:
            return False
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{NAME}.zip"
            path.write_bytes(zipped(files))
            keys = read_log_keys(self.keeper.log_key)
            report = verify(path, log_keys=keys, require=frozenset({"witnessed"}))
        return report.verdict is Overall.INTACT_ANCHORED

    def stolen(self, files: Files) -> Iterator[Files]:
        """As before, and with the true policy, whose witnesses the thief cannot sign for."""
        for other in super().stolen(files):
            yield other
            yield self.resealed({**other, "custody/policy": files["custody/policy"]})


class ComparedExhibits(Exhibits):
    """Read by somebody who holds an earlier bundle of the same log, and compares the heads."""

    name: ClassVar[str] = "muniment, an earlier bundle"
    claims: ClassVar[Claims] = replace(Exhibits.claims, detects=_EVERYTHING)

    def accepts(self, files: Files) -> bool:
        """Intact, and every head that both bundles have is the same head."""
        if not super().accepts(files):
            return False
        before, now = _heads(self.whole()), _heads(files)
        common = before.keys() & now.keys()
        return bool(common) and all(before[size] == now[size] for size in common)


def _heads(files: Files) -> dict[bytes, bytes]:
    """The root of each head in a bundle, by size."""
    heads = [data for path, data in files.items() if path.startswith("custody/consistency/")]
    lines = [data.split(b"\n") for data in (*heads, files[CHECKPOINT])]
    return {line[1]: line[2] for line in lines}


def _lines(files: Files) -> list[Any]:
    return [json.loads(line) for line in files[ENTRIES].splitlines()]


def _with_entries(files: Files, places: Iterable[int]) -> dict[str, bytes]:
    """The bag with some of its entries, and their proofs only."""
    lines = files[ENTRIES].splitlines(keepends=True)
    kept = list(places)
    proofs = {f"custody/proofs/{place}.tlog-proof" for place in kept}
    return {
        **{p: d for p, d in files.items() if not p.startswith("custody/proofs/") or p in proofs},
        ENTRIES: b"".join([lines[place] for place in kept]),
    }


def _signed_as(other: Files, true: Files) -> dict[str, bytes]:
    """Another bundle with the true bundle's key, and its signature under the other's head."""
    text = other[CHECKPOINT].split(b"\n\n")[0]
    signature = true[CHECKPOINT].split(b"\n\n")[1]
    head = text + b"\n\n" + signature
    made = {**other, CHECKPOINT: head, "custody/keys": true["custody/keys"]}
    for path, data in other.items():
        if path.startswith("custody/proofs/"):
            made[path] = data.split(b"\n\n", 1)[0] + b"\n\n" + head
    return made


def _told_anew(files: Files, place: int, *, leaf: bool) -> dict[str, bytes]:
    """An act that says it happened two years before; with a leaf that commits to that, or not."""
    lines = _lines(files)
    old = lines[place]["disclosures"][0]
    salt, name, chain = json.loads(urlsafe_b64decode(old + "=" * (-len(old) % 4)))
    chain["t"] = chain["t"].replace("2026", "2024")
    new = urlsafe_b64encode(_jcs([salt, name, chain])).decode().rstrip("=")
    lines[place]["disclosures"][0] = new
    if leaf:
        said = json.loads(b64decode(lines[place]["leaf"]))
        said["_sd"] = sorted(_digest(new) if one == _digest(old) else one for one in said["_sd"])
        lines[place]["leaf"] = b64encode(_jcs(said)).decode()
    return {**files, ENTRIES: b"".join(_jcs(line) + b"\n" for line in lines)}


def _cosigned_earlier(data: bytes) -> bytes:
    """An old head whose witnesses' lines say a time two years before."""
    lines = data.split(b"\n")
    for place, line in enumerate(lines):
        if line.startswith("— w".encode()):
            mark, name, text = line.split(b" ")
            raw = b64decode(text)
            seconds = int.from_bytes(raw[4:12], "big") - 2 * 365 * 86_400
            said = b64encode(raw[:4] + seconds.to_bytes(8, "big") + raw[12:])
            lines[place] = b" ".join((mark, name, said))
    return b"\n".join(lines)


def _digest(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


def _jcs(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
