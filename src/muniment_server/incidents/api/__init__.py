"""The register's part of the API: sources, claims, incidents, assessments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Router

from muniment_server.incidents import queries
from muniment_server.incidents.api import alleged, assessed, said
from muniment_server.incidents.schemas import (
    claim_record,
    incident_record,
    incident_whole,
    source_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor

router = Router()
for _part in (said, alleged, assessed):
    router.add_router("", _part.router)


def _incidents(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.incidents(by, queries.IncidentFilter(words), after=after)
    return [incident_record(one) for one in page.rows], page.after


def _incident(by: Actor, number: str) -> dict[str, Any]:
    return incident_whole(queries.incident_view(by, queries.incident(by, number)))


def _claims(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.claims(by, queries.ClaimFilter(words=words), after=after)
    return [claim_record(one) for one in page.rows], page.after


def _claim(by: Actor, number: str) -> dict[str, Any]:
    return claim_record(queries.claim(by, number))


def _sources(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.sources(by, words=words, after=after)
    return [source_record(one) for one in page.rows], page.after


def _source(by: Actor, number: str) -> dict[str, Any]:
    return source_record(queries.source(by, number))


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {
    "incident": ("INC", _incidents, _incident),
    "claim": ("CLM", _claims, _claim),
    "source": ("SRC", _sources, _source),
}
