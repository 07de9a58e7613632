"""The addresses of the log."""

from __future__ import annotations

from django.urls import path

from muniment_server.custody import views

app_name = "custody"
urlpatterns = [
    path("log/", views.log, name="log"),
    path("log/access/", views.access, name="access"),
    path("log/state/", views.state, name="state"),
    path("log/state/clock/", views.clock, name="clock"),
    path("log/<int:index>/", views.act, name="act"),
]
