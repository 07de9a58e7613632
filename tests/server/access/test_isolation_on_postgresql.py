"""The same two stories on PostgreSQL: a sample of what must show no trace of hidden records there.

The whole table runs on SQLite (`test_isolation`); what differs here is how a database filters,
folds, orders and joins, so each way of reading is asked once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.access.api_bodies import query_of
from tests.server.access.populated import entered_on_postgresql
from tests.server.access.table import API, WEB
from tests.server.access.test_isolation import Told, leaks, tell_both, without_denials
from tests.server.access.test_role_url_table import API_LINES, ROLES, answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace
    from tests.server.conftest import Cluster

#: pages with records: lists, records, searches, the log
READINGS = [
    line.split()[0]
    for line in WEB.strip().splitlines()
    if not line.startswith(("/log-in/", "/language/", "/enrol/", "/api/", "/tokens/", "/law/"))
    and "add/" not in line
]
OPERATIONS = [" ".join(line.split()[:2]) for line in API.splitlines() if line.startswith("GET")]
HIDDEN = ("item", "incident", "claim", "person", "victim", "case", "package", "collection")


@pytest.fixture(scope="module")
def told(
    postgres_template: Workspace, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("isolation") / "workspace"
    with entered_on_postgresql(postgres_template, cluster, folder) as workspace:
        yield from tell_both(workspace)


def test_it_is_postgresql_and_there_is_something_to_find(told: Told) -> None:
    from django.db import connection

    assert connection.vendor == "postgresql"
    assert len(told.canaries) > 60


def test_no_page_shows_a_hidden_record(told: Told) -> None:
    for address in READINGS:
        for who in ("lawyer", "auditor"):
            answer = told.asking.web(who, "GET", address.format(**told.open))
            assert answer.status < 500, address
            assert leaks(told, answer.content) == [], (address, who)


def test_no_operation_shows_a_hidden_record(told: Told) -> None:
    for operation in OPERATIONS:
        path = operation.split()[1].format(**told.open) + query_of(operation)
        (statuses,) = answers(API_LINES[operation], "401")
        may = [who for who in ROLES.values() if who != "administrator" and statuses[who] == "200"]
        answer = told.asking.api(may[-1], "GET", path)
        assert answer.status == 200, operation
        assert leaks(told, without_denials(operation, answer.content)) == [], operation


@pytest.mark.parametrize("kind", HIDDEN)
def test_a_hidden_record_is_not_found(told: Told, kind: str) -> None:
    number = told.hidden[kind]
    for path in (f"/{kind}s/{number}/", f"/api/{kind}s/{number}", f"/api/records/{number}"):
        ask = told.asking.api if path.startswith("/api") else told.asking.web
        answer = ask("lawyer", "GET", path)
        assert answer.status == 404
        assert leaks(told, answer.content, path) == []


def test_no_search_finds_a_hidden_record(told: Told) -> None:
    for words in ("HUSHED", "hushed", told.hidden["item"], told.hidden["victim"]):
        for path in (f"/search/?q={words}", f"/api/search?q={words}", f"/items/?q={words}"):
            ask = told.asking.api if path.startswith("/api") else told.asking.web
            answer = ask("lawyer", "GET", path)
            assert answer.status == 200
            assert leaks(told, answer.content, f"{path} HUSHED hushed") == []


def test_the_log_withholds_what_hidden_records_say(told: Told) -> None:
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.models import Leaf

    publishing.publish()
    withheld = 0
    for leaf in Leaf.objects.order_by("index")[::3]:
        answer = told.asking.api("auditor", "GET", f"/api/log/{leaf.index}")
        assert leaks(told, answer.content) == [], leaf.kind
        proof = told.asking.api("auditor", "GET", f"/api/log/{leaf.index}/proof")
        assert proof.status == answer.status, leaf.kind
        withheld += answer.status == 404
    assert withheld > 10
