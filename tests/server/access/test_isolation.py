"""Records in a closed compartment: whoever is not cleared finds no trace of them anywhere.

Two stories are told with the same acts, one in the open compartment and one in a closed one, and
records that straddle them. Every page and operation is then asked, about every record of both; the
answers of readers who are not cleared are searched for everything that only hidden records hold.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from tests.server.access.api_bodies import body_of, query_of
from tests.server.access.asking import Asking
from tests.server.access.closed import CANARY, tell_closed
from tests.server.access.populated import entered, populate
from tests.server.access.table import API, WEB
from tests.server.access.test_role_url_table import API_LINES, ROLES, answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

#: numbers that forms give as examples
EXAMPLE = re.compile(r"such as (?:[A-Z]+-\d+[ .,]*)+")
#: names of a line's address that are not records with a compartment
PLAIN = {
    *("crime", "gone_crime", "act", "handle", "role", "token", "element", "mode", "row"),
    *("colleague", "leaver", "gone_role", "gone_token"),
}
PAGES = [line.split()[0] for line in WEB.strip().splitlines()]
OPERATIONS = [" ".join(line.split()[:2]) for line in API.strip().splitlines()]


@dataclass(frozen=True, slots=True)
class Told:
    """Both stories: the open one's names and the hidden one's, and what only the latter holds."""

    asking: Asking
    open: dict[str, str]
    hidden: dict[str, str]
    canaries: frozenset[str]


@pytest.fixture(scope="module")
def told(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("isolation") / "workspace"
    with entered(template, folder) as workspace:
        yield from tell_both(workspace)


def tell_both(workspace: Workspace) -> Iterator[Told]:
    """Tell both stories in a workspace, and ask about them while it is in use."""
    with pytest.MonkeyPatch.context() as patched:
        populated = populate(workspace)
        hidden = tell_closed(workspace, patched, populated.names)
        asking = Asking(replace(populated, names={**populated.names}))
        yield Told(asking, populated.names, hidden, _canaries())


def _canaries() -> frozenset[str]:
    """Return every number, id and digest that only hidden records have, and the canary itself."""
    from django.apps import apps

    from muniment_server.catalogue.models import Part, Rendition
    from muniment_server.custody.models import Compartment, Root

    closed = Compartment.objects.get(name="closed")
    found = {CANARY, CANARY.casefold()}
    for model in apps.get_models():
        if issubclass(model, Root):
            for row in model._default_manager.filter(compartment=closed):
                found |= {row.number, row.pk.hex, str(row.pk)}
    for part in Part.objects.filter(item__compartment=closed):
        found |= {part.sha256, part.pk.hex}
    for made in Rendition.objects.filter(part__item__compartment=closed):
        found |= {made.sha256, made.pk.hex}
    return frozenset(found)


def leaks(told: Told, content: bytes, asked: str = "") -> list[str]:
    """Return what of hidden records stands in an answer, except for what was asked with."""
    text = EXAMPLE.sub("", content.decode("utf-8", errors="replace"))
    return sorted(one for one in told.canaries if one in text and one not in asked)


def without_denials(operation: str, content: bytes) -> bytes:
    """Leave out what the record of readings says of refusals: the numbers that people typed."""
    if operation != "GET /api/log/access" or b'"records"' not in content:
        return content
    told = json.loads(content)
    told["records"] = [one for one in told["records"] if one["kind"] != "denied"]
    return json.dumps(told).encode()


def test_there_is_something_to_find(told: Told) -> None:
    assert len(told.canaries) > 60
    hidden_names = {name for name in told.hidden if told.hidden[name] != told.open.get(name)}
    assert {"item", "incident", "case", "package", "charge", "part"} <= hidden_names


@pytest.mark.slow
@pytest.mark.parametrize("address", PAGES)
def test_no_page_shows_a_hidden_record(told: Told, address: str) -> None:
    for who in ROLES.values():
        path = address.format(**told.open)
        answer = told.asking.web(who, "GET", path)
        assert leaks(told, answer.content) == [], who


@pytest.mark.parametrize(
    "address", [one for one in PAGES if set(re.findall(r"{(\w+)}", one)) - PLAIN]
)
def test_no_page_answers_for_a_hidden_record(told: Told, address: str) -> None:
    path = address.format(**told.hidden)
    for who in ("analyst", "lawyer", "reader", "auditor"):
        for method in ("GET", "POST"):
            answer = told.asking.web(who, method, path)
            assert answer.status in {403, 404, 405}
            assert leaks(told, answer.content, path) == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_operation_answers_for_a_hidden_record(told: Told, operation: str) -> None:
    names = set(re.findall(r"{(\w+)}", operation)) - PLAIN
    where = told.hidden if names else told.open
    method, path = operation.format(**where).split()
    path += query_of(operation)
    for who in ("lawyer", "auditor"):
        answer = told.asking.api(who, method, path, body_of(operation, told.hidden))
        if names:
            assert answer.status in {403, 404}
        asked = f"{path} {body_of(operation, told.hidden)}"
        assert leaks(told, without_denials(operation, answer.content), asked) == []


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.startswith("GET")])
def test_no_operation_shows_a_hidden_record(told: Told, operation: str) -> None:
    method, path = operation.format(**told.open).split()
    (statuses,) = answers(API_LINES[operation], "401")
    may = [who for who in ROLES.values() if who != "administrator" and statuses[who] == "200"]
    answer = told.asking.api(may[-1], method, path + query_of(operation))
    assert answer.status == 200
    assert leaks(told, without_denials(operation, answer.content)) == []


@pytest.mark.parametrize(
    "path",
    [
        "/search/?q={word}",
        "/items/?q={word}",
        "/items/?q={item}",
        "/items/?collection={collection}",
        "/items/?q={digest}",
        "/incidents/?q={word}",
        "/sources/?q={word}",
        "/persons/?q={word}",
        "/units/?q={word}",
        "/victims/?q={word}",
        "/cases/?q={word}",
        "/cases/?situation={situation}",
        "/claims/?source={source}",
        "/law/{crime}/",
        "/packages/export/?item={item}",
    ],
)
def test_no_search_finds_a_hidden_record(told: Told, path: str) -> None:
    asked = path.format(**told.hidden, word=CANARY, digest=_a_digest())
    answer = told.asking.web("lawyer", "GET", asked)
    assert answer.status == 200
    assert leaks(told, answer.content, asked + CANARY.casefold()) == []


def _a_digest() -> str:
    from muniment_server.catalogue.models import Part

    return Part.objects.filter(item__compartment__name="closed")[0].sha256


@pytest.mark.slow
@pytest.mark.parametrize("who", ["administrator", "auditor"])
def test_the_log_withholds_what_hidden_records_say(told: Told, who: str) -> None:
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.models import Leaf

    publishing.publish()
    for leaf in Leaf.objects.all():
        answer = told.asking.web(who, "GET", f"/log/{leaf.index}/")
        assert leaks(told, answer.content) == [], leaf.kind
        same = told.asking.api(who, "GET", f"/api/log/{leaf.index}")
        assert leaks(told, same.content) == [], leaf.kind
        proof = told.asking.api(who, "GET", f"/api/log/{leaf.index}/proof")
        assert answer.status == same.status == proof.status, leaf.kind


def test_numbers_count_open_records_only(told: Told) -> None:
    from muniment_server.catalogue.models import Item

    seen = Item.objects.filter(compartment__name__in=("open", "inside")).count()
    listed = told.asking.api("lawyer", "GET", "/api/items")
    assert len(json.loads(listed.content)["records"]) == seen
