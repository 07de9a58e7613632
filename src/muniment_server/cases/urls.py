"""The addresses of situations, cases and charges, and of the law."""

from __future__ import annotations

from django.urls import path

from muniment_server.cases.views import acts, law, leads, records

app_name = "cases"
urlpatterns = [
    path("law/", law.crimes, name="crimes"),
    path("law/<str:crime>/", law.crime, name="crime"),
    path("situations/open/", acts.open_situation, name="open_situation"),
    path("situations/<str:number>/", records.situation, name="situation"),
    path("situations/<str:number>/cases/open/", acts.open_case, name="open_case"),
    path("cases/", records.cases, name="cases"),
    path("cases/<str:number>/", records.case, name="case"),
    path("cases/<str:number>/readings/", leads.readings, name="readings"),
    path("cases/<str:number>/lead/", leads.name_lead, name="name_lead"),
    path("cases/<str:number>/suspects/add/", acts.add_suspect, name="add_suspect"),
    path("cases/<str:number>/charges/add/", acts.add_charge, name="add_charge"),
    path("cases/<str:number>/charges/<str:key>/", records.charge, name="charge"),
    path("cases/<str:number>/charges/<str:key>/evidence/", acts.fill_cell, name="fill_cell"),
    path("cases/<str:number>/charges/<str:key>/opinion/", acts.give_opinion, name="give_opinion"),
    path("cases/<str:number>/cells/<str:key>/", records.cell, name="cell"),
    path("cases/<str:number>/cells/<str:key>/read/", acts.second_reading, name="second_reading"),
    path("cases/<str:number>/cells/<str:key>/withdraw/", acts.withdraw_cell, name="withdraw_cell"),
]
