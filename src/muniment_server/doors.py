"""What every request passes: who acts, and what an error looks like outside.

This is the one place where errors become HTTP statuses.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver
from django.http import HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.functional import SimpleLazyObject

from muniment.errors import (
    Conflict,
    InvalidInput,
    MunimentError,
    NotFound,
    NotPermitted,
    TamperSuspected,
    Unavailable,
)
from muniment_server.accounts import queries, services
from muniment_server.custody import queries as custody
from muniment_server.custody.forms import sent_of
from muniment_server.custody.policies import FORM_KEY, Actor, Door
from muniment_server.custody.services import resending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.dispatch import Signal
    from django.http import HttpRequest

    from muniment_server.custody.policies import Asked

STATUS: Final[dict[type[MunimentError], int]] = {
    InvalidInput: 400,
    NotPermitted: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
    TamperSuspected: 500,
}
INSUFFICIENT_STORAGE: Final = 507
_NO_ROOM: Final = frozenset({"storage.full", "storage.reserve"})
#: an alarm has a page of its own: nobody may take it for a fault of the server and try again
ALARM: Final = "alarm.html"
API: Final = "/api/"
#: the first status that says that nothing was done
REFUSED: Final = 400
_TOLD: Final = ("Location", "Content-Type")


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: people are added by an act and enrol with a one-time code.

    Every log-in leaves its trace in the access log first, and every one that failed.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no, whoever asks."""
        del request
        return False

    def login(self, request: HttpRequest, user: Any) -> None:  # noqa: ANN401 - a User, as logged in
        """Log somebody in and record it; raises `Unavailable` where it cannot be, and logs out."""
        super().login(request, user)
        session = request.session.session_key or ""  # which is a new one from here on
        try:
            custody.note_log_in(user.person.agent_id, Door.WEB.value, session)
        except MunimentError:
            self.logout(request)
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        """Record that a log-in failed, and whose it would have been."""
        del request
        tried = queries.person(credentials.get("username", ""))
        custody.note_log_in_refused(tried.agent_id if tried else None, Door.WEB.value)


def status_of(error: MunimentError) -> int:
    """Return the HTTP status of an error."""
    if error.code in _NO_ROOM:
        return INSUFFICIENT_STORAGE
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def document_of(error: MunimentError) -> dict[str, dict[str, str]]:
    """Return an error as the API and `--json` show it."""
    return {"error": {"code": error.code, "message": str(error), "hint": error.hint}}


@receiver([authenticator_added, authenticator_removed])
def on_credential(signal: Signal, request: Asked, **_more: object) -> None:
    """Record that a person gained or lost a way in; what it is stays local."""
    added = signal is authenticator_added
    record = services.record_credential if added else services.record_credential_removed
    record(request.actor, queries.person_of(request.actor))


class ActorMiddleware:
    """Gives each logged-in request its actor: the person, with present roles and clearances."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.actor`, computed when it is first asked for."""
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]  # see custody.policies.Asked
        return self._next(request)


def _actor(request: HttpRequest) -> Actor:
    return queries.actor_of_user(request.user, Door.WEB, request.session.session_key or "")  # type: ignore[arg-type]  # logged in: a User


class ErrorMiddleware:
    """Turns the library's errors into pages and documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._next(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for an error of ours, and leave all others to Django."""
        return answer_for(request, error) if isinstance(error, MunimentError) else None


def answer_for(request: HttpRequest, error: MunimentError) -> HttpResponse:
    """Return the page or the document that tells of an error; a refusal is recorded first."""
    error = custody.note_refused(error, f"{request.method} {request.path}")
    status = status_of(error)
    if request.path.startswith(API):
        return JsonResponse(document_of(error), status=status)
    shown = {"status": status, "message": str(error), "hint": error.hint, "code": error.code}
    page = ALARM if isinstance(error, TamperSuspected) else f"{status}.html"
    return render(request, page, shown, status=status)


class OnceMiddleware:
    """Acts once on a form that is sent twice: the second time it gets the first one's answer.

    Views that take several transactions look after their key themselves (`resending.by_itself`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._next(request)

    def process_view(
        self,
        request: Asked,
        view: Callable[..., HttpResponse],
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponse | None:
        """Call the view of a form that bears a key, in the transaction of its act."""
        ours = view.__module__.startswith("muniment_server.")
        if not ours or request.method != "POST" or FORM_KEY not in request.POST:
            return None
        if not request.user.is_authenticated or resending.looks_after_itself(view):
            return None
        try:
            return _once(request, partial(view, request, *args, **kwargs))
        except MunimentError as error:
            return answer_for(request, error)


def _once(request: Asked, view: Callable[[], HttpResponse]) -> HttpResponse:
    asked = sent_of(request)
    made: list[HttpResponse] = []

    def make() -> bytes:
        made[:] = [view()]
        if made[0].status_code >= REFUSED:
            raise resending.NothingDone
        return _kept(made[0])

    try:
        answer = resending.once(cast("resending.Sent", asked), make)
    except resending.NothingDone:
        return made[0]
    return made[0] if made else _again(answer)


def _kept(response: HttpResponse) -> bytes:
    headers = {name: response[name] for name in _TOLD if name in response}
    told = {"status": response.status_code, "headers": headers, "text": response.content.decode()}
    return json.dumps(told).encode()


def _again(kept: bytes) -> HttpResponse:
    told = json.loads(kept)
    return HttpResponse(told["text"], status=told["status"], headers=told["headers"])


def on_fault(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours with a page that asks nothing of database or session."""
    shown = {
        "status": HttpResponseServerError.status_code,
        "request": request,
        "workspace": {"specimen": custody.workspace().specimen},
    }
    return HttpResponseServerError(loader.render_to_string("500.html", shown))
