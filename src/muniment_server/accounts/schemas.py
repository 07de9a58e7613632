"""People as pages and the API show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from muniment_server.accounts import queries
from muniment_server.custody.queries import clearances_of

if TYPE_CHECKING:
    from muniment_server.accounts.models import Person


def person_shown(person: Person) -> dict[str, Any]:
    """Return a person with roles, clearances and the state of their log-in."""
    standing = [grant for grant in person.grants.all() if grant.ended is None]
    cleared = list(clearances_of(person.agent_id))
    return {
        "handle": person.handle,
        "name": person.agent.name,
        "url": reverse("accounts:person", args=[person.handle]),
        "role_texts": [grant.get_role_display() for grant in standing],
        "roles": [grant.role for grant in standing],
        "compartments": [one.compartment.title for one in cleared],
        "ended": person.ended,
        "second_step": queries.has_second_step(person),
        "grants": [
            {
                "role_text": grant.get_role_display(),
                "since": queries.since(grant),
                "revoke_url": reverse("accounts:revoke", args=[person.handle, grant.role]),
            }
            for grant in standing
        ],
        "clearances": [
            {"name": one.compartment.title, "since": queries.since(one), "revoke_url": None}
            for one in cleared
        ],
    }
