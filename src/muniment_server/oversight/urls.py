"""The addresses of requests, holds, and what can be asked for about an item."""

from __future__ import annotations

from django.urls import path

from muniment_server.oversight import views

app_name = "oversight"
urlpatterns = [
    path("requests/", views.requests, name="requests"),
    path("requests/<str:key>/", views.one_request, name="request"),
    path("requests/<str:key>/approve/", views.approve, name="approve"),
    path("requests/<str:key>/refuse/", views.refuse, name="refuse"),
    path("holds/<str:key>/release/", views.release, name="release"),
    path("items/<str:number>/taking-out/", views.taking_out, name="taking_out"),
    path("items/<str:number>/taking-out/<str:slug>/", views.ask_for, name="ask"),
    path("items/<str:number>/hold/", views.hold, name="hold"),
    path("items/<str:number>/existence/", views.existence, name="existence"),
    path("items/<str:number>/aside/", views.bar, name="bar"),
]
