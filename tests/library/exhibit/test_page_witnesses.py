"""The record page counts witnesses as the library does: real cosignatures, in a real browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.custody.note import Note, NoteSignature, sign_note
from muniment.custody.policy import parse_policy, witnessed
from tests.library.custody.test_policy import PUBLIC, PUBLIC_POLICY
from tests.library.exhibit.browser import module_page

LOG = SigningKey("specimen.muniment.invalid/page", ED25519, b"L" * 32)
KEYS = [SigningKey(f"w{n}.example", COSIGNATURE_V1, bytes([n + 1]) * 32) for n in range(4)]
TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
HEAD = sign_note(Checkpoint(LOG.name, 5, b"r" * 32).text, LOG)
NAMES = [f"w{number}" for number in range(4)]
WITNESSES = "".join(
    f"witness {name} {key.verifier.text}\n" for name, key in zip(NAMES, KEYS, strict=True)
)
QUORUMS = {
    "three of four": "group g 3 w0 w1 w2 w3\nquorum g\n",
    "any": "group g any w0 w1 w2 w3\nquorum g\n",
    "all": "group g all w0 w1 w2 w3\nquorum g\n",
    "one": "quorum w2\n",
    "two groups": "group a 1 w0 w1\ngroup b 1 w2 w3\ngroup g 2 a b\nquorum g\n",
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with module_page() as one:
        yield one


def judged(page: Page, policy: bytes, note: bytes) -> dict[str, Any] | str:
    """Who cosigned, when, and whether it suffices; or why the page refuses."""
    found: dict[str, Any] | str = page.evaluate(
        """async ([policy, note]) => {
          const { parsePolicy, witnessesOf } = await import("/policy.js");
          const { parseNote } = await import("/note.js");
          const { fromBase64, Refusal } = await import("/bytes.js");
          const { signatureCheck } = await import("/ed25519.js");
          const parsed = parseNote(fromBase64(note, "note"), "note");
          try {
            const { check } = await signatureCheck();
            const found = await witnessesOf(parsePolicy(policy), parsed, check);
            return { names: [...found.cosigned], times: found.times, met: found.met };
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            return error.message;
          }
        }""",
        [policy.decode(), b64encode(note).decode()],
    )
    return found


def cosigned(*numbers: int) -> Note:
    return Note(HEAD.text, (*HEAD.signatures, *[cosign(HEAD, KEYS[one], TIME) for one in numbers]))


@pytest.mark.parametrize("quorum", QUORUMS)
def test_every_set_of_witnesses_counts_as_in_the_library(page: Page, quorum: str) -> None:
    policy = f"log {LOG.verifier.text}\n{WITNESSES}{QUORUMS[quorum]}".encode()
    for size in range(5):
        for numbers in combinations(range(4), size):
            note = cosigned(*numbers)
            ours = witnessed(note, parse_policy(policy))
            assert judged(page, policy, note.to_bytes()) == {
                "names": [name.decode() for name in ours.names],
                "times": [int(one.time.timestamp()) for one in ours.cosignatures],
                "met": ours.quorum_met,
            }


def test_a_cosignature_that_does_not_hold_is_refused(page: Page) -> None:
    policy = f"log {LOG.verifier.text}\n{WITNESSES}{QUORUMS['any']}".encode()
    line = cosign(HEAD, KEYS[0], TIME)
    for signature in (
        line.signature[:-1] + b"!",
        b"\0\0\0\0\0" + line.signature[5:],
        line.signature[:-1],
    ):
        wrong = Note(
            HEAD.text, (*HEAD.signatures, NoteSignature(line.name, line.key_id, signature))
        )
        said = judged(page, policy, wrong.to_bytes())
        assert "cosignature of w0.example" in said


@pytest.mark.parametrize(("time", "counts"), [((1 << 53) - 1, True), (1 << 53, False)])
def test_a_time_that_a_browser_cannot_count_is_refused(
    page: Page, time: int, *, counts: bool
) -> None:
    policy = f"log {LOG.verifier.text}\n{WITNESSES}{QUORUMS['any']}".encode()
    signature = KEYS[0].sign(f"cosignature/v1\ntime {time}\n{HEAD.text}".encode())
    line = NoteSignature(KEYS[0].name, KEYS[0].verifier.key_id, time.to_bytes(8, "big") + signature)
    said = judged(page, policy, Note(HEAD.text, (*HEAD.signatures, line)).to_bytes())
    assert isinstance(said, dict) is counts


def test_a_head_of_the_public_network_counts(page: Page) -> None:
    found = judged(page, PUBLIC_POLICY, PUBLIC.encode())
    assert isinstance(found, dict)
    assert (found["names"], found["met"]) == (["remora"], True)
