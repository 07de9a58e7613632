"""The addresses of victims."""

from __future__ import annotations

from django.urls import path

from muniment_server.casualties import views

app_name = "casualties"
urlpatterns = [
    path("victims/", views.victims, name="victims"),
    path("victims/<str:number>/", views.victim, name="victim"),
    path("victims/<str:number>/correct/", views.correct, name="correct"),
    path("incidents/<str:number>/victims/add/", views.add_victim, name="add_victim"),
]
