"""All three readers judge the exhibits of another writer alike, state by state.

The other writer is the one of the readers' own tests, which shares no code with the exporter. Its
exhibits get the real page as their template, so that the page can be opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from muniment.export.exhibit.page_assembly import template
from muniment.verify import verify
from tests.library.exhibit.browser import chromium, reader
from tests.library.verify import exhibits, second_writer
from tests.library.verify.exhibits import Plan
from tests.library.verify.second_writer import LOG_KEY, key
from tests.library.verify.test_time_tokens import (
    another_note,
    cosigned_note,
    cut,
    for_other,
    refusal,
    right,
    two,
    without,
)
from tests.mutations.bags import Bag

WITNESSES = [key(f"witness.invalid/w{n}", 4) for n in range(3)]
POLICY = (
    f"log {LOG_KEY.text}\n"
    + "".join(f"witness w{n} {one.text}\n" for n, one in enumerate(WITNESSES))
    + "group enough 2 w0 w1 w2\nquorum enough\n"
)
TWO, ONE = (LOG_KEY, *WITNESSES[:2]), (LOG_KEY, WITNESSES[0])
STRANGER = key("stranger.invalid/s", 4)

PLANS = {
    "plain": Plan(),
    "two manifests": Plan(sha512=True),
    "a kind of disclosure withheld": Plan(withhold=frozenset({"source"}), withheld=("source",)),
    "a file withheld": Plan(withheld=("data/original/M-00871/002",)),
    "an old head that is the head": Plan(heads=(2, 13), size=13),
    "witnessed by enough": Plan(policy=POLICY, signers=TWO, keys=TWO),
    "witnessed by too few": Plan(policy=POLICY, signers=ONE, keys=ONE),
    "witnessed from the first": Plan(policy=POLICY, old_signers=TWO, keys=TWO),
    "signed by a stranger too": Plan(policy=POLICY, signers=(LOG_KEY, STRANGER)),
    "a head nothing rests on": Plan(heads=(2, 4, 9)),
    "no old head": Plan(heads=()),
    "a time token": Plan(tokens=(4,), stamps=right),
    "time tokens of two": Plan(tokens=(2, 4), stamps=two),
    "a time token on a head nothing rests on": Plan(heads=(2, 4, 9), tokens=(9,), stamps=right),
    "a time token for other bytes": Plan(tokens=(4,), stamps=for_other),
    "a time token cut": Plan(tokens=(4,), stamps=cut),
    "a time token without its path": Plan(tokens=(4,), stamps=without(".pem")),
    "a time token that is a refusal": Plan(tokens=(4,), stamps=refusal),
    "a stamped note that is no head": Plan(tokens=(4,), stamps=another_note),
    "a cosigned note stamped": Plan(tokens=(4,), stamps=cosigned_note),
    "a time token for a head that is not here": Plan(tokens=(5,), stamps=right),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def real_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other writer's template is the exporter's page, wherever it uses it."""

    def page(files: Mapping[str, bytes], _other: bytes) -> bytes:
        return Bag("", files, template()).page(files)

    monkeypatch.setattr(second_writer, "page", page)
    monkeypatch.setattr(exhibits, "TEMPLATE", template())


@pytest.mark.usefixtures("real_page")
@pytest.mark.parametrize("name", PLANS)
def test_the_page_says_what_the_library_says(browser: Browser, name: str, tmp_path: Path) -> None:
    bundle = exhibits.exhibit(PLANS[name])
    (tmp_path / "exhibit.zip").write_bytes(bundle.zipped())
    (tmp_path / "record.html").write_bytes(bundle.files["record.html"])
    report = json.loads(
        verify(tmp_path / "exhibit.zip", log_keys=[], require=frozenset()).to_json()
    )
    states = {one: said["state"] for one, said in report["verdicts"].items()}
    with reader(browser) as page:
        page.open(tmp_path / "record.html")
        verdict = page.hand_over(tmp_path / "exhibit.zip")
        said = {one: verdict["state"] for one, verdict in page.verdicts.items()}
        assert (verdict, said) == (report["verdict"], states)
        assert page.errors == []
