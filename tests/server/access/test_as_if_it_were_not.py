"""To a reader who is not cleared, hidden records change nothing: no total, no gap but in numbers.

Every page, operation and `muniment show` is asked before and after a story is told in a closed
compartment, with records that have one end in it; the answers must be the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from muniment.cli.main import main
from tests.server.access.asking import Asking
from tests.server.access.closed import CANARY, tell_closed
from tests.server.access.populated import entered, populate
from tests.server.access.table import API, WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

#: what a page says about itself and not about records
PASSING = re.compile(
    r'name="(?:csrfmiddlewaretoken|idempotency_key)" value="\w+"|"X-CSRFToken": "\w+"'
)
#: these grow with every question and every act, or show the clock, and have tests of their own
NOT_THE_SAME_TWICE = {
    "/log/state/",
    "/api/state",
    "/log/",
    "/log/access/",
    "/cases/{case}/readings/",
    "/api/log",
    "/api/log/access",
    "/api/log/access/volumes",
    "/api/cases/{case}/readings",
}
#: what proves the log speaks of its head, which anyone is shown
PROOFS = {
    "/api/log/access/checkpoint",
    "/api/log/checkpoint",
    "/api/log/consistency",
    "/api/log/{act}/proof",
}
#: circles of readers are no records: who runs the server has to see them
OF_CIRCLES = {"compartment.created", "clearance.granted"}
PAGES = [
    ("lawyer" if "l" in line.split()[1] else "auditor", line.split()[0])
    for line in WEB.strip().splitlines()
    if not line.startswith("/log-in/") and line.split()[0] not in NOT_THE_SAME_TWICE
]
PAGES += [
    ("lawyer", address)
    for address in (
        "/incidents/?show=timeline",
        "/incidents/?show=map",
        "/claims/?show=timeline",
        "/items/?show=timeline",
    )
]
READINGS = [
    ("lawyer" if "l" in line.split()[2] else "auditor", line.split()[1])
    for line in API.strip().splitlines()
    if line.startswith("GET ") and line.split()[1] not in NOT_THE_SAME_TWICE | PROOFS
]
SHOWN = ("item", "incident", "source", "claim", "person", "unit", "victim", "situation", "case")


@dataclass(frozen=True, slots=True)
class Twice:
    """The same questions' answers, without hidden records and with them, and who asks."""

    asking: Asking
    before: dict[str, str]
    after: dict[str, str]
    size_before: int


@pytest.fixture(scope="module")
def twice(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    from muniment_server.custody import queries

    folder = tmp_path_factory.mktemp("as-if") / "workspace"
    with entered(template, folder) as workspace, pytest.MonkeyPatch.context() as patched:
        populated = populate(workspace)
        asking = Asking(populated)
        before = _answers(asking, workspace, patched)
        size = queries.custody_head().size
        tell_closed(workspace, patched, populated.names, seen_in_part=False)
        yield Twice(asking, before, _answers(asking, workspace, patched), size)


def _answers(asking: Asking, workspace: Workspace, patched: pytest.MonkeyPatch) -> dict[str, str]:
    names = asking.populated.names
    found: dict[str, str] = {}
    for who, address in PAGES:
        content = asking.web(who, "GET", address.format(**names)).content.decode(errors="replace")
        found[f"{who} {address}"] = PASSING.sub("", content)
    for who, address in READINGS:
        answer = asking.api(who, "GET", address.format(**names))
        found[f"API {address}"] = answer.content.decode(errors="replace")
    patched.setenv("MUNIMENT_TOKEN", asking.populated.tokens["lawyer"])
    for kind in SHOWN:
        found[f"show {kind}"] = _printed(patched, workspace, "show", names[kind])
        found[f"custody {kind}"] = _printed(patched, workspace, "custody", names[kind])
    return found


def _printed(patched: pytest.MonkeyPatch, workspace: Workspace, *words: str) -> str:
    from io import StringIO

    out = StringIO()
    with patched.context() as printing:
        printing.setattr("sys.stdout", out)
        asked = ["-w", str(workspace.root), "--as", "lawyer", "--json", *words]
        assert main(asked) == 0, words
    return out.getvalue()


def test_something_was_asked_and_something_hidden(twice: Twice) -> None:
    from muniment_server.incidents.models import IncidentItem

    assert json.loads(twice.before["show incident"])["number"] == "INC-00001"
    # The words of closed rows are sealed: nothing in the database can look for them.
    straddling = [one.note for one in IncidentItem.objects.filter(incident__number="INC-00001")]
    assert straddling.count(CANARY) == 1
    assert CANARY not in "".join(twice.after.values())


@pytest.mark.parametrize(
    "asked",
    [
        *(f"{who} {address}" for who, address in PAGES),
        *(f"API {address}" for _who, address in READINGS),
        *(f"{command} {kind}" for command in ("show", "custody") for kind in SHOWN),
    ],
)
def test_an_answer_is_the_same_as_if_the_hidden_records_were_not(twice: Twice, asked: str) -> None:
    assert twice.after[asked] == twice.before[asked]


def test_the_log_has_gaps_and_no_line_about_hidden_records(twice: Twice) -> None:
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Leaf

    size = Leaf.objects.count()
    assert size > twice.size_before + 50
    told: set[int] = set()
    path = "/log/"
    while path:
        html = twice.asking.web("auditor", "GET", path).content.decode()
        told |= {int(one) for one in re.findall(r'href="/log/(\d+)/"', html)}
        assert "cleared for" not in html
        older = re.search(r'href="(/log/\?before=\d+)"', html)
        path = older[1] if older else ""
    listed: set[int] = set()
    path = "/api/log"
    while path:
        page = json.loads(twice.asking.api("auditor", "GET", path).content)
        listed |= {one["index"] for one in page["records"]}
        path = f"/api/log?before={page['next']}" if page["next"] else ""
    assert listed == told
    left_out = Leaf.objects.filter(index__in=set(range(twice.size_before)) - told)
    inside = set(Item.objects.filter(compartment__name="inside").values_list("pk", flat=True))
    assert {one.obj for one in left_out if one.kind.startswith("item.")} == inside
    assert {one.kind for one in left_out} - {"item.received", "item.examined"} == {
        "batch.closed",
        "existence.told",
    }
    kinds = Leaf.objects.filter(index__in=told, index__gte=twice.size_before)
    assert set(kinds.values_list("kind", flat=True)) == OF_CIRCLES


def test_an_act_on_a_hidden_record_answers_like_one_that_was_never_made(twice: Twice) -> None:
    from muniment_server.custody.models import Leaf

    hidden = Leaf.objects.filter(kind="incident.opened").order_by("index").last()
    assert hidden is not None
    assert hidden.index >= twice.size_before
    asked = {
        index: twice.asking.web("auditor", "GET", f"/log/{index}/")
        for index in (hidden.index, 999_999)
    }
    assert {answer.status for answer in asked.values()} == {404}
    told = {PASSING.sub("", one.content.decode()).replace(str(n), "") for n, one in asked.items()}
    assert len(told) == 1
