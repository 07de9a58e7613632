"""The addresses of persons and units; a person's record page is added where pages cross apps."""

from __future__ import annotations

from django.urls import path

from muniment_server.entities import views

app_name = "entities"
urlpatterns = [
    path("persons/", views.persons, name="persons"),
    path("persons/add/", views.add_person, name="add_person"),
    path("persons/<str:number>/names/add/", views.add_name, name="add_name"),
    path("persons/<str:number>/postings/add/", views.add_posting, name="add_posting"),
    path("units/", views.units, name="units"),
    path("units/add/", views.add_unit, name="add_unit"),
    path("units/<str:number>/", views.unit, name="unit"),
    path("units/<str:number>/superiors/add/", views.add_superior, name="add_superior"),
]
