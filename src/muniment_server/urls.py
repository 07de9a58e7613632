"""The addresses of the application: each app's own, allauth's, and the API."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from django.urls import include, path

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

_APPS = (
    "custody",
    "accounts",
    "catalogue",
    "entities",
    "incidents",
    "casualties",
    "cases",
    "disclosure",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("log-in/", include("allauth.urls")),
]
urlpatterns += [
    path("", include(f"muniment_server.{app}.urls"))
    for app in _APPS
    if find_spec(f"muniment_server.{app}.urls")
]
if find_spec("muniment_server.api"):
    from muniment_server.api import api

    urlpatterns.append(path("api/", api.urls))
