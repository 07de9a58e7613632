"""The addresses of what was given to whom."""

from __future__ import annotations

from django.urls import path

from muniment_server.disclosure import views

app_name = "disclosure"
urlpatterns = [
    path("packages/", views.packages, name="packages"),
    path("packages/export/", views.export, name="export"),
    path("packages/<str:number>/", views.package, name="package"),
    path("packages/<str:number>/bundle/", views.download, name="download"),
]
