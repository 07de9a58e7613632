"""Asking for time: the right head, both authorities, again and again, and never too often."""

from __future__ import annotations

import fcntl
import os
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from muniment.archive.time_tokens import first_stamped, refusals, stamped_sizes, tokens_over
from muniment.errors import TamperSuspected
from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.library.archive.timekeeping import SECOND, Stamped, stamped_log

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@pytest.fixture
def stamped(tmp_path: Path) -> Generator[Stamped]:
    with SimulatedAuthority.serving() as first, SimulatedAuthority.serving() as second:
        yield stamped_log(tmp_path, first, second)


def kept(stamped: Stamped) -> dict[int, list[str]]:
    """The authorities of the tokens that are kept, by size of the head."""
    archive = stamped.workspace.archive
    return {
        size: [one.authority for one in tokens_over(archive, size)]
        for size in stamped_sizes(archive)
    }


def test_both_stamp_one_head_and_are_not_asked_again(stamped: Stamped) -> None:
    outcome = stamped.queue().ask()
    assert (outcome.size, set(outcome.stamped), outcome.failed) == (5, {NAME, SECOND}, {})
    assert {size: sorted(names) for size, names in kept(stamped).items()} == {5: [NAME, SECOND]}
    for _ in range(3):
        stamped.pass_time(hours=1)
        assert stamped.queue().ask().stamped == ()
    assert len(tokens_over(stamped.workspace.archive, 5)) == 2


def test_without_an_authority_or_a_head_nothing_happens(tmp_path: Path) -> None:
    none = stamped_log(tmp_path)
    assert not none.queue().is_asked_for
    assert none.queue().ask().size == 0
    assert none.queue().standings() == []
    assert not (none.workspace.archive / "log" / "tsa").exists()
    assert not none.workspace.time_state.exists()


def test_every_entry_is_stamped_within_ten_minutes_and_seldom_twice(stamped: Stamped) -> None:
    dice = random.Random(3161)
    came = dict.fromkeys(range(5), stamped.moment)
    begun = stamped.moment
    for _ in range(180):  # half an hour, looked at every ten seconds
        if dice.random() < 0.2 and stamped.moment - begun < timedelta(minutes=20):
            came[len(stamped.ledger.lines)] = stamped.moment
            stamped.grow()
        stamped.queue().ask()
        stamped.pass_time(seconds=10)
    assert len(came) > 20
    archive = stamped.workspace.archive
    for index, moment in came.items():
        tokens = first_stamped(archive, index)
        assert {one.authority for one in tokens} == {NAME, SECOND}
        assert tokens[0].at - moment <= timedelta(minutes=10), index
    assert len(stamped_sizes(archive)) == 4


def test_one_that_cannot_be_reached_holds_nobody_up_and_is_seen(stamped: Stamped) -> None:
    first, second = stamped.workspace.outside.authorities
    stamped.name(first, replace(second, url="http://127.0.0.1:1/tsa"))
    outcome = stamped.queue().ask()
    assert outcome.stamped == (NAME,)
    assert outcome.failed[SECOND].code == "egress.connect"
    assert kept(stamped) == {5: [NAME]}
    asked = [stamped.moment]
    for _ in range(360):  # an hour
        stamped.pass_time(seconds=10)
        if stamped.queue().ask().failed:
            asked.append(stamped.moment)
    waits = [int((b - a).total_seconds()) for a, b in pairwise(asked)]
    assert waits == [20, 30, 60, 120, 240, 480, 960]  # 15 s doubled, as this looks every 10 s
    _, behind = stamped.queue().standings()
    assert (behind.size, behind.at, behind.overdue) == (0, None, True)
    assert behind.attempts.failures == 8
    assert "127.0.0.1" in behind.attempts.message
    assert not behind.attempts.waits_for_person

    # It comes back: asked at once, as its settings changed, for the head of the day.
    stamped.grow()
    stamped.name(first, second)
    assert set(stamped.queue().ask().stamped) == {NAME, SECOND}
    assert kept(stamped)[6].count(SECOND) == 1
    assert [one.attempts.failures for one in stamped.queue().standings()] == [0, 0]


