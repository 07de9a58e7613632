"""A log that is rewritten: without its key nothing is signed, with it every earlier head tells.

- Without the key: the signer refuses the head, with whatever proof; and an archive signed by
  somebody else, or bearing the old head over new leaves, does not check.
- With the stolen key the archive is whole by itself, and nobody is to believe that it is not: it is
  the head in any bundle given out before, or at a witness, that the rewritten log cannot extend.
- With the key in a process apart, whoever has the application has no more than the first.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.archive.check import check_archive
from muniment.custody import proof as proofs
from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.note import sign_note
from muniment.custody.proof import consistency_proof
from muniment.custody.tiles import TileEdge, TileReader
from muniment.errors import MunimentError
from muniment.seal import signer as signing
from muniment.seal import witness as witnessing
from muniment.seal.key_file import read_key
from muniment.seal.signer import FileSigner
from muniment.seal.witness import Cosigned, Witness
from muniment.seal.witness_request import format_submission, parse_submission, submission
from muniment.seal.witness_state import WitnessState
from tests.faults.counts import cases, tell
from tests.faults.rewriting import Attack, attacks, published
from tests.library.archive.ledger import ORIGIN, Ledger
from tests.library.seal.signing_process import SignerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.seal.signer import Signer

ATTACKS = cases(500, 5000)
PUBLISHED_EACH = 5  # every so many are also published as archives of their own
SIZES = (90, 180, 300)  # when bundles were given out; the last is also the witness's head
FORGED = 400


class Scene:
    """An honest log, its signer, its witness, and the heads that left with bundles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signer: Signer = FileSigner.create(folder / "key", folder / "memory", ORIGIN)
        self.key = read_key(folder / "key")
        self.thief = SigningKey.generate(ORIGIN)
        (folder / "honest").mkdir()
        self.honest = Ledger(folder / "honest", self.key)
        self.bundles: list[Checkpoint] = []
        for size in SIZES:
            self.honest.append(size - len(self.honest.lines))
            self.honest.publish()
            self.bundles.append(self._head(self.tree(), size))
        self.whole = self.tree()
        self.signer.sign(self.bundles[-1])
        (folder / "forged").mkdir()
        forger = Ledger(folder / "forged", self.thief)
        for index in range(FORGED):
            forger.add(10_000 + index, {"parts": []})
        self.forged = forger.lines
        WitnessState.create(folder / "witness", "witness.example/w1")
        assert isinstance(self.offered(self.whole, self.bundles[-1], 0), Cosigned)

    def tree(self) -> TileReader:
        """The honest tree."""
        hashes = self.honest.hashes
        return TileReader(TileEdge().grown(hashes).files.__getitem__, len(hashes))

    @staticmethod
    def _head(reader: TileReader, size: int) -> Checkpoint:
        return Checkpoint(ORIGIN, size, reader.root(size))

    def offered(self, reader: TileReader, head: Checkpoint, old: int) -> object:
        """What the witness answers to a head signed with the log's own key."""
        witness = Witness(WitnessState(self.folder / "witness"), [self.key.verifier])
        hashes = consistency_proof(reader, old, head.size) if 0 < old < head.size else []
        asked = format_submission(submission(old, hashes, sign_note(head.text, self.key)))
        return witness.add_checkpoint(parse_submission(asked))

    def survives(self, attack: Attack) -> Iterator[str]:
        """Say where an attack is not noticed."""
        reader = attack.reader()
        head = self._head(reader, len(attack.lines))
        last = self.bundles[-1]
        if self.is_signed(attack):
            yield "the signer signed it"
        for bundle in self.bundles:
            if any(self._extends(bundle, head, one) for one in self._proofs(reader, bundle, head)):
                yield f"the bundle of {bundle.size} acts does not expose it"
        for old in (0, last.size):
            if self._cosigns(reader, head, old):
                yield "the witness cosigned it"

    def is_signed(self, attack: Attack) -> bool:
        """Say whether the signer signs its head, with any proof that a forger can offer."""
        reader = attack.reader()
        head = self._head(reader, len(attack.lines))
        offered = self._proofs(reader, self.bundles[-1], head)
        return any(self._signs(head, one) for one in offered)

    def _proofs(self, reader: TileReader, old: Checkpoint, new: Checkpoint) -> list[list[bytes]]:
        """The proofs that a forger can offer: none, of his own tree, and of the honest one."""
        found: list[list[bytes]] = [[]]
        if old.size < new.size:
            found.append(consistency_proof(reader, old.size, new.size))
        if old.size < new.size <= SIZES[-1]:
            found.append(consistency_proof(self.whole, old.size, new.size))
        return found

    def _signs(self, head: Checkpoint, proof: list[bytes]) -> bool:
        try:
            self.signer.sign(head, proof)
        except MunimentError:
            return False
        return True

    @staticmethod
    def _extends(old: Checkpoint, new: Checkpoint, proof: list[bytes]) -> bool:
        try:
            proofs.verify_consistency(old.size, old.root, new.size, new.root, proof)
        except MunimentError:
            return False
        return True

    def _cosigns(self, reader: TileReader, head: Checkpoint, old: int) -> bool:
        try:
            return isinstance(self.offered(reader, head, old), Cosigned)
        except MunimentError:
            return False

    def survives_published(self, attack: Attack) -> Iterator[str]:
        """Say where an attack that was published is not noticed, or is where it cannot be."""
        key, folder = self.key.verifier, self.folder / "rewritten"
        published(attack, self.honest.archive, folder, self.key)
        if check_archive(folder, key=key).problems:
            yield "an archive signed with the stolen key is whole by itself, and was not"
        shutil.copy(self.honest.archive / "log" / "checkpoint", folder / "log" / "checkpoint")
        if not check_archive(folder, key=key).problems:
            yield "the old head over other leaves was not noticed"
        shutil.rmtree(folder)
        published(attack, self.honest.archive, folder, self.thief)
        if not check_archive(folder, key=key).problems:
            yield "an archive signed by somebody else was not noticed"
        shutil.rmtree(folder)


