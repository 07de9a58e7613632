"""The addresses of who works here."""

from __future__ import annotations

from django.urls import path

from muniment_server.accounts import views

app_name = "accounts"
urlpatterns = [
    path("enrol/", views.enrol, name="enrol"),
    path("people/", views.people, name="people"),
    path("people/add/", views.add, name="add"),
    path("people/<slug:handle>/", views.person, name="person"),
    path("people/<slug:handle>/code/", views.new_code, name="new_code"),
    path("people/<slug:handle>/end/", views.end, name="end"),
    path("people/<slug:handle>/roles/<slug:role>/", views.revoke, name="revoke"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
]
