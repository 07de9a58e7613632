"""Asking witnesses from a queue: who is due, what keeps failing, what is an alarm."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from muniment.archive.asking import Question, ask_due, questions
from muniment.archive.outside import Outside
from muniment.archive.witnessing import judged, outward
from muniment.archive.workspace import Workspace
from muniment.custody.keys import SigningKey
from muniment.custody.policy import parse_policy
from muniment.errors import InvalidInput, TamperSuspected, Unavailable
from muniment.seal.witness import OtherSize, Witness
from muniment.seal.witness_client import Reply
from muniment.seal.witness_request import parse_submission
from muniment.seal.witness_state import WitnessState
from tests.library.archive.ledger import ORIGIN, Ledger

if TYPE_CHECKING:
    from pathlib import Path

TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
NAMES = ("north", "south")


class Place:
    """A workspace whose log two witnesses watch, its clock, and what is in the way."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.ledger = ledger
        self.time = TIME
        self.troubles: dict[str, Exception] = {}
        self.asked: list[str] = []
        self.workspace = Workspace(ledger.archive.parent, "Test", ORIGIN, "0" * 32)
        self.witnesses: dict[str, Witness] = {}
        for name in NAMES:
            WitnessState.create(folder / name, f"{name}.example")
            state = WitnessState(folder / name)
            self.witnesses[name] = Witness(state, [ledger.key.verifier], lambda: self.time)
        lines = [
            f"witness {name} {one.verifier.text} https://{name}.example\n"
            for name, one in self.witnesses.items()
        ]
        text = "".join(lines) + "group both 2 north south\nquorum both\n"
        self.workspace.witness_policy.write_text(text)

    def __call__(self, url: str, body: bytes) -> Reply:
        name = url.removeprefix("https://").partition(".")[0]
        self.asked.append(name)
        if name in self.troubles:
            raise self.troubles[name]
        found = self.witnesses[name].add_checkpoint(parse_submission(body))
        if isinstance(found, OtherSize):
            return Reply(409, "text/x.tlog.size", f"{found.size}\n".encode())
        return Reply(200, "text/plain", f"{found.cosignature.line}\n".encode())

    def ask(self, *, at_once: bool = False, later: float = 0) -> list[str]:
        """Ask whoever is due, so many seconds later; return who was asked."""
        self.time += timedelta(seconds=later)
        self.asked = []
        ask_due(
            self.workspace,
            self.ledger.key.verifier,
            at_once=at_once,
            transport=self,
            clock=lambda: self.time,
        )
        return sorted(set(self.asked))

    def question(self, name: str) -> Question:
        return next(one for one in questions(self.workspace.witness_state) if one.name == name)

    def grow(self) -> int:
        self.ledger.append(3)
        self.ledger.publish()
        return len(self.ledger.lines)

    def signed(self, size: int) -> tuple[bytes, ...]:
        policy = parse_policy(self.workspace.witness_policy.read_bytes())
        return judged(self.ledger.archive, size, policy).names


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    root = tmp_path / "workspace"
    (root / "archive").mkdir(parents=True)
    ledger = Ledger(root / "archive", SigningKey.generate(ORIGIN))
    made = Place(tmp_path / "witnesses", ledger)
    monkeypatch.setattr("muniment.seal.witness_client.now", lambda: made.time)
    return made


def test_each_new_head_is_cosigned_within_a_minute(place: Place) -> None:
    assert place.ask() == []  # nothing is published yet
    for _ in range(3):
        size = place.grow()
        asked = [name for _ in range(4) for name in place.ask(later=15)]
        assert sorted(asked) == ["north", "south"]
        assert place.signed(size) == (b"north", b"south")
        assert place.question("north") == Question(
            "north", size, place.question("north").asked, place.question("north").due
        )


