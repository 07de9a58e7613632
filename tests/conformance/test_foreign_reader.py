"""A log of ours in the hands of a foreign implementation: Go's checksum database (x/mod/sumdb).

It opens our checkpoint, recomputes our root from our leaves and from our tiles, and checks proofs
of ours; then our code checks proofs and a signed note of its making.
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.keys import SigningKey
from muniment.custody.leaf import leaf_bytes, leaf_hash
from muniment.custody.lines import base64_text
from muniment.custody.note import check_note, parse_note, sign_note
from muniment.custody.proof import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from muniment.custody.tiles import TileEdge, TileReader
from muniment.evidence.disclosure import disclose, sd
from tests.conformance.building import built

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN = "specimen.muniment.invalid/conformance-0123abcd"
KEY = SigningKey(ORIGIN, 1, b"conformance conformance conforma")
SIZES = [1, 2, 255, 256, 257, 600]
EID = "0" * 32


def leaf(number: int) -> bytes:
    return leaf_bytes(ORIGIN, EID, sd([disclose("n", number, b"conformance-salt")]))


LEAVES = [leaf(number) for number in range(max(SIZES))]
HASHES = [leaf_hash(one) for one in LEAVES]


@pytest.fixture(scope="session")
def foreign(golang: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The foreign reader."""
    return built(golang, "go", tmp_path_factory)


def published(folder: Path, size: int) -> TileReader:
    """Write the log of a size as the archive publishes it, grown in uneven steps."""
    edge = TileEdge()
    files: dict[str, bytes] = {}
    for end in [*range(0, size, 97), size]:
        growth = edge.grown(HASHES[edge.frontier.size : end])
        edge = growth.edge
        files |= growth.files
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    head = Checkpoint(ORIGIN, size, edge.frontier.root())
    (folder / "checkpoint").write_bytes(sign_note(head.text, KEY).to_bytes())
    (folder / "key").write_text(KEY.verifier.text + "\n")
    (folder / "skey").write_text(KEY.text + "\n")
    (folder / "leaves").write_text("".join(base64_text(one) + "\n" for one in LEAVES[:size]))
    return TileReader(lambda path: (folder / path).read_bytes(), size)


def claims(reader: TileReader) -> Iterator[dict[str, Any]]:
    """Proofs by our code, at the size of the log and at smaller ones."""
    for size in sorted({reader.size, -(-reader.size // 2), -(-reader.size // 3)}):
        root = base64_text(reader.root(size))
        for index in {*range(0, size, 41), size - 1}:
            proof = [base64_text(one) for one in inclusion_proof(reader, index, size)]
            shown = base64_text(LEAVES[index])
            yield {"index": index, "leaf": shown, "size": size, "root": root, "proof": proof}
            old = index + 1
            proof = [base64_text(one) for one in consistency_proof(reader, old, size)]
            old_root = base64_text(reader.root(old))
            yield {"old": old, "old_root": old_root, "size": size, "root": root, "proof": proof}


def run(
    foreign: Path, folder: Path, said: list[dict[str, Any]]
) -> subprocess.CompletedProcess[str]:
    (folder / "claims").write_text("".join(json.dumps(one) + "\n" for one in said))
    return subprocess.run(
        [str(foreign), str(folder)], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_foreign_implementation_reads_our_log_and_we_read_its_proofs(
    foreign: Path, tmp_path: Path, size: int
) -> None:
    reader = published(tmp_path, size)
    said = list(claims(reader))
    assert said
    finished = run(foreign, tmp_path, said)
    assert finished.returncode == 0, finished.stderr
    *proofs, signed = map(json.loads, finished.stdout.splitlines())
    assert len(proofs) == 2 * size
    for proof in proofs:
        path = [b64decode(one) for one in proof["proof"]]
        root = b64decode(proof["root"])
        if "old" in proof:
            old = proof["old"]
            assert path == consistency_proof(reader, old, size)
            verify_consistency(old, b64decode(proof["old_root"]), size, root, path)
        else:
            index = proof["index"]
            assert path == inclusion_proof(reader, index, size)
            verify_inclusion(HASHES[index], index, size, path, root)
    note = parse_note(b64decode(signed["note"]))
    assert check_note(note, KEY.verifier)
    assert note.to_bytes() == (tmp_path / "checkpoint").read_bytes()


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["tile/0/000", "tile/1/000.p/2", "checkpoint"])
def test_the_foreign_implementation_sees_one_changed_bit(
    foreign: Path, tmp_path: Path, name: str
) -> None:
    published(tmp_path, 600)
    flipped(tmp_path / name, 20)
    assert run(foreign, tmp_path, []).returncode == 1


@pytest.mark.parametrize("kind", ["leaf", "old"])
def test_the_foreign_implementation_refuses_a_wrong_claim(
    foreign: Path, tmp_path: Path, kind: str
) -> None:
    reader = published(tmp_path, 257)
    claim = next(one for one in claims(reader) if kind in one and len(one["proof"]) > 1)
    assert run(foreign, tmp_path, [claim]).returncode == 0
    claim["proof"] = claim["proof"][:-1]
    finished = run(foreign, tmp_path, [claim])
    assert finished.returncode == 1
    assert "claim 1" in finished.stderr
