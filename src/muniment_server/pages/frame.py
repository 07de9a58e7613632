"""What every page shows around its content: who acts, with what clearances, in which workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse

from muniment_server.accounts import policies as accounts
from muniment_server.accounts.schemas import person_shown
from muniment_server.catalogue import policies as catalogue
from muniment_server.custody import policies
from muniment_server.custody import queries as custody

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from muniment_server.custody.policies import Actor

# Places of the side navigation that not every role opens.
PLACES: Final[dict[str, Callable[[Actor], bool]]] = {
    "deposit": catalogue.may_receive,
    "log": policies.may_read_log,
    "access": policies.may_read_accesses,
    "people": accounts.may_see_people,
}


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
            "closed": [place for place, may in PLACES.items() if not may(request.actor)],  # type: ignore[attr-defined]  # ActorMiddleware sets it
        }
    return context
