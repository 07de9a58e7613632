"""The clock of the machine: steps are told, jumps wait for a person, time never goes back."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from muniment.errors import Conflict, NotPermitted, Unavailable
from muniment.evidence.disclosure import open_disclosure
from tests.server.clocks import Clocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clocks(machine: Actor, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Clocks that were seen once, in a log that already has acts."""
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import appending, clock

    head = queries.custody_head()
    assert head.t is not None
    held = Clocks(head.t.astimezone(UTC) + SECOND)
    monkeypatch.setattr(clock, "read", held.read)
    monkeypatch.setattr(appending, "now", lambda: held.wall)
    do(machine)
    return held


def do(by: Actor) -> None:
    from muniment_server.catalogue import services

    services.make_collection(by, title="SPECIMEN")


def acts(last: int) -> list[tuple[str, datetime]]:
    from muniment_server.custody import queries
    from muniment_server.custody.models import Leaf

    size = queries.custody_head().size
    rows = Leaf.objects.filter(index__gte=size - last).order_by("index")
    return [(row.kind, row.t) for row in rows]


def told(back: int = 0) -> dict[str, Any]:
    """What the last anomaly says."""
    from muniment_server.custody.models import Leaf

    row = Leaf.objects.filter(kind="clock.anomaly").order_by("-index")[back]
    opened = [open_disclosure(text) for text in row.disclosures.split("\n")]
    found: Any = next(one.value for one in opened if one.name == "handling")
    return cast("dict[str, Any]", found)


@pytest.mark.parametrize("seconds", [0, 1, 2, -1, -2])
def test_small_corrections_are_not_told(clocks: Clocks, machine: Actor, seconds: int) -> None:
    clocks.passes(HOUR, step=timedelta(seconds=seconds))
    do(machine)
    assert [kind for kind, _ in acts(2)] == ["collection.made", "collection.made"]


@pytest.mark.parametrize("seconds", [3, 60, 3600, -3, -60, -3500])
def test_a_step_is_told_once_before_the_act_it_concerns(
    clocks: Clocks, machine: Actor, seconds: int
) -> None:
    clocks.passes(HOUR, step=timedelta(seconds=seconds))
    do(machine)
    clocks.passes(timedelta(minutes=5))
    do(machine)
    assert [kind for kind, _ in acts(4)] == [
        "collection.made",
        "clock.anomaly",
        "collection.made",
        "collection.made",
    ]
    assert told()["step_ms"] == seconds * 1000


def test_a_clock_set_back_a_day_does_not_turn_the_log_back(clocks: Clocks, machine: Actor) -> None:
    before = acts(1)[0][1]
    clocks.passes(SECOND, step=-24 * HOUR)
    do(machine)
    clocks.passes(HOUR)
    do(machine)
    found = acts(3)
    assert [kind for kind, _ in found] == ["clock.anomaly", "collection.made", "collection.made"]
    assert {t for _, t in found} == {before}
    assert told()["behind_ms"] > 86_000_000
    clocks.passes(24 * HOUR)
    do(machine)
    assert acts(1)[0] == ("collection.made", clocks.wall.replace(microsecond=0))


@pytest.mark.parametrize("forward", [HOUR + 3 * SECOND, 24 * HOUR, 365 * 24 * HOUR])
def test_a_jump_forward_stops_all_acts_until_the_clock_is_right_again(
    clocks: Clocks, machine: Actor, forward: timedelta
) -> None:
    from muniment_server.custody import queries

    before = queries.custody_head()
    clocks.passes(SECOND, step=forward)
    for _ in range(2):
        with pytest.raises(Unavailable) as refusal:
            do(machine)
        assert refusal.value.code == "clock.jumped"
    assert (queries.custody_head().size, queries.custody_head().t) == (before.size, before.t)
    clocks.passes(SECOND, step=-forward)
    do(machine)
    assert acts(1)[0][0] == "collection.made"


