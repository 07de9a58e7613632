"""The API: one root, one way to be known, one way to fail; each app brings its own part.

- A person comes with a session or with a bearer token; both are that person and no more.
- Errors are `{"error": {"code", "message", "hint"}}` with the status that `doors` gives them.
- `KINDS` is what the command line lists and shows: the same records.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from ninja import NinjaAPI
from ninja.security import HttpBearer, SessionAuth

from muniment.errors import MunimentError, NotPermitted
from muniment_server.accounts import queries as accounts
from muniment_server.doors import document_of, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from muniment_server.custody.policies import Actor, Asked

_APPS = ("accounts", "catalogue", "entities", "incidents", "casualties", "cases", "disclosure")


class TokenAuth(HttpBearer):
    """A bearer token: the person it was made by."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Set the request's actor, or refuse."""
        try:
            actor = accounts.actor_by_token(token)
        except NotPermitted:
            return None
        cast("Asked", request).actor = actor
        return actor


api = NinjaAPI(
    title="Muniment",
    version="1",
    description="Evidence, incidents, cases. The API can do what the pages can.",
    auth=[TokenAuth(), SessionAuth(csrf=True)],
    docs_url=None,
    openapi_url="/openapi.json",
)


@api.exception_handler(MunimentError)
def on_error(request: HttpRequest, error: MunimentError) -> HttpResponse:
    """Answer for an error of ours."""
    return api.create_response(request, document_of(error), status=status_of(error))


for _app in _APPS:
    if find_spec(f"muniment_server.{_app}.api"):
        api.add_router("", import_module(f"muniment_server.{_app}.api").router)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: how to list it and how to show one, as an actor may."""

    listed: Callable[[Actor, str, int], tuple[list[dict[str, Any]], int | None]]
    shown: Callable[[Actor, str], dict[str, Any]]
    prefix: str


def _kinds() -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for app in _APPS:
        if find_spec(f"muniment_server.{app}.api"):
            module = import_module(f"muniment_server.{app}.api")
            for name, (prefix, listed, shown) in getattr(module, "KINDS", {}).items():
                found[name] = Kind(listed, shown, prefix)
    return found


KINDS = _kinds()
