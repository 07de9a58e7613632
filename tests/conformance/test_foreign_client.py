"""Our witness in the hands of a foreign client, and requests that a foreign log once signed.

The client is Go's checksum-database code with the C2SP specifications; it learns where the witness
stands, proves growth from our tiles, and opens what it is given with both keys.
"""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.custody.cosignature import check_cosignature
from muniment.custody.keys import ED25519, VerifierKey
from muniment.custody.note import check_note, parse_note
from muniment.errors import TamperSuspected
from muniment.seal.witness import Cosigned, OtherSize, Witness
from muniment.seal.witness_request import parse_submission
from muniment.seal.witness_state import WitnessState
from tests.conformance.building import built
from tests.library.custody.definition import leaves
from tests.library.seal.history import READER
from tests.library.seal.witnessing import LOG, TIME, new_witness, note, opened, serving

if TYPE_CHECKING:
    from muniment.seal.witness_server import WitnessServer

SIZES = [1, 2, 2, 7, 8, 255, 256, 257, 400, 400]


@pytest.fixture(scope="session")
def client(golang: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The foreign client."""
    return built(golang, "witness", tmp_path_factory)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log as it is published, with the heads that the client will bring."""
    from muniment.custody.tiles import TileEdge

    folder = tmp_path / "log"
    for path, data in TileEdge().grown(leaves(400)).files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / "checkpoints").mkdir()
    for size in SIZES:
        (folder / "checkpoints" / str(size)).write_bytes(note(size).to_bytes())
    (folder / "checkpoint").write_bytes(note(400).to_bytes())
    (folder / "key").write_text(LOG.verifier.text + "\n")
    return folder


def run(
    client: Path, log: Path, server: WitnessServer, sizes: list[int]
) -> subprocess.CompletedProcess[str]:
    (log / "witness").write_text(server.witness.verifier.text + "\n")
    command = [str(client), str(log), server.url, *map(str, sizes)]
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_a_foreign_client_gets_every_head_cosigned(client: Path, log: Path, tmp_path: Path) -> None:
    witness = new_witness(tmp_path / "witness")
    with serving(witness) as server:
        finished = run(client, log, server, SIZES)
    assert finished.returncode == 0, finished.stderr
    for size, line in zip(SIZES, finished.stdout.splitlines(), strict=True):
        said = json.loads(line)
        cosigned = parse_note(b64decode(said["note"]))
        assert cosigned.text == note(size).text
        assert check_note(cosigned, LOG.verifier)
        found = check_cosignature(cosigned, witness.verifier)
        assert found is not None
        assert found.time.timestamp() == said["time"] == TIME.timestamp()


def test_the_foreign_client_refuses_what_another_witness_signed(
    client: Path, log: Path, tmp_path: Path
) -> None:
    witness, other = new_witness(tmp_path / "a"), new_witness(tmp_path / "b")
    with serving(witness) as server:
        (tmp_path / "a" / "witness.key").write_bytes((tmp_path / "b" / "witness.key").read_bytes())
        server.witness = opened(tmp_path / "a")
        assert server.witness.verifier == other.verifier
        (log / "witness").write_text(witness.verifier.text + "\n")
        command = [str(client), str(log), server.url, "7"]
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert finished.returncode == 1


def test_the_foreign_client_is_told_of_an_older_head(
    client: Path, log: Path, tmp_path: Path
) -> None:
    with serving(new_witness(tmp_path / "witness")) as server:
        assert run(client, log, server, [8]).returncode == 0
        finished = run(client, log, server, [7])
    assert finished.returncode == 1
    assert "status 400" in finished.stderr  # an old size above the checkpoint's
    assert READER.size == 400


# A log of another maker: the requests of the race test in FiloSottile/torchwood, internal/witness.
SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
FIRST = f"""\
old 0

{SIGSUM}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {SIGSUM} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
"""  # noqa: E501 - one line
THREE = f"""\
old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {SIGSUM} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
"""  # noqa: E501 - one line
FIVE = f"""\
old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

{SIGSUM}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {SIGSUM} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
"""  # noqa: E501 - one line


@pytest.fixture
def watching(tmp_path: Path) -> Witness:
    WitnessState.create(tmp_path, "witness.example")
    key = VerifierKey.of(SIGSUM, ED25519, SIGSUM_KEY)
    return Witness(WitnessState(tmp_path), [key], lambda: TIME)


def answered(witness: Witness, text: str) -> Cosigned | OtherSize:
    return witness.add_checkpoint(parse_submission(text.encode()))


@pytest.mark.parametrize("texts", [(FIRST, THREE), (FIRST, FIVE)], ids=["to three", "to five"])
def test_a_foreign_log_is_cosigned(watching: Witness, texts: tuple[str, ...]) -> None:
    for text in texts:
        found = answered(watching, text)
        assert isinstance(found, Cosigned)
        assert check_cosignature(found.note, watching.verifier) is not None


def test_a_foreign_log_is_not_rolled_back(watching: Witness) -> None:
    assert isinstance(answered(watching, FIRST), Cosigned)
    assert isinstance(answered(watching, FIVE), Cosigned)
    assert answered(watching, THREE) == OtherSize(5)
    last = watching.last(SIGSUM)
    assert last is not None
    assert last.root.hex() == "42bb57ad06420afa4882c4a63ac6a1ec77480b330b2f20dfc53a0caa5f564e36"


def test_a_foreign_log_with_a_changed_proof_is_refused(watching: Witness) -> None:
    assert isinstance(answered(watching, FIRST), Cosigned)
    with pytest.raises(TamperSuspected):
        answered(watching, THREE.replace("KgIAAAA", "KgIAAAB"))
