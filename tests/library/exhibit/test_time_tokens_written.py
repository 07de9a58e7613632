"""Time tokens leave with an exhibit: as the act names them, over heads that the bundle proves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from muniment.custody.keys import VerifierKey
from muniment.custody.note import parse_note
from muniment.egress import Egress, Rule
from muniment.errors import InvalidInput, TamperSuspected
from muniment.export.exhibit import Exhibit
from muniment.seal.rfc3161 import TimeAuthority, kept_files, stamped_bytes
from muniment.seal.rfc3161.client import Stamp, request_stamp
from muniment.testing.simulated_authority import SimulatedAuthority
from muniment.verify import verify
from tests.library.exhibit.story import Plan, Told, tell
from tests.library.verify.readers import read

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SIZE = 10


@pytest.fixture(scope="module")
def simulator() -> Generator[SimulatedAuthority]:
    with SimulatedAuthority.serving() as one:
        yield one


@pytest.fixture(scope="module")
def plain() -> Told:
    return tell()


@pytest.fixture(scope="module")
def stamps(simulator: SimulatedAuthority) -> tuple[Stamp, Stamp]:
    """Two tokens over the head of the log at ten entries."""
    assert simulator.urls
    custody = tell(Plan(tokens=(SIZE,))).custody
    [note] = [one.note for one in custody.old_heads if b"\n%d\n" % SIZE in one.note]
    stamped = stamped_bytes(parse_note(note), [VerifierKey.parse(custody.keys[0])])
    authority = TimeAuthority("Simulator", simulator.urls.stamps, (simulator.root.certificate,))
    way = Egress(Rule.loopback(simulator.urls.port))
    return (request_stamp(way, authority, stamped), request_stamp(way, authority, stamped))


def told_with(stamps: tuple[Stamp, ...]) -> Told:
    told = tell(Plan(tokens=(SIZE,)))
    return replace(told, custody=replace(told.custody, tokens=kept_files(SIZE, stamps)))


def test_they_are_written_and_all_readers_find_them(
    stamps: tuple[Stamp, Stamp], simulator: SimulatedAuthority, tmp_path: Path
) -> None:
    path = tmp_path / "exhibit.zip"
    told_with(stamps).write(path)
    outcome = read(path)
    assert (outcome.verdict, outcome.failed) == ("intact_self_attested", set())
    report = verify(
        path,
        log_keys=(),
        require=frozenset({"existed_before"}),
        time_roots=[simulator.root.certificate],
    )
    assert json.loads(report.to_json())["verdicts"]["existed_before"]["state"] == "proved"
    assert report.exit_code == 0


def test_what_the_act_does_not_name_does_not_leave(
    plain: Told, stamps: tuple[Stamp, Stamp], tmp_path: Path
) -> None:
    named, files = told_with(stamps), kept_files(SIZE, stamps)
    wrong = [
        (plain, files),
        (named, {}),
        (named, {**files, "../x": b""}),
        (named, {**files, "9-1.tsr": b"x"}),
        (named, {**files, "9.note": files[f"{SIZE}.note"]}),
        (named, {**files, f"{SIZE}.note": plain.custody.checkpoint}),
    ]
    for told, given in wrong:
        with pytest.raises(TamperSuspected) as refused:
            Exhibit().write(
                told.prepared, replace(told.custody, tokens=given), tmp_path / "exhibit.zip"
            )
        assert refused.value.code == "exhibit.custody"
        assert [*tmp_path.iterdir()] == []


def test_only_tokens_that_hold_over_one_head_are_handed_on(stamps: tuple[Stamp, Stamp]) -> None:
    first, second = stamps
    assert sorted(kept_files(SIZE, [first])) == ["10-1.ocsp", "10-1.pem", "10-1.tsr", "10.note"]
    spoilt = replace(first, verdict=replace(first.verdict, finding="clock"))  # type: ignore[arg-type]  # a finding's text
    wrong: list[list[Stamp]] = [
        [], [spoilt], [first, spoilt], [first, replace(second, stamped=b"x")], [first] * 10,
    ]  # fmt: skip
    for given in wrong:
        with pytest.raises(InvalidInput) as refused:
            kept_files(SIZE, given)
        assert refused.value.code == "token.not_kept"
