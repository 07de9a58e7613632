"""Every address and every operation, asked by everybody: the answers are those of the table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import resolve

from tests.server.access.api_bodies import BODIES, body_of, query_of
from tests.server.access.asking import LOG_IN, NOBODY, Asking, operations, routes
from tests.server.access.populated import entered, populate
from tests.server.access.table import API, WEB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from muniment.archive.workspace import Workspace

ROLES = {
    "a": "administrator",
    "i": "investigator",
    "n": "analyst",
    "l": "lawyer",
    "r": "reader",
    "u": "auditor",
}
#: regular expressions lose their ends on the way
PLAIN = str.maketrans("", "", "^$")
#: not this method; led back
METHODLESS = {405, 302}
STRANGERS = (NOBODY, "ended", "disabled")
UNKNOWN = {
    "crime": "rs_0",
    "gone_crime": "rs_0",
    "act": "999999",
    "handle": "nobody",
    "role": "nobody",
    "part": "f" * 32,
    "rendition": "f" * 32,
    "charge": "f" * 32,
    "cell": "f" * 32,
    "gone_cell": "f" * 32,
    "token": "999999",
    "gone_token": "999999",
    "taking": "nothing",
    "hold": "f" * 32,
    "request": "f" * 32,
    "gone_request": "f" * 32,
}
ANSWER = re.compile(r"(-|[ainlru.]{6})(?:/(\d{3})| (?:(\d{3})/)?(\d{3})(?:>(\d{3}))?)?")


def answers(text: str, stranger: str) -> list[dict[str, str]]:
    """Return each answer of a line: everybody's status."""
    found = []
    for letters, closed, stranger_here, first, others in ANSWER.findall(text):
        statuses = dict.fromkeys(STRANGERS, closed or stranger_here or stranger)
        if letters == "-":
            found.append(statuses | dict.fromkeys(ROLES.values(), "405"))
            continue
        given = iter([first])
        for letter, role in ROLES.items():
            allowed = letter in letters
            statuses[role] = next(given, others or first) if allowed else "403"
        found.append(statuses)
    return found


WEB_LINES = dict(line.split(maxsplit=1) for line in WEB.strip().splitlines())
API_LINES = {
    " ".join(line.split()[:2]): " ".join(line.split()[2:]) for line in API.strip().splitlines()
}


@pytest.fixture(scope="module")
def asking(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with entered(template, tmp_path_factory.mktemp("table") / "workspace") as workspace:
        yield Asking(populate(workspace))


def told(asked: Mapping[str, int]) -> dict[str, str]:
    return {who: str(status) for who, status in asked.items()}


@pytest.mark.slow
@pytest.mark.parametrize("address", WEB_LINES)
def test_a_page_answers_everybody_as_the_table_says(asking: Asking, address: str) -> None:
    path = address.format(**asking.populated.names)
    expected = answers(WEB_LINES[address], "302")
    assert len(expected) == 2
    for method, statuses in zip(("GET", "POST"), expected, strict=True):
        asked = {who: asking.web(who, method, path).status for who in statuses}
        assert told(asked) == statuses, method


@pytest.mark.parametrize(
    "address", [one for one in WEB_LINES if not one.startswith((LOG_IN, "/api/"))]
)
def test_a_page_of_ours_has_no_other_method(asking: Asking, address: str) -> None:
    path = address.format(**asking.populated.names)
    for method in ("PUT", "PATCH", "DELETE"):
        assert asking.web("lawyer", method, path).status in METHODLESS, method


def test_strangers_are_led_to_the_log_in(asking: Asking) -> None:
    for who in STRANGERS:
        answer = asking.web(who, "GET", "/items/")
        assert answer.location == "/log-in/login/?next=/items/"


@pytest.mark.slow
@pytest.mark.parametrize("operation", API_LINES)
def test_an_operation_answers_everybody_as_the_table_says(asking: Asking, operation: str) -> None:
    names = asking.populated.names
    method, path = operation.format(**names).split()
    path += query_of(operation)
    body = body_of(operation, names)
    (statuses,) = answers(API_LINES[operation], "401")
    in_order = {who: statuses[who] for who in (*STRANGERS, *ROLES.values())}
    asked = {who: asking.api(who, method, path, body).status for who in in_order}
    assert told(asked) == statuses


def test_the_table_has_every_page_and_no_other(asking: Asking) -> None:
    written = [resolve(path.format(**asking.populated.names)).route for path in WEB_LINES]
    assert sorted(one.translate(PLAIN) for one in written) == sorted(
        one.translate(PLAIN) for one in routes()
    )


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "password/reset/"])
def test_there_is_no_sign_up_and_no_way_in_by_mail(asking: Asking, path: str) -> None:
    for who in (NOBODY, "lawyer"):
        assert asking.web(who, "GET", f"{LOG_IN}{path}").status == 404


