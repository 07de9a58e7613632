"""The addresses of the register; the incident's record page is added where pages cross apps."""

from __future__ import annotations

from django.urls import path

from muniment_server.incidents.views import acts, lists

app_name = "incidents"
urlpatterns = [
    path("incidents/", lists.incidents, name="incidents"),
    path("incidents/open/", acts.open_incident, name="open"),
    path("incidents/<str:number>/describe/", acts.describe, name="describe"),
    path("incidents/<str:number>/claims/add/", acts.add_claim, name="add_claim"),
    path("incidents/<str:number>/evidence/", acts.link, name="link"),
    path("incidents/<str:number>/grade/", acts.grade, name="grade"),
    path("incidents/<str:number>/classify/", acts.classify, name="classify"),
    path("incidents/<str:number>/crimes/<str:crime>/", acts.support, name="support"),
    path("incidents/<str:number>/crimes/<str:crime>/withdraw/", acts.declassify, name="declassify"),
    path("sources/", lists.sources, name="sources"),
    path("sources/add/", acts.add_source, name="add_source"),
    path("sources/<str:number>/", lists.source, name="source"),
    path("claims/", lists.claims, name="claims"),
    path("claims/<str:number>/", lists.claim, name="claim"),
    path("claims/<str:number>/grade/", acts.grade_claim, name="grade_claim"),
    path("items/<str:number>/assess/", acts.assess, name="assess"),
    path("assessments/<str:number>/review/", acts.review, name="review"),
]
