"""The API can do what the pages can, and the command line prints the API's records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import NotPermitted
from tests.server.access.asking import Asking
from tests.server.access.pairs import FURTHER, PAIRS, TODAY, WEB_ONLY
from tests.server.access.populated import entered, populate
from tests.server.access.table import API, WEB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

OPERATIONS = {" ".join(line.split()[:2]) for line in API.strip().splitlines()}
PAIRED = {
    address: [one.replace(" /", " /api/", 1) for one in words.strip().split(", ")]
    for address, words in (line.split(maxsplit=1) for line in PAIRS.strip().splitlines())
}
ADDRESSES = {line.split()[0] for line in WEB.strip().splitlines()}
#: addresses whose forms are acts: a POST is allowed to somebody
ACTS = {
    line.split()[0]
    for line in WEB.strip().splitlines()
    if not re.search(r"-(/405)?$", line.strip())
}
KINDS = (
    *("item", "collection", "incident", "claim", "source", "person"),
    *("unit", "victim", "case", "situation", "package"),
)


def only_web(address: str) -> bool:
    return any(address.startswith(beginning) for beginning in WEB_ONLY)


@pytest.fixture(scope="module")
def asking(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with entered(template, tmp_path_factory.mktemp("both") / "workspace") as workspace:
        yield Asking(populate(workspace))


def test_every_page_has_its_operations_or_a_reason() -> None:
    paired = {address for address in ADDRESSES if not only_web(address)} - {"/"}
    assert paired == set(PAIRED)
    assert len(ACTS & paired) > 30


@pytest.mark.parametrize("address", sorted(PAIRED))
def test_the_operations_of_a_page_exist(address: str) -> None:
    assert set(PAIRED[address]) <= OPERATIONS
    if address in ACTS:
        assert [one for one in PAIRED[address] if not one.startswith("GET")]


def test_an_act_is_open_to_the_same_people_here_and_there() -> None:
    web = {line.split()[0]: line.split()[-2:] for line in WEB.strip().splitlines()}
    api = {" ".join(line.split()[:2]): line.split()[2] for line in API.strip().splitlines()}
    for address in ACTS & set(PAIRED):
        acts = [one for one in PAIRED[address] if not one.startswith("GET")]
        # `a....u 200        a....u 200`: a page that asks readers too refuses in its service
        if address in {"/collections/", "/collections/{collection}/", "/people/{handle}/"}:
            continue
        assert {api[one] for one in acts} == {web[address][0]}, address


def test_every_operation_belongs_to_a_page_or_says_why_not() -> None:
    paired = {one for words in PAIRED.values() for one in words} | set(TODAY)
    assert OPERATIONS - paired == set(FURTHER)


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_line_prints_what_the_api_answers(asking: Asking, kind: str) -> None:
    from muniment_server.accounts import queries
    from muniment_server.api import KINDS as READ

    by = queries.actor_by_token(asking.populated.tokens["lawyer"])
    listed = json.loads(asking.api("lawyer", "GET", f"/api/{kind}s").content)
    records, following = READ[kind].listed(by, "", -1)
    assert _plain([records, following]) == [listed["records"], listed["next"]]
    assert records
    number = asking.populated.names[kind]
    shown = json.loads(asking.api("lawyer", "GET", f"/api/{kind}s/{number}").content)
    assert _plain(READ[kind].shown(by, number)) == shown
    anywhere = asking.api("lawyer", "GET", f"/api/records/{number}")
    assert json.loads(anywhere.content) == shown


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))


def test_every_kind_that_is_listed_is_compared() -> None:
    from muniment_server.api import KINDS as READ
    from muniment_server.api import SEARCHED

    assert set(READ) == set(KINDS)
    assert set(READ) - set(SEARCHED) == {"collection", "package"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_line_reads_records_for_readers_only(asking: Asking, kind: str) -> None:
    from muniment_server.accounts import queries
    from muniment_server.api import KINDS as READ
    from muniment_server.api import acts_of

    by = queries.actor_by_token(asking.populated.tokens["administrator"])
    with pytest.raises(NotPermitted):
        READ[kind].listed(by, "", -1)
    with pytest.raises(NotPermitted):
        READ[kind].shown(by, asking.populated.names[kind])
    with pytest.raises(NotPermitted):
        acts_of(by, asking.populated.names[kind])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/items/M-99999", None, 404, "item.not_found"),
        ("GET", "/api/items?after=x", None, 400, "request.invalid"),
        ("POST", "/api/sources", {"kind": "official"}, 400, "request.invalid"),
        ("POST", "/api/sources", {"name": " ", "kind": "official"}, 400, "request.invalid"),
        ("POST", "/api/sources", {"name": "x" * 9999, "kind": "official"}, 400, "text.too_long"),
        ("GET", "/api/search", None, 400, "request.invalid"),
        ("GET", "/api/people", None, 403, "page.not_permitted"),
        ("GET", "/api/records/X-1", None, 404, "record.not_found"),
    ],
)
def test_a_failure_has_one_form(
    asking: Asking, method: str, path: str, body: dict[str, Any] | None, status: int, code: str
) -> None:
    answer = asking.api("lawyer", method, path, body)
    error = json.loads(answer.content)["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert error["message"]
    assert error["hint"]


def test_a_stranger_is_told_how_to_be_known(asking: Asking) -> None:
    error = json.loads(asking.api("ended", "GET", "/api/items").content)["error"]
    assert error["code"] == "request.unknown"
    assert "Authorization" in error["hint"]


def test_bodies_have_names_of_their_own() -> None:
    """The description of the API knows a body by the name of its class."""
    from ninja import Schema

    from muniment_server.api import api

    ours = [
        one.__name__ for one in _all_of(Schema) if one.__module__.startswith("muniment_server.")
    ]
    assert sorted(ours) == sorted(set(ours))
    assert "NewcomerIn" in api.get_openapi_schema()["components"]["schemas"]


def _all_of(kind: type) -> list[type]:
    direct: list[type] = kind.__subclasses__()
    return [one for sub in direct for one in (sub, *_all_of(sub))]