def test_the_table_has_every_operation_and_no_other() -> None:
    def plain(names: Mapping[str, str] | list[str]) -> list[str]:
        return sorted(re.sub(r"{\w+}", "{}", one) for one in names)

    assert plain(API_LINES) == plain(operations())
    assert set(BODIES) <= set(API_LINES)


def unknown(addresses: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each address with each of its names made one that no record has."""
    return [(address, name) for address in addresses for name in re.findall(r"{(\w+)}", address)]


@pytest.mark.parametrize(("address", "name"), unknown(WEB_LINES))
def test_a_page_about_nothing_is_not_found(asking: Asking, address: str, name: str) -> None:
    changed = asking.populated.names | {name: UNKNOWN.get(name, "X-99999")}
    statuses = answers(WEB_LINES[address], "302")
    for method, expected in zip(("GET", "POST"), statuses, strict=True):
        may = [who for who in ROLES.values() if expected[who] in {"200", "302", "400"}]
        for who in may[:1]:
            answer = asking.web(who, method, address.format(**changed))
            assert answer.status == 404, method


@pytest.mark.parametrize(("operation", "name"), unknown(API_LINES))
def test_an_operation_on_nothing_is_not_found(asking: Asking, operation: str, name: str) -> None:
    names = asking.populated.names
    changed = names | {name: UNKNOWN.get(name, "X-99999")}
    method, path = operation.format(**changed).split()
    path += query_of(operation)
    (statuses,) = answers(API_LINES[operation], "401")
    may = [who for who in ROLES.values() if statuses[who] != "403"]
    answer = asking.api(may[-1], method, path, body_of(operation, names))
    assert answer.status == 404


@pytest.mark.parametrize(
    ("who", "path", "form"),
    [
        ("reader", "/collections/", {"title": "mine"}),
        ("auditor", "/collections/{collection}/", {"item": "{over_item}"}),
        ("auditor", "/people/{handle}/", {"role": "lawyer", "reason": "a favour"}),
    ],
)
def test_a_form_that_a_page_shares_with_readers_is_refused(
    asking: Asking, who: str, path: str, form: dict[str, str]
) -> None:
    from muniment_server.accounts.models import User

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username=who))
    names = asking.populated.names
    sent = {key: value.format(**names) for key, value in form.items()}
    answer = client.post(path.format(**names), sent, headers={"host": "localhost"})
    assert answer.status_code == 403


def test_a_session_reads_the_api_and_changes_nothing_without_its_form_token(
    asking: Asking,
) -> None:
    from muniment_server.accounts.models import User

    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.get(username="lawyer"))
    headers = {"host": "localhost"}
    assert client.get("/api/items", headers=headers).status_code == 200
    body = {"name": "SPECIMEN", "kind": "official"}
    answer = client.post("/api/sources", body, content_type="application/json", headers=headers)
    assert answer.status_code == 403


def test_a_role_ends_for_a_session_that_is_open(asking: Asking) -> None:
    from muniment_server.accounts import queries, services
    from muniment_server.accounts.models import User

    by = queries.machine_actor(asking.populated.machine)
    person = services.add_person(by, name="SPECIMEN", handle="leaver", role=services.Role.READER)
    User.objects.create(person=person, username="leaver")
    _token, asking.populated.tokens["leaver"] = services.new_token(person, "for this test")
    assert asking.web("leaver", "GET", "/items/").status == 200
    services.revoke_role(by, person, role=services.Role.READER, reason="another task")
    assert asking.web("leaver", "GET", "/items/").status == 403
    assert asking.api("leaver", "GET", "/api/items").status == 403
    services.end_person(by, person, reason="the contract ended")
    assert asking.web("leaver", "GET", "/items/").status == 302
    assert asking.api("leaver", "GET", "/api/items").status == 401
