"""The API: one root, one way to be known, one way to fail; each app brings its own part.

- A person comes with a session or with a bearer token; both are that person and no more.
- Errors are `{"error": {"code", "message", "hint"}}` with the status that `doors` gives them.
- `KINDS` is what the command line lists and shows: the same records, to the same readers.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import NinjaAPI, Router, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.responses import NinjaJSONEncoder
from ninja.security import HttpBearer, SessionAuth

from muniment.errors import InvalidInput, MunimentError, NotFound, NotPermitted
from muniment_server.accounts import queries as accounts
from muniment_server.catalogue.policies import may_read
from muniment_server.custody import queries as custody
from muniment_server.custody.forms import HEADER, sent_of
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import ActOut, Words, act_record
from muniment_server.custody.services import resending
from muniment_server.doors import document_of, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from muniment_server.custody.policies import Actor, Asked

P = ParamSpec("P")
R = TypeVar("R")

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_APPS = (
    "custody",
    "accounts",
    "catalogue",
    "oversight",
    "entities",
    "incidents",
    "casualties",
    "cases",
    "disclosure",
)
#: the kinds that `search` looks through, in the order in which it answers
SEARCHED = (
    "item",
    "incident",
    "claim",
    "source",
    "person",
    "unit",
    "victim",
    "case",
    "situation",
)


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


class _Described(NinjaAPI):
    """An API that says of each writing operation that it takes a key."""

    def get_openapi_schema(self, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as it is there
        """Return the description, with the header of every operation that writes."""
        described = super().get_openapi_schema(*args, **kwargs)  # type: ignore[arg-type]  # passed on
        for operations in described["paths"].values():
            for method, operation in operations.items():
                if method != "get":
                    operation.setdefault("parameters", []).append(_KEY)
        return described


_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "128 random bits, as 32 hexadecimal digits or a UUID, made anew for each thing "
    "that is asked. Sent again with the same key and the same content within 30 days, the answer "
    "is that of the first time and nothing is done twice; with other content, it is 409.",
    "schema": {"type": "string", "pattern": '^"?[0-9A-Fa-f-]{32,36}"?$'},
}


api = _Described(
    title="Muniment",
    version="1",
    description="Evidence, incidents, cases. The API can do what the pages can.",
    auth=[TokenAuth(), SessionAuth(csrf=True)],
    docs_url=None,
    openapi_url="/openapi.json",
)


@api.exception_handler(MunimentError)
def on_error(request: HttpRequest, error: MunimentError) -> HttpResponse:
    """Answer for an error of ours; a refusal is recorded first."""
    error = custody.note_refused(error, f"{request.method} {request.path}")
    return api.create_response(request, document_of(error), status=status_of(error))


@api.exception_handler(ValidationError)
def on_unusable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer for a request that its operation cannot read, naming the first thing wrong."""
    first = error.errors[0]
    where = ".".join(str(one) for one in first["loc"][1:])
    return on_error(
        request,
        InvalidInput(
            f"{where}: {first['msg']}",
            code="request.invalid",
            hint=_("The description of this API is at {url}.").format(url="/api/openapi.json"),
        ),
    )


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Answer for a request by nobody we know."""
    unknown = NotPermitted(
        _("nobody is known by what this request carries"),
        code="request.unknown",
        hint=_("Send a token of yours: Authorization: Bearer …"),
    )
    return api.create_response(request, document_of(unknown), status=401)


def _once(operation: Callable[Concatenate[Asked, P], R]) -> Callable[Concatenate[Asked, P], R]:
    """Let an operation that writes act once on a key, and answer alike when it is sent again."""
    if resending.looks_after_itself(operation):
        return operation

    @functools.wraps(operation)
    def answered(request: Asked, /, *args: P.args, **kwargs: P.kwargs) -> R:
        asked = None if request.method in _READING else sent_of(request)
        if asked is None:
            return operation(request, *args, **kwargs)

        def make() -> bytes:
            return json.dumps(operation(request, *args, **kwargs), cls=NinjaJSONEncoder).encode()

        return cast("R", json.loads(resending.once(asked, make)))

    return answered


api.add_decorator(_once)

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
                found[name] = Kind(_for_readers(listed), _for_readers(shown), prefix)
    return found


def _for_readers(read: Callable[Concatenate[Actor, P], R]) -> Callable[Concatenate[Actor, P], R]:
    """Let a reading be done by readers of records only, whichever door asks."""

    @functools.wraps(read)
    def permitted(by: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        require(may_read, by)
        return read(by, *args, **kwargs)

    return permitted


KINDS = _kinds()


def kinds_of(key: str) -> list[Kind]:
    """Return the kinds a number can belong to: one for a prefix, all for an id."""
    prefix = key.upper().rpartition("-")[0]
    named = [kind for kind in KINDS.values() if kind.prefix == prefix]
    return named or list(KINDS.values())


def shown(by: Actor, key: str) -> dict[str, Any]:
    """Return one record of whichever kind has this number or id; raises `NotFound`."""
    for kind in kinds_of(key):
        try:
            return kind.shown(by, key)
        except NotFound:
            continue
    raise NotFound(
        _("there is no record {key}").format(key=key),
        code="record.not_found",
        hint=_("Check the number, and whether you are cleared for it."),
    )


def acts_of(by: Actor, key: str) -> list[dict[str, Any]]:
    """Return the acts on the record of a number or id, in order; raises `NotFound`."""
    found = shown(by, key)
    return [act_record(act) for act in custody.acts_of(by, UUID(found["id"]))]


class GroupOut(Schema):
    """What was found of one kind: each record as the list of its kind gives it."""

    kind: str
    records: list[dict[str, Any]]
    next: int | None


class FoundOut(Schema):
    """What was found, by kind."""

    groups: list[GroupOut]


class CustodyOut(Schema):
    """The acts on a record, in order."""

    acts: list[ActOut]


_across = Router(tags=["across all kinds"])


@_across.get("/search", response=FoundOut)
def search(request: Asked, q: Words) -> dict[str, Any]:
    """Find words in every kind of record: of each kind a page, and where its next begins."""
    found = ((kind, *KINDS[kind].listed(request.actor, q, -1)) for kind in SEARCHED)
    groups = [
        {"kind": kind, "records": records, "next": following} for kind, records, following in found
    ]
    return {"groups": [group for group in groups if group["records"]]}


@_across.get("/records/{key}", response=dict[str, Any])
def show_record(request: Asked, key: str) -> dict[str, Any]:
    """Show the record of any kind that has this number or id."""
    return shown(request.actor, key)


@_across.get("/records/{key}/custody", response=CustodyOut)
def record_custody(request: Asked, key: str) -> dict[str, Any]:
    """Show the acts on a record of any kind, in order, as the log has them."""
    return {"acts": acts_of(request.actor, key)}


api.add_router("", _across)
