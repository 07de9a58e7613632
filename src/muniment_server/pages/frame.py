"""What every page shows around its content: who acts, with what clearances, in which workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from muniment_server.accounts.schemas import person_shown
from muniment_server.custody import queries as custody

if TYPE_CHECKING:
    from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the acting person and the workspace."""
    workspace = custody.workspace()
    context: dict[str, Any] = {
        "workspace": {"name": workspace.name, "specimen": workspace.specimen}
    }
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        shown = person_shown(user.person)
        context["acting"] = {
            "name": shown["name"],
            "roles": shown["role_texts"],
            "compartments": shown["compartments"],
            "url": reverse("accounts:tokens"),
        }
    return context
