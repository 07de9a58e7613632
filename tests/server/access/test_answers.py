"""What the API says that it answers, and what it answers: the same, for every operation."""

from __future__ import annotations

import gc
import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from tests.server.access.api_bodies import body_of, query_of
from tests.server.access.asking import Asking
from tests.server.access.populated import entered, populate
from tests.server.access.table import API

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

WHO = {"l": "lawyer", "a": "administrator", "i": "investigator", "r": "reader", "u": "auditor"}
#: each operation of the table with somebody who may do it
MAY = {
    " ".join(line.split()[:2]): next(
        role for letter, role in WHO.items() if letter in line.split()[2]
    )
    for line in API.strip().splitlines()
}
del MAY["POST /api/state/clock"]  # the clock did not jump: tests/server/custody/test_clock.py
MAY["DELETE /api/tokens/{gone_token}"] = "administrator"  # whose it is
#: what the table's own bodies would only repeat, and so be refused
ANEW = {
    "POST /api/cases/{case}/charges": {"crime": "rs_7_1_a"},
    "POST /api/cases/{case}/suspects": {"person": "{somebody}"},
}
#: how many made-up requests each operation gets
EXAMPLES = 8


@pytest.fixture(scope="module")
def asking(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with entered(template, tmp_path_factory.mktemp("answers") / "workspace") as workspace:
        yield Asking(populate(workspace))


@pytest.fixture(scope="module")
def document(asking: Asking) -> dict[str, Any]:
    """The description of the API, as it is handed out."""
    found: dict[str, Any] = json.loads(asking.web("lawyer", "GET", "/api/openapi.json").content)
    return found


@pytest.fixture(scope="module")
def described(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The media types of each operation's answer, each with its schema."""
    return {
        plain(f"{method.upper()} {path}"): operation["responses"]["200"].get("content", {})
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def plain(operation: str) -> str:
    """Return an operation without the names that its address has for records."""
    return re.sub(r"{\w+}", "{}", operation)


def test_every_operation_says_what_it_answers(described: dict[str, dict[str, Any]]) -> None:
    silent = [
        one
        for one, media in described.items()
        if not media or not all(told.get("schema") for told in media.values())
    ]
    assert silent == []


def _made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that gets what operations return, before a schema shapes it."""
    from ninja.operation import Operation

    made: list[Any] = []
    shape = Operation._result_to_response

    def kept(self: Operation, request: Any, result: Any, response: Any) -> Any:  # noqa: ANN401 - what ninja passes
        made.append(result)
        return shape(self, request, result, response)

    monkeypatch.setattr(Operation, "_result_to_response", kept)
    return made


@pytest.mark.parametrize("operation", MAY)
def test_an_answer_is_what_was_made_and_what_is_described(
    asking: Asking,
    document: dict[str, Any],
    described: dict[str, dict[str, Any]],
    operation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = asking.populated.names
    method, path = operation.format(**names).split()
    body = body_of(operation, names)
    if operation in ANEW:
        known = asking.api("lawyer", "POST", "/api/persons", {"name": "SPECIMEN somebody"})
        somebody = json.loads(known.content)["number"]
        changed = {key: value.format(somebody=somebody) for key, value in ANEW[operation].items()}
        body = {**(body or {}), **changed}
    made = _made(monkeypatch)
    answer = asking.api(MAY[operation], method, path + query_of(operation), body)
    assert answer.status == 200, answer.content
    if (told := described[plain(operation)].get("application/json")) is None:
        return  # bytes
    assert answer.content == json.dumps(made[-1]).encode()
    schema = {**told["schema"], "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(json.loads(answer.content))


@pytest.fixture(scope="module")
def schema(document: dict[str, Any]) -> Any:  # noqa: ANN401 - schemathesis says no more
    from django.core.wsgi import get_wsgi_application

    found = schemathesis.openapi.from_dict(document)
    found.app = get_wsgi_application()
    return found


@pytest.mark.slow
# Its client never closes an answer, which is when Django lets go of what was uploaded.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("operation", MAY)
def test_no_request_breaks_an_operation(
    asking: Asking,
    schema: Any,  # noqa: ANN401 - as above
    document: dict[str, Any],
    operation: str,
) -> None:
    method, path = operation.split()
    (path,) = (one for one in document["paths"] if plain(one) == plain(path))
    headers = {"Authorization": f"Bearer {asking.populated.tokens[MAY[operation]]}"}
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]

    @given(case=schema[path][method].as_strategy())
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=checks)

    ask()
    gc.collect()  # here, and not in whichever test comes next
