"""Asking every address of the application as everybody, in the test's own process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from django.http import HttpResponseBase

    from tests.server.access.populated import Populated

NOBODY = "anonymous"
LOG_IN = "/log-in/"
_ANGLES = str.maketrans("{}", "<>")


def routes() -> list[str]:
    """Return the route of every address outside the API, as the resolver has it."""
    found = _walk(get_resolver().url_patterns, "")
    return sorted({route for route in found if route not in _operation_routes()})


def _operation_routes() -> set[str]:
    return {operation.split("/", 1)[1].translate(_ANGLES) for operation in operations()}


def _walk(patterns: Iterable[Any], before: str) -> Iterator[str]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _walk(one.url_patterns, route)


def operations() -> list[str]:
    """Return every operation of the API, as its OpenAPI document has it."""
    from muniment_server.api import api

    return sorted(
        f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to its end."""

    status: int
    content: bytes
    location: str


def _read(response: HttpResponseBase) -> Answer:
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]  # as it says of itself
    response.close()
    return Answer(response.status_code, content, response.headers.get("Location", ""))


@dataclass(slots=True)
class Asking:
    """Everybody who may ask, each with a session and a token."""

    populated: Populated
    _clients: dict[str, Client] = field(default_factory=dict)

    def web(self, who: str, method: str, path: str) -> Answer:
        """Ask for a page; a form is sent empty, so that nothing is recorded."""
        client = self._clients.get(who)
        if client is None or path.startswith(LOG_IN):
            client = self._clients[who] = self._client(who)
        if path.startswith(LOG_IN):
            del self._clients[who]
        form = "application/x-www-form-urlencoded"
        return _read(client.generic(method, path, b"", form, HTTP_HOST="localhost"))

    def _client(self, who: str) -> Client:
        from muniment_server.accounts.models import User

        client = Client(raise_request_exception=False)
        if who != NOBODY:
            client.force_login(User.objects.get(username=who))
        return client

    def api(
        self, who: str, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        """Ask the API with a token."""
        client = Client(raise_request_exception=False)
        headers = {"host": "localhost"}
        if who != NOBODY:
            headers["authorization"] = f"Bearer {self.populated.tokens[who]}"
        for name in {"files", "file"} & (body or {}).keys():
            kept = SimpleUploadedFile("SPECIMEN.txt", f"from {who}".encode())
            return _read(client.post(path, {**(body or {}), name: kept}, headers=headers))
        sent = "" if body is None else json.dumps(body)
        return _read(client.generic(method, path, sent, "application/json", headers=headers))
