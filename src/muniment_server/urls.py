"""The addresses of the application: each app's own, allauth's, pages that cross apps, the API.

Nobody may open an address without logging in, unless its view says otherwise: the middleware
denies by default, and a test holds the list of every address and who may open it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

from muniment_server.api import api
from muniment_server.pages import incident, item, person, search, today

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

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
#: what people do about their own log-in: nobody signs up, and nothing is ever sent by mail
_LOG_IN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
    }
)
#: what describes the API and is no operation of it: a page like any other
_DESCRIBING = ("api-root", "openapi-json")
_RECORDS: dict[str, list[URLPattern]] = {
    "catalogue": [path("items/<str:number>/", item.item, name="item")],
    "entities": [path("persons/<str:number>/", person.person, name="person")],
    "incidents": [path("incidents/<str:number>/", incident.incident, name="incident")],
}


def _of_app(app: str) -> URLResolver:
    """Return an app's addresses, its record page among them where that crosses apps."""
    own = import_module(f"muniment_server.{app}.urls").urlpatterns
    return path("", include(([*own, *_RECORDS.get(app, [])], app)))


def _of_log_in() -> list[URLPattern | URLResolver]:
    """Return those addresses of allauth that are used: passwords, passkeys, codes, sessions."""
    account = import_module("allauth.account.urls").urlpatterns
    return [
        *(one for one in account if one.name in _LOG_IN),
        path("2fa/", include("allauth.mfa.urls")),
        path("sessions/", include("allauth.usersessions.urls")),
    ]


def _of_api() -> tuple[Any, str, str]:
    """Return the API's addresses: its operations know people by themselves, and answer in JSON."""
    found, app, namespace = api.urls
    patterns: list[Any] = list(found)
    for pattern in patterns:
        if pattern.name not in _DESCRIBING:
            pattern.callback = login_not_required(pattern.callback)
    return patterns, app, namespace


handler500 = "muniment_server.doors.on_fault"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", today.today, name="today"),
    path("search/", search.search, name="search"),
    path("log-in/", include(_of_log_in())),
    path("language/", include("django.conf.urls.i18n")),
    path("api/", _of_api()),
    *[_of_app(app) for app in _APPS if find_spec(f"muniment_server.{app}.urls")],
]
