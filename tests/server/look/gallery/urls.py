"""Addresses of the gallery, under the names that the templates link to."""

from __future__ import annotations

from django.urls import URLPattern, include, path
from django.views.i18n import set_language

from tests.server.look.gallery import views


def _named(prefix: str, *names: str) -> list[URLPattern]:
    """Route lists (plural) without and records with a number, all to what the gallery holds."""
    routed = []
    for name in names:
        where = f"{prefix}/{name}"
        routed.append(path(where, views.show, {"name": where}, name=name))
        routed.append(path(f"{where}/<str:number>", views.show, {"name": where}, name=name))
        routed.append(
            path(f"{where}/<str:of>/<str:number>", views.show, {"name": where}, name=name)
        )
    return routed


APPS = {
    "catalogue": ["items", "item", "deposit"],
    "incidents": ["incidents", "incident", "claims", "claim", "sources", "source"],
    "entities": ["persons", "person", "units", "unit"],
    "casualties": ["victims", "victim"],
    "cases": ["cases", "case", "readings", "situation", "charge", "crimes", "crime"],
    "disclosure": ["packages", "package"],
    "oversight": ["requests", "request", "taking_out"],
    "custody": ["log", "act", "access", "state"],
    "accounts": ["people", "person", "enrolled"],
}

urlpatterns = [
    path("", views.show, {"name": "today"}, name="first"),
    path("today", views.show, {"name": "today"}, name="today"),
    path("search", views.show, {"name": "search"}, name="search"),
    path("parts", views.show, {"name": "parts"}, name="parts"),
    path("exposed", views.exposed, name="exposed"),
    path("form", views.form, name="form"),
    path("error/<int:status>", views.error, name="error"),
    path("i18n/setlang", set_language, name="set_language"),
    path("account/", include("allauth.urls")),
    *(path("", include((_named(app, *names), app))) for app, names in APPS.items()),
]
handler404 = "tests.server.look.gallery.views.not_found"
