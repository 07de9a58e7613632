"""The catalogue's part of the API: what the web can, the API can."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

from django.http import FileResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from muniment_server.catalogue import policies, queries, services
from muniment_server.catalogue.schemas import (
    DescribeIn,
    collection_record,
    finding_record,
    item_record,
    rendition_record,
)
from muniment_server.custody import queries as custody
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import act_record

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["catalogue"])


@router.get("/items")
def list_items(
    request: Asked, q: str = "", media: str = "", outcome: str = "", after: int = -1
) -> dict[str, Any]:
    """List items in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.ItemFilter(q, media, "", outcome)
    page = queries.items(request.actor, wanted, after=after)
    return {"records": [item_record(item) for item in page.rows], "next": page.after}


@router.post("/items")
def receive_items(
    request: Asked,
    files: File[list[UploadedFile]],
    source: Form[str] = "",
    collected_by: Form[str] = "",
    reason: Form[str] = "",
) -> dict[str, Any]:
    """Deposit files; each is acknowledged once it is durable and logged."""
    require(policies.may_receive, request.actor)
    given: list[Any] = list(files)  # Django keeps each in a file of its own
    uploads = [(os.fsencode(one.name or "unnamed"), one.temporary_file_path()) for one in given]
    said = services.Provenance(source, collected_by, reason=reason)
    taken, refused = services.receive_uploads(request.actor, uploads, said)
    return {"received": taken, "errors": refused}


@router.get("/items/{number}")
def show_item(request: Asked, number: str) -> dict[str, Any]:
    """Show an item with everything known of it."""
    require(policies.may_read, request.actor)
    item = queries.item(request.actor, number)
    return {
        **item_record(item),
        "findings": [finding_record(one) for one in queries.findings_of(item)],
        "renditions": [rendition_record(one) for one in queries.renditions_of(item)],
        "collections": [
            collection_record(one) for one in queries.collections_of(request.actor, item)
        ],
    }


@router.get("/items/{number}/custody")
def item_custody(request: Asked, number: str) -> dict[str, Any]:
    """Show an item's acts in order."""
    require(policies.may_read, request.actor)
    item = queries.item(request.actor, number)
    return {"acts": [act_record(act) for act in custody.acts_of(request.actor, item.pk)]}


@router.post("/items/{number}/describe")
def describe_item(request: Asked, number: str, said: DescribeIn) -> dict[str, Any]:
    """Give an item a title and a description."""
    item = queries.item(request.actor, number)
    return item_record(services.describe_item(request.actor, item, **said.dict()))


@router.post("/items/{number}/examine")
def examine_item(request: Asked, number: str) -> dict[str, Any]:
    """Run every examination that applies."""
    item = queries.item(request.actor, number)
    with closing(services.examine_items(request.actor, [item])) as groups:
        findings = [finding for group in groups for finding in group]
    return {"findings": [finding_record(one) for one in findings]}


@router.get("/items/{number}/parts/{part}", response={200: None})
def download_part(request: Asked, number: str, part: str) -> FileResponse:
    """Hand out an original's bytes; recorded as taken away."""
    require(policies.may_download, request.actor)
    _found, stream = queries.open_part(request.actor, number, part)
    return FileResponse(stream, content_type="application/octet-stream", as_attachment=True)


@router.get("/collections")
def list_collections(request: Asked) -> dict[str, Any]:
    """List collections."""
    require(policies.may_read, request.actor)
    rows = queries.collections(request.actor)
    return {"records": [collection_record(one) for one in rows], "next": None}


def _listed(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.items(by, queries.ItemFilter(words), after=after)
    return [item_record(item) for item in page.rows], page.after


def _shown(by: Actor, number: str) -> dict[str, Any]:
    item = queries.item(by, number)
    return {
        **item_record(item),
        "findings": [finding_record(one) for one in queries.findings_of(item)],
        "renditions": [rendition_record(one) for one in queries.renditions_of(item)],
    }


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {"item": ("M", _listed, _shown)}