@pytest.fixture
def scene(place: Path) -> Scene:
    """A log of three hundred acts, three bundles of which have left."""
    return Scene(place)


def survivors(scene: Scene, count: int, *, publishing: bool = True) -> dict[str, list[str]]:
    """Try so many attacks; return what was not noticed, by attack."""
    found: dict[str, list[str]] = {}
    for number, attack in enumerate(attacks(scene.honest.lines, scene.forged, count, SIZES[0])):
        problems = list(scene.survives(attack))
        if publishing and number % PUBLISHED_EACH == 0:
            problems += scene.survives_published(attack)
        if problems:
            found[attack.name] = problems
    return found


@pytest.mark.slow
def test_no_rewritten_log_goes_unnoticed(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    found = survivors(scene, ATTACKS)
    each = Counter(name.split()[1] for name in _names(scene))
    listed = ", ".join(f"{kind} {number}" for kind, number in sorted(each.items()))
    tell(
        capsys,
        f"{ATTACKS} rewritten logs ({listed}), {-(-ATTACKS // PUBLISHED_EACH)} of them published, "
        f"{len(found)} unnoticed",
    )
    assert found == {}


def _names(scene: Scene) -> list[str]:
    return [one.name for one in attacks(scene.honest.lines, scene.forged, ATTACKS, SIZES[0])]


@pytest.mark.slow
def test_a_signer_apart_signs_no_rewritten_log(
    scene: Scene, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same heads, offered through the socket by whoever took over the application."""
    with signing_apart(scene, place):
        signed = [
            attack.name
            for attack in attacks(scene.honest.lines, scene.forged, ATTACKS, SIZES[0])
            if scene.is_signed(attack)
        ]
    tell(capsys, f"{ATTACKS} rewritten logs offered to a signer apart, {len(signed)} signed")
    assert signed == []


@contextmanager
def signing_apart(scene: Scene, place: Path) -> Iterator[None]:
    """Have the key of a scene in another process, which has its memory too."""
    process = SignerProcess(place, [str(os.geteuid())])
    (place / "key").rename(process.keys / "log.key")
    (place / "memory").rename(process.keys / "signed-heads")
    process.start()
    scene.signer = process.client(ORIGIN)
    try:
        assert scene.signer.last() == scene.bundles[-1]
        yield
    finally:
        process.stop()


@pytest.mark.parametrize("defect", ["signer", "readers", "witness", "check"])
def test_the_suite_catches_whoever_looks_away(
    scene: Scene, defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if defect == "signer":
        monkeypatch.setattr(signing, "_require_extension", lambda _last, _head, _proof: None)
    elif defect == "readers":
        monkeypatch.setattr(proofs, "verify_consistency", lambda *_: None)
    elif defect == "witness":
        monkeypatch.setattr(witnessing, "verify_consistency", lambda *_: None)
    else:
        from muniment.archive.log_check import LogCheck

        monkeypatch.setattr(LogCheck, "_compare_heads", lambda _self, _head: None)
    assert survivors(scene, 24, publishing=defect == "check")