def test_what_does_not_hold_is_kept_raw_with_its_finding_and_counts_for_nothing(
    stamped: Stamped,
) -> None:
    first, second = stamped.workspace.outside.authorities
    stamped.name(first, replace(second, roots=first.roots))
    outcome = stamped.queue().ask()
    assert (outcome.stamped, outcome.failed[SECOND].code) == ((NAME,), "token.path")
    assert outcome.failed[SECOND].waits_for_person
    [said] = refusals(stamped.workspace.archive, 5)
    assert (said["authority"], said["finding"]) == (SECOND, "path")
    folder = stamped.workspace.archive / "log" / "tsa" / "refused" / "5-1"
    assert {one.name for one in folder.iterdir()} == {
        "about.json", "note", "query.tsq", "token.tsr",
    }  # fmt: skip
    assert (folder / "token.tsr").read_bytes().startswith(b"\x30")
    # A person has to do something: asked once a day, and the same is not kept twice.
    stamped.pass_time(hours=23)
    assert not stamped.queue().ask().failed
    stamped.pass_time(hours=2)
    assert stamped.queue().ask().failed
    assert len(list(refusals(stamped.workspace.archive, 5))) == 1
    # They did.
    stamped.name(first, second)
    assert stamped.queue().ask().stamped == (SECOND,)
    assert kept(stamped) == {5: [NAME, SECOND]}


def test_a_revoked_certificate_is_found_before_its_token_is_kept(stamped: Stamped) -> None:
    simulator = stamped.simulators[0]
    serial = simulator.signer.certificate.serial_number
    simulator.revoked[serial] = (stamped.moment - timedelta(days=1), None)
    assert stamped.queue().ask().failed[NAME].code == "token.revoked"
    assert kept(stamped) == {5: [SECOND]}


def test_an_old_token_is_followed_by_another_though_the_log_did_not_grow(stamped: Stamped) -> None:
    stamped.queue().ask()
    stamped.pass_time(days=364)
    assert stamped.queue().ask().stamped == ()
    stamped.pass_time(days=2)
    assert set(stamped.queue().ask().stamped) == {NAME, SECOND}
    assert sorted(kept(stamped)[5]) == sorted([NAME, SECOND] * 2)
    assert stamped.queue().ask().stamped == ()


def test_a_certificate_near_its_end_is_not_asked_for_a_token_every_minute(stamped: Stamped) -> None:
    simulator = stamped.simulators[0]
    simulator.signer = simulator.issue(end=stamped.moment + timedelta(days=120))
    stamped.queue().ask()
    rounds = 0
    for _ in range(60):
        stamped.pass_time(days=1)
        rounds += bool(stamped.queue().ask().stamped)
    # Due from the 30th day on: the 30th, 37th, 44th, 51st, 58th.
    assert rounds == 5
    # Its successor is asked for the next one, and then it is quiet.
    simulator.signer = simulator.issue()
    stamped.pass_time(days=7)
    assert stamped.queue().ask().stamped == (NAME,)
    stamped.pass_time(days=30)
    assert stamped.queue().ask().stamped == ()


def test_one_process_asks_at_a_time(stamped: Stamped) -> None:
    folder = stamped.workspace.archive / "log" / "tsa"
    folder.mkdir()
    other = os.open(folder, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert stamped.queue().ask().stamped == ()
    os.close(other)
    assert len(stamped.queue().ask().stamped) == 2


@pytest.mark.parametrize("text", [None, "", "{}", '{"size":"x","since":"","attempts":{}}', "[1]"])
def test_what_is_remembered_may_be_lost(stamped: Stamped, text: str | None) -> None:
    stamped.queue().ask()
    if text is None:
        stamped.workspace.time_state.unlink()
    else:
        stamped.workspace.time_state.write_text(text, encoding="utf-8")
    assert stamped.queue().ask().stamped == ()
    stamped.grow()
    assert len(stamped.queue().ask().stamped) == 2


def test_a_clock_that_was_set_back_stops_nothing(stamped: Stamped) -> None:
    stamped.pass_time(days=30)
    stamped.queue().ask()
    stamped.pass_time(days=-29)
    stamped.grow()
    assert len(stamped.queue().ask().stamped) == 2


def test_a_head_that_the_log_did_not_sign_is_not_stamped(stamped: Stamped) -> None:
    path = stamped.workspace.archive / "log" / "checkpoints" / "5"
    text = path.read_text(encoding="utf-8")
    path.chmod(0o600)
    path.write_text(text.replace(text.split("\n")[2], "A" * 43 + "="), encoding="utf-8")
    with pytest.raises(TamperSuspected):
        stamped.queue().ask()
    assert kept(stamped) == {}
