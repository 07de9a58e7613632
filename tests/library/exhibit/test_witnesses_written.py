"""What witnesses signed leaves as the export act says, and all three readers hold it to that."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, SigningKey
from muniment.custody.note import Note, parse_note
from muniment.errors import TamperSuspected
from muniment.export.api import Watched
from muniment.export.exhibit.selection import watched_of
from tests.library.exhibit.browser import chromium, reader
from tests.library.exhibit.ledger import key_of
from tests.library.exhibit.story import Plan, Told, tell
from tests.library.verify.readers import read

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from playwright.sync_api import Browser

TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
KEYS = [SigningKey(f"w{n}.example", COSIGNATURE_V1, bytes([n + 1]) * 32) for n in range(3)]
LOG = key_of(Plan().origin).verifier.text
POLICY = "".join(
    [
        f"log {LOG}\n",
        *[f"witness w{n} {key.verifier.text}\n" for n, key in enumerate(KEYS)],
        "group g 2 w0 w1 w2\nquorum g\n",
    ]
).encode()
EASIER = POLICY.replace(b"group g 2", b"group g 1")
DIGEST = sha256(POLICY).hexdigest()
HEADS = [4, 6]


def told(
    said: dict[str, Any] | None, *, policy: bytes = POLICY, signed: tuple[int, ...] = (2, 2)
) -> Told:
    """The story with a policy, so many lines on each older head, and what the act says of both."""

    def name(selection: dict[str, Any]) -> dict[str, Any]:
        return selection if said is None else {**selection, "witnesses": said}

    made = tell(Plan(twists={"selection": name}))
    assert [int(one.note.split(b"\n")[1]) for one in made.custody.old_heads] == HEADS
    return signed_by(made, policy, signed)


def signed_by(made: Told, policy: bytes, signed: tuple[int, ...]) -> Told:
    """The same story with so many lines on each older head."""
    heads = [
        replace(one, note=cosigned(one.note, count))
        for one, count in zip(made.custody.old_heads, signed, strict=True)
    ]
    return replace(made, custody=replace(made.custody, policy=policy, old_heads=tuple(heads)))


def cosigned(note: bytes, count: int) -> bytes:
    parsed = parse_note(note)
    lines = [cosign(parsed, key, TIME) for key in KEYS[:count]]
    return Note(parsed.text, (*parsed.signatures, *lines)).to_bytes()


def saying(**changes: object) -> dict[str, Any]:
    return {"checkpoint": False, "lines": [2, 2], "policy": DIGEST, **changes}


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with chromium() as one:
        yield one


@dataclass(frozen=True)
class Said:
    """What the three readers say: overall, and the state of `witnessed`."""

    verdict: str
    state: str
    words: tuple[str, str, str]


def all_readers(path: Path, browser: Browser) -> Said:
    """Ask all three readers, who must agree."""
    outcome = read(path)
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as held:
        held.extractall(folder)
    (record,) = folder.glob("*/record.html")
    with reader(browser) as page:
        page.open(record)
        verdict = page.hand_over(path)
        third = page.verdicts["witnessed"]
    assert (verdict, third["state"]) == (outcome.verdict, outcome.states["witnessed"])
    words = (outcome.details["witnessed"], outcome.stand_alone["witnessed"], third["detail"])
    return Said(outcome.verdict, outcome.states["witnessed"], words)


def test_a_quorum_above_each_first_act_is_proved(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "exhibit.zip"
    told(saying()).write(path)
    said = all_readers(path, browser)
    assert (said.verdict, said.state) == ("intact_self_attested", "proved")
    assert all("2 of 3" in words for words in said.words)


@pytest.mark.parametrize("signed", [(0, 0), (1, 1), (2, 0)])
def test_fewer_prove_nothing(browser: Browser, tmp_path: Path, signed: tuple[int, ...]) -> None:
    path = tmp_path / "exhibit.zip"
    told(saying(lines=list(signed)), signed=signed).write(path)
    said = all_readers(path, browser)
    assert (said.verdict, said.state) == ("intact_self_attested", "absent")


def test_a_later_head_that_a_quorum_signed_covers_what_came_before(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "exhibit.zip"
    told(saying(lines=[0, 2]), signed=(0, 2)).write(path)
    assert all_readers(path, browser).state == "proved"


@pytest.mark.parametrize(("count", "verdict"), [(2, "intact_self_attested"), (0, "refused")])
def test_a_head_may_be_there_for_its_witnesses_alone(
    browser: Browser, tmp_path: Path, count: int, verdict: str
) -> None:
    def name(selection: dict[str, Any]) -> dict[str, Any]:
        return {**selection, "tokens": [], "witnesses": saying(lines=[0, 0, count])}

    path = tmp_path / "exhibit.zip"
    made = tell(Plan(tokens=(10,), twists={"selection": name}))
    signed_by(made, POLICY, (0, 0, count)).write(path)
    found = all_readers(path, browser)
    assert (found.verdict, found.state) == (verdict, "proved" if count else "absent")


@pytest.mark.parametrize(
    "said",
    [
        saying(lines=[2, 1]),
        saying(lines=[0, 0]),
        saying(lines=[3, 2]),
    ],
)
def test_a_line_more_or_less_than_the_act_says_is_refused(
    browser: Browser, tmp_path: Path, said: dict[str, Any]
) -> None:
    path = tmp_path / "exhibit.zip"
    told(said).write(path)
    found = all_readers(path, browser)
    assert (found.verdict, found.state) == ("refused", "failed")


def test_another_policy_than_the_act_names_is_refused(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    easier = told(saying(lines=[1, 1]), policy=EASIER, signed=(1, 1))
    path = tmp_path / "exhibit.zip"
    with pytest.raises(TamperSuspected):  # by the writer, already
        easier.write(path)
    monkeypatch.setattr("muniment.export.exhibit.material._check_policy", lambda *_: None)
    easier.write(path)
    found = all_readers(path, browser)
    assert (found.verdict, found.state) == ("refused", "failed")


@pytest.mark.parametrize(
    "said",
    [
        {},
        [],
        "all of us",
        saying(more=1),
        {"lines": [2, 2], "policy": DIGEST},
        saying(checkpoint=0),
        saying(lines=[2]),
        saying(lines=[2, 2, 2]),
        saying(lines=[2, -1]),
        saying(lines="22"),
        saying(policy=DIGEST.upper()),
        saying(policy=7),
    ],
)
def test_what_is_said_of_witnesses_has_one_form(
    browser: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: Any,  # noqa: ANN401 - whatever a dishonest exporter says
) -> None:
    monkeypatch.setattr("muniment.export.exhibit.material._check_policy", lambda *_: None)
    path = tmp_path / "exhibit.zip"
    told(said).write(path)
    assert all_readers(path, browser).verdict == "refused"


def test_the_writer_reads_what_it_wrote() -> None:
    watched = Watched(DIGEST, {4: 2, 6: 1}, checkpoint=True)
    selection: dict[str, Any] = {
        "heads": HEADS,
        "witnesses": {"checkpoint": True, "lines": [2, 1], "policy": DIGEST},
    }
    assert watched_of(selection) == watched
    assert watched_of({"heads": HEADS}) is None
    for said in ("all", {}, {**selection["witnesses"], "lines": [2]}, {"lines": [2, 1]}):
        with pytest.raises(TamperSuspected):
            watched_of({"heads": HEADS, "witnesses": said})
