"""`muniment log witness`: by file and by HTTP, each side as its keeper would type it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from muniment.archive.witnessing import judged, read_policy
from muniment.archive.workspace import Workspace, write_settings
from muniment.cli.main import main
from muniment.custody.cosignature import check_cosignature
from muniment.custody.keys import SigningKey, VerifierKey
from muniment.custody.note import parse_note
from muniment.seal.key_file import write_new
from muniment.seal.witness_request import parse_submission
from tests.library.archive.ledger import ORIGIN, Ledger

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Place:
    """A workspace with a published log, and a folder for witnesses."""

    folder: Path
    workspace: Workspace
    ledger: Ledger
    capture: pytest.CaptureFixture[str]

    def muniment(self, *words: object, code: int = 0) -> str:
        """What a command prints; it must end with this code."""
        ended = main(["-w", str(self.workspace.root), *map(str, words)])
        said = self.capture.readouterr()
        assert ended == code, said.out + said.err
        return said.out if code == 0 else said.out + said.err

    def document(self, *words: object, code: int = 0) -> dict[str, Any]:
        """The one JSON document that a step prints."""
        ended = main(["-w", str(self.workspace.root), "log", "witness", *map(str, words), "--json"])
        said = self.capture.readouterr()
        assert ended == code, said.out + said.err
        found: dict[str, Any] = json.loads(said.out)
        return found

    def witness(self, name: str) -> Path:
        state = self.folder / name
        key = self.muniment("log", "witness", "init", "--state", state, "--name", f"{name}.example")
        (self.folder / f"{name}.key").write_text(key)
        return state

    def key(self, name: str) -> VerifierKey:
        return VerifierKey.parse((self.folder / f"{name}.key").read_text().strip())

    def watch(self, *names: str, k: int = 1, addresses: dict[str, str] | None = None) -> None:
        """Write the policy of the workspace."""
        said = addresses or {}
        lines = [f"witness {name} {self.key(name).text} {said.get(name, '')}" for name in names]
        group = f"group all-of-us {k} {' '.join(names)}"
        text = "\n".join(["# our partners", *lines, group, "quorum all-of-us", ""])
        self.workspace.witness_policy.write_text(text)

    def log_key(self) -> str:
        return self.ledger.key.verifier.text


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    workspace = Workspace(tmp_path / "workspace", "Test", ORIGIN, "0" * 32)
    for folder in (workspace.root, workspace.archive, workspace.keys):
        folder.mkdir()
    write_settings(workspace)
    ledger = Ledger(workspace.archive, SigningKey.generate(ORIGIN))
    write_new(workspace.log_key, ledger.key.text.encode() + b"\n")
    ledger.append(5)
    ledger.publish()
    return Place(tmp_path, workspace, ledger, capsys)


def test_an_offline_partner_cosigns_by_file_again_and_again(place: Place) -> None:
    state = place.witness("w1")
    place.watch("w1")
    request, cosigned = place.folder / "request", place.folder / "cosigned"
    for size in (5, 9, 300):
        place.ledger.append(size - len(place.ledger.lines))
        place.ledger.publish()
        request.write_text(place.muniment("log", "witness", "request", "--witness", "w1"))
        words = (
            "log",
            "witness",
            "cosign",
            request,
            "--state",
            state,
            "--log-key",
            place.log_key(),
        )
        cosigned.write_text(place.muniment(*words))
        assert place.muniment("log", "witness", "add", cosigned) == (
            f"{size} entries: 1 of 1 witnesses cosigned, a quorum; 1 new.\n"
        )
        policy = read_policy(place.workspace.witness_policy, place.ledger.key.verifier)
        assert judged(place.workspace.archive, size, policy).quorum_met
    assert "0 new" in place.muniment("log", "witness", "add", cosigned)


def test_a_checkpoint_with_a_proof_file_does_too(place: Place) -> None:
    state = place.witness("w1")
    keys, note, proof = (place.folder / name for name in ("keys", "note", "proof"))
    keys.write_text(f"# whom we watch\n{place.log_key()}\n")
    words = ("cosign", note, "--state", state, "--log-key", keys)
    note.write_text(place.muniment("log", "checkpoint"))
    first = place.document(*words)
    assert (first["origin"], first["size"]) == (ORIGIN, 5)
    assert first["witness"] == place.key("w1").text
    assert check_cosignature(parse_note(first["checkpoint"].encode()), place.key("w1"))
    assert first["cosignature"] in first["checkpoint"]

    place.ledger.append(8)
    place.ledger.publish()
    note.write_text(place.muniment("log", "checkpoint"))
    assert place.document(*words, code=1)["error"]["code"] == "witness.inconsistent"
    proof.write_text(place.muniment("log", "consistency", 5, 13))
    assert place.document(*words, "--proof", proof)["size"] == 13


def test_json_documents_say_who_cosigned_of_how_many(place: Place) -> None:
    for name in ("w1", "w2", "w3", "w4"):
        place.witness(name)
    place.watch("w1", "w2", "w3", "w4", k=3)
    asked = place.document("request")
    assert (asked["origin"], asked["size"], asked["old"]) == (ORIGIN, 5, 0)
    assert parse_submission(asked["request"].encode()).old == 0
    request = place.folder / "request"
    request.write_text(asked["request"])
    for count, name in enumerate(("w1", "w2", "w3"), 1):
        state = place.folder / name
        words = ("cosign", request, "--state", state, "--log-key", place.log_key())
        cosigned = place.folder / "cosigned"
        cosigned.write_text(place.document(*words)["checkpoint"])
        said = place.document("add", cosigned)
        assert (said["size"], said["added"]) == (5, [name])
        shown = said["witnessed"]
        assert (shown["k"], shown["n"], shown["withstands"]) == (count, 4, 1)
        assert shown["quorum_met"] is (count >= 3)
        assert [one["name"] for one in shown["witnesses"]] == ["w1", "w2", "w3"][:count]


def test_what_cannot_be_done_is_said_with_its_code(place: Place) -> None:
    state = place.witness("w1")
    request = place.folder / "request"
    request.write_text(place.muniment("log", "witness", "request"))
    cosign = ("cosign", request, "--state", state, "--log-key", place.log_key())

    def code(*words: object, ends: int = 2) -> str:
        return str(place.document(*words, code=ends)["error"]["code"])

    assert code("add", request) == "policy.missing"
    place.watch("w1")
    assert code("request", "--witness", "w9") == "witness.unknown"
    assert code("request", "--old", 99) == "proof.sizes"
    assert code("add", place.folder / "nothing") == "witness.file"
    assert code("add", request) == "checkpoint.form"
    assert code("init", "--state", state, "--name", "w1.example") == "witness.exists"
    assert code("init", "--state", place.folder / "x", "--name", "a name") == "key.name"
    stranger = SigningKey.generate("stranger.example/log").verifier.text
    assert code(*cosign[:-1], stranger) == "witness.unknown_log"
    impostor = SigningKey.generate(ORIGIN).verifier.text
    assert code(*cosign[:-1], impostor) == "witness.unsigned"
    assert code(*cosign[:-1], place.folder / "nothing") == "witness.file"
    assert code(*cosign[:3], place.folder / "nowhere", *cosign[4:]) == "witness.missing"
    place.document(*cosign)
    assert code(*cosign) == "witness.old_size"
    assert "--old 5" in place.muniment("log", "witness", *cosign, code=2)
    own = place.folder / "own"
    own.write_text(place.muniment("log", "checkpoint").replace("5", "6", 1))
    assert code("add", own, ends=1) == "note.signature"


def test_a_witness_serves_until_it_is_stopped_and_goes_on_where_it_was(place: Place) -> None:
    place.witness("w1")
    place.witness("silent")
    for size in (5, 20):
        place.ledger.append(size - len(place.ledger.lines))
        place.ledger.publish()
        words = [sys.executable, "-m", "muniment", "log", "witness", "serve", "--port", "0"]
        words += ["--state", str(place.folder / "w1"), "--log-key", place.log_key(), "--json"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
            assert server.stdout is not None
            said = json.loads(server.stdout.readline())
            assert said["logs"] == [ORIGIN]
            place.watch(
                "w1",
                "silent",
                addresses={"w1": said["url"], "silent": "http://127.0.0.1:9"},
            )
            submit = ("submit", "--network", "127.0.0.0/8")
            document = place.document(*submit, code=3)  # one of the two does not answer
            assert (document["size"], document["added"]) == (size, ["w1"])
            assert [one["witness"] for one in document["errors"]] == ["silent"]
            assert document["witnessed"]["quorum_met"]
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0
            assert server.stderr is not None
            assert server.stderr.read().decode().splitlines()[-1] == "POST 200"


def test_a_closed_network_is_reached_only_where_it_is_named(place: Place) -> None:
    place.witness("w1")
    place.watch("w1", addresses={"w1": "http://127.0.0.1:7380"})
    document = place.document("submit", code=2)
    assert [one["code"] for one in document["errors"]] == ["egress.address"]
    assert (
        place.document("submit", "--network", "here", code=2)["error"]["code"] == "witness.address"
    )


def test_nothing_of_a_witness_is_readable_by_others(place: Place) -> None:
    state = place.witness("w1")
    request = place.folder / "request"
    request.write_text(place.muniment("log", "witness", "request"))
    place.document("cosign", request, "--state", state, "--log-key", place.log_key())
    for path in (state, *state.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_command_loads_no_django(place: Place) -> None:
    program = (
        "import sys; from muniment.cli.main import main; "
        "code = main(sys.argv[1:]); assert 'django' not in sys.modules; sys.exit(code)"
    )
    words = ["-w", str(place.workspace.root), "log", "witness", "request"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("old 0\n\n")
