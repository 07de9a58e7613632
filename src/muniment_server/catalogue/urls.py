"""The addresses of the catalogue; the item's record page is added where pages cross apps."""

from __future__ import annotations

from django.urls import path

from muniment_server.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("items/", views.items, name="items"),
    path("items/deposit/", views.deposit, name="deposit"),
    path("items/<str:number>/describe/", views.describe, name="describe"),
    path("items/<str:number>/examine/", views.examine, name="examine"),
    path("items/<str:number>/uncover/", views.uncover, name="uncover"),
    path("items/<str:number>/parts/<str:part>/", views.download, name="download"),
    path("items/<str:number>/renditions/<str:key>/", views.rendition, name="rendition"),
    path("collections/", views.collections, name="collections"),
    path("collections/<str:number>/", views.collection, name="collection"),
]
