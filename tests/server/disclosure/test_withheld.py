"""What an export leaves out is counted and fixed: nobody on the way can leave out more."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from muniment.evidence.disclosure import open_disclosure
from muniment.export.exhibit.page_assembly import template
from tests.mutations.bags import Bag

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor


@pytest.fixture
def bag(machine: Actor, items: Callable[..., list[Item]]) -> Bag:
    """A bundle that tells no sources, of an item that somebody described and said why."""
    from muniment_server.catalogue import services as catalogue
    from muniment_server.disclosure import services

    (film,) = items("film")
    catalogue.describe_item(machine, film, title="SPECIMEN film", reason="it had no title")
    order = services.Order("a court", withheld=frozenset({"source"}))
    bundle = services.export_bundle(machine, [film], order)
    with bundle.stream as stream, zipfile.ZipFile(io.BytesIO(stream.read())) as archive:
        members = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    return Bag(bundle.name.removesuffix(".zip"), members, template())


def without_a_reason(bag: Bag) -> Bag:
    """The bag as somebody passes it on who took out why the item was described."""
    lines = bag.lines
    found = 0
    for line in lines:
        opened = {open_disclosure(text).name: text for text in line["disclosures"]}
        kind = open_disclosure(opened["chain"]).value["act"]  # type: ignore[index,call-overload]  # an object
        if kind == "item.described":
            line["disclosures"].remove(opened["reason"])
            found += 1
    assert found == 1
    return bag.with_lines(lines).sealed()


def read(bag: Bag, folder: Path) -> list[Any]:
    """What `muniment verify` and `verify.py` say of what is disclosed, with their verdicts."""
    from muniment.verify import verify

    path = folder / "exhibit.zip"
    path.write_bytes(bag.zipped())
    (folder / "verify.py").write_bytes(bag.files["verify.py"])
    report = verify(path, log_keys=(), require=frozenset())
    command = [sys.executable, "-I", str(folder / "verify.py"), "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    return [
        (report.verdict.value, str(report.verdicts["disclosed"].state)),
        (said["verdict"], said["verdicts"]["disclosed"]["state"]),
    ]


def test_what_the_export_left_out_is_said(bag: Bag, tmp_path: Path) -> None:
    assert read(bag, tmp_path) == 2 * [("intact_self_attested", "absent")]


def test_more_cannot_be_left_out_on_the_way(bag: Bag, tmp_path: Path) -> None:
    assert read(without_a_reason(bag), tmp_path) == 2 * [("refused", "failed")]


@pytest.mark.slow
def test_the_page_says_so_too(bag: Bag, tmp_path: Path) -> None:
    from tests.library.exhibit.browser import chromium, reader

    with chromium() as browser, reader(browser) as page:
        for one, verdict, state in (
            (bag, "intact_self_attested", "absent"),
            (without_a_reason(bag), "refused", "failed"),
        ):
            (tmp_path / "exhibit.zip").write_bytes(one.zipped())
            (tmp_path / "record.html").write_bytes(one.files["record.html"])
            page.open(tmp_path / "record.html")
            assert page.hand_over(tmp_path / "exhibit.zip") == verdict
            assert page.verdicts["disclosed"]["state"] == state
        assert page.errors == []