def test_a_person_confirms_a_jump_and_a_machine_cannot(
    clocks: Clocks, machine: Actor, person: Callable[..., Actor]
) -> None:
    from muniment_server.custody import queries
    from muniment_server.custody.services.clock import confirm_clock

    administrator, analyst = person("administrator"), person("analyst")
    with pytest.raises(Conflict):
        confirm_clock(administrator, reason="nothing happened")
    clocks.passes(SECOND, step=365 * 24 * HOUR)
    for nobody in (machine, analyst):
        with pytest.raises(NotPermitted):
            confirm_clock(nobody, reason="SPECIMEN")
    confirm_clock(administrator, reason="the battery was empty")
    do(machine)
    found = acts(3)
    assert [kind for kind, _ in found] == ["clock.anomaly", "clock.confirmed", "collection.made"]
    assert {t for _, t in found} == {clocks.wall.replace(microsecond=0)}
    assert told()["step_ms"] == 365 * 24 * 3600 * 1000
    confirmed = queries.latest_acts(machine, 2, None).acts
    assert "the battery was empty" in [one.reason for one in confirmed]


def test_nothing_is_known_of_a_jump_across_a_start_of_the_machine(
    clocks: Clocks, machine: Actor
) -> None:
    clocks.boot, clocks.up = "boot-2", timedelta(seconds=9)
    clocks.wall += 24 * HOUR
    do(machine)
    assert acts(1)[0][0] == "collection.made"
    clocks.boot, clocks.up = "boot-3", timedelta(seconds=9)
    clocks.wall -= 48 * HOUR
    do(machine)
    do(machine)
    assert [kind for kind, _ in acts(3)] == ["clock.anomaly", "collection.made", "collection.made"]


def test_bulk_acts_tell_of_a_step_too_and_their_batch_counts_its_members_only(
    clocks: Clocks, machine: Actor, tmp_path: Path
) -> None:
    from muniment_server.catalogue.services import Provenance, receive_uploads
    from muniment_server.custody.models import Leaf

    (tmp_path / "a").write_bytes(b"SPECIMEN a")
    clocks.passes(SECOND, step=-HOUR)
    receive_uploads(machine, [(b"a", str(tmp_path / "a"))], Provenance("tests"))
    assert [kind for kind, _ in acts(3)] == ["clock.anomaly", "item.received", "batch.closed"]
    closing = Leaf.objects.order_by("-index")[0]
    opened = [open_disclosure(text) for text in closing.disclosures.split("\n")]
    reason = next(one.value for one in opened if one.name == "reason")
    assert reason["count"] == 1  # type: ignore[index,call-overload]  # an object


def test_the_log_with_anomalies_checks_and_is_rebuilt(clocks: Clocks, machine: Actor) -> None:
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing

    clocks.passes(SECOND, step=-HOUR)
    do(machine)
    publishing.publish()
    assert examine_workspace(queries.workspace())["problems"] == []


@pytest.mark.parametrize(
    ("set_to", "code", "said"),
    [("+1y", 3, "clock.jumped"), ("-1d", 0, "received"), ("+30m", 0, "received")],
)
def test_under_a_false_clock_the_command_line_does_as_the_rules_say(
    workspace: Workspace, tmp_path: Path, set_to: str, code: int, said: str
) -> None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    assert found, "a false clock needs libfaketime"
    (tmp_path / "a").write_bytes(b"SPECIMEN")
    command = [sys.executable, "-m", "muniment", "-w", str(workspace.root), "add", "--json"]
    command.append(str(tmp_path / "a"))
    true = subprocess.run([*command, "--source", "first"], capture_output=True, check=False)
    assert true.returncode == 0, true.stderr
    false = {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": set_to,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    done = subprocess.run(
        [*command, "--source", "second"], capture_output=True, check=False, env=os.environ | false
    )
    assert (done.returncode, said in done.stdout.decode()) == (code, True), done.stderr
    assert [kind for kind, _ in acts(3)].count("clock.anomaly") == (code == 0)
