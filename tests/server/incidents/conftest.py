"""An item, a source and an incident to say things about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Incident, Source


@pytest.fixture
def item(items: Callable[..., list[Item]]) -> Item:
    """One item of evidence."""
    return items("film")[0]


@pytest.fixture
def source(machine: Actor) -> Source:
    """Somebody who says so."""
    from muniment_server.incidents import services

    return services.record_source(
        machine, name="Ministry of Norvost", kind=services.SourceKind.OFFICIAL
    )


@pytest.fixture
def incident(machine: Actor) -> Incident:
    """Something alleged."""
    from muniment_server.incidents import services

    return services.open_incident(machine, title="Strike on the hospital")