def test_one_that_fails_is_asked_less_and_less_often_and_never_given_up(place: Place) -> None:
    place.troubles["south"] = Unavailable("nobody answers", code="egress.connect", hint="Wait.")
    size = place.grow()
    assert place.ask() == ["north", "south"]
    told = place.question("south")
    assert (told.size, told.failures, told.code) == (size, 1, "egress.connect")
    assert (told.error, told.alarm) == ("nobody answers. Wait.", False)
    waits = []
    for _ in range(9):
        waited = 0
        while place.ask(later=5) == []:
            waited += 5
        waits.append(waited + 5)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (15, 600)
    assert place.question("south").failures == 10
    place.troubles = {}
    assert place.ask(later=600) == ["south"]
    assert (place.question("south").failures, place.question("south").error) == (0, "")
    assert place.signed(size) == (b"north", b"south")


def test_who_contradicts_us_is_an_alarm(place: Place) -> None:
    place.troubles["north"] = TamperSuspected("it saw more", code="witness.ahead")
    place.grow()
    assert place.ask() == ["north", "south"]
    assert place.question("north").alarm
    assert not place.question("south").alarm
    assert place.ask(later=1800) == []
    assert place.ask(later=1800) == ["north"]


def test_what_keeps_lines_from_being_kept_came_in_the_way_of_everybody(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: object) -> None:
        raise Unavailable("no space", code="archive.full")

    monkeypatch.setattr("muniment.archive.witnessing.keep", cannot)
    size = place.grow()
    place.ask()
    assert [place.question(name).code for name in NAMES] == ["archive.full"] * 2
    assert place.signed(size) == ()


def test_whoever_waits_asks_at_once(place: Place) -> None:
    place.troubles["south"] = Unavailable("nobody answers", code="egress.connect")
    place.grow()
    place.ask()
    assert place.ask() == []
    assert place.ask(at_once=True) == ["south"]


def test_one_process_asks_at_a_time(place: Place) -> None:
    place.grow()
    with place.workspace.witness_policy.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert place.ask() == []
    assert place.ask() == ["north", "south"]


@pytest.mark.parametrize(
    "state", [b"", b"{", b"[]", b"[7]", b'[{"name":"north"}]', b'[{"name":1,"due":2}]', b"\xff"]
)
def test_a_torn_state_costs_questions_and_nothing_else(place: Place, state: bytes) -> None:
    size = place.grow()
    place.workspace.witness_state.write_bytes(state)
    assert questions(place.workspace.witness_state) == []
    assert place.ask() == ["north", "south"]
    assert place.signed(size) == (b"north", b"south")


def test_without_a_policy_nobody_is_asked(place: Place) -> None:
    place.grow()
    place.workspace.witness_policy.unlink()
    assert place.ask() == []
    assert not place.workspace.witness_state.exists()


def test_a_policy_that_cannot_be_used_is_said(place: Place) -> None:
    place.grow()
    place.workspace.witness_policy.write_text("quorum nobody\n")
    with pytest.raises(InvalidInput) as refused:
        place.ask()
    assert refused.value.code == "policy.line"


def test_questions_of_witnesses_who_were_taken_out_are_forgotten(place: Place) -> None:
    place.grow()
    place.ask()
    text = place.workspace.witness_policy.read_text().splitlines(keepends=True)
    place.workspace.witness_policy.write_text(text[1] + "quorum south\n")
    place.grow()
    assert place.ask(later=60) == ["south"]
    assert [one.name for one in questions(place.workspace.witness_state)] == ["south"]


def test_what_may_be_reached_is_in_the_settings(place: Place) -> None:
    policy = parse_policy(place.workspace.witness_policy.read_bytes())
    named = replace(policy.witnesses[b"north"], url="https://north.example:8443/w")
    policy = replace(policy, witnesses={**policy.witnesses, b"north": named})
    rule = outward(policy, Outside(networks=("10.1.0.0/16",), ports=(8318,)))
    assert [str(one) for one in rule.networks] == ["10.1.0.0/16"]
    assert rule.ports == {80, 443, 8443, 8318}
    named = replace(named, url="https://north.example:port/")
    with pytest.raises(InvalidInput):
        outward(replace(policy, witnesses={b"north": named}), Outside())
