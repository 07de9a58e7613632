"""No spoilt exhibit passes `record.html` in a real browser, and each is refused for its reason.

As a recipient would: the exhibit's own page is opened from disk and its ZIP is handed over. Where
the page itself was spoilt, or is not to be found, the honest page of the exhibit is used: what a
forged page says is worth nothing, which the page and VERIFY.md both say.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.faults import counts
from tests.faults.counts import LONG, cases
from tests.library.exhibit.browser import Reader, chromium, reader
from tests.library.exhibit.story import Plan, tell, tell_many
from tests.mutations.bags import Mutation, bag_of, elsewhere, later, story, thief, whole
from tests.mutations.generator import FAMILIES, sampled

# A hundred and more, from every family.
COUNTS = {"careless": 20, "careful": 15, "forgers": 45, "containers": 20, "keepers": 20}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def count_of(family: str) -> int:
    """How many of a family are tried on the page: a sample, or all of them in the long form."""
    return len(list(FAMILIES[family]())) if LONG else COUNTS[family]


def own_page(data: bytes) -> bytes:
    """The page in a ZIP, if it is the exporter's around whatever record; else the honest one."""
    honest = whole().files["record.html"]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.read(f"{whole().name}/record.html")
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, EOFError, ValueError):
        return honest
    before, after = honest.split(b'id="bundle">')[0], honest.split(b"</script>", 1)[1]
    return found if found.startswith(before) and found.endswith(after) else honest


def wrongly_judged(mutation: Mutation, page: Reader, folder: Path) -> str | None:
    """What is wrong with the page's judgement of a spoilt exhibit, or None."""
    data = mutation.make()
    (folder / "exhibit.zip").write_bytes(data)
    (folder / "record.html").write_bytes(own_page(data))
    page.open(folder / "record.html")
    verdict = page.hand_over(folder / "exhibit.zip")
    if mutation.log_key:
        verdict = page.bring_key(mutation.log_key)
    failed = page.in_state("failed")
    if verdict == "refused" and failed and mutation.must <= failed <= mutation.may:
        return None
    said = {name: one["detail"] for name, one in page.verdicts.items() if name in failed}
    return f"{mutation.name}: {verdict}, must {sorted(mutation.must)}, said {said}"


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_every_spoilt_exhibit_is_refused_for_its_reason(
    browser: Browser, family: str, tmp_path: Path
) -> None:
    with reader(browser) as page:
        chosen = sampled(family, count_of(family))
        found = [wrongly_judged(one, page, tmp_path) for one in chosen]
        assert [wrong for wrong in found if wrong] == []
        assert page.errors == []


def test_a_hundred_are_tried(capsys: pytest.CaptureFixture[str]) -> None:
    names = {one.name for family in FAMILIES for one in sampled(family, count_of(family))}
    assert len(names) == sum(map(count_of, FAMILIES)) >= cases(100, 2000)
    counts.tell(capsys, f"{len(names)} spoilt exhibits tried on the page")


@pytest.mark.slow
def test_exhibits_that_nobody_spoilt_pass(browser: Browser, tmp_path: Path) -> None:
    many = bag_of(tell_many(300))
    with reader(browser) as page:
        longer = bag_of(tell(Plan(sha512=True)))
        for bag in (many, longer, whole(), later(), elsewhere(), thief()):
            (tmp_path / "exhibit.zip").write_bytes(bag.zipped())
            (tmp_path / "record.html").write_bytes(bag.files["record.html"])
            page.open(tmp_path / "record.html")
            assert page.verdict == "not_yet_checked"
            assert page.hand_over(tmp_path / "exhibit.zip") == "intact_self_attested"
        key = story().ledger.key.verifier.text
        assert page.bring_key(key) == "refused"
        assert page.in_state("failed") == {"included"}
        assert page.errors == []
