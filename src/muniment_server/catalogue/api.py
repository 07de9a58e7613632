"""The catalogue's part of the API: what the web can, the API can."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.http import FileResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from muniment_server.catalogue import policies, queries, services
from muniment_server.catalogue.schemas import (
    CollectionIn,
    CollectionOut,
    CollectionWholeOut,
    DescribeIn,
    ExaminationOut,
    GatherIn,
    ItemOut,
    ItemWholeOut,
    ReceivedOut,
    collection_record,
    examination_record,
    finding_record,
    item_record,
    rendition_record,
)
from muniment_server.custody.forms import sent_of
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    bytes_of,
)
from muniment_server.custody.services.resending import by_itself
from muniment_server.pictures.window import Window

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["catalogue"])


@router.get("/items", response=Listed[ItemOut])
def list_items(
    request: Asked,
    within: Query[Window],
    q: str = "",
    media: str = "",
    method: str = "",
    outcome: str = "",
    collection: str = "",
    after: int = -1,
) -> dict[str, Any]:
    """List items in log order."""
    require(policies.may_read, request.actor)
    wanted = queries.ItemFilter(q, media, method, outcome, collection, within.span())
    page = queries.items(request.actor, wanted, after=after)
    return {"records": [item_record(item) for item in page.rows], "next": page.after}


@router.post("/items", response=ReceivedOut)
@by_itself
def receive_items(
    request: Asked,
    files: File[list[UploadedFile]],
    source: Form[str] = "",
    collected_by: Form[str] = "",
    reason: Form[str] = "",
    *,
    aside: Form[bool] = False,
) -> dict[str, Any]:
    """Deposit files; each is acknowledged once it is durable and logged.

    With `aside` they are put aside unopened: nothing is made of them and nobody is shown them.
    """
    require(policies.may_receive, request.actor)
    given: list[Any] = list(files)  # Django keeps each in a file of its own
    uploads = [(os.fsencode(one.name or "unnamed"), one.temporary_file_path()) for one in given]
    said = services.Provenance(source, collected_by, reason=reason, aside=aside)
    taken, refused = services.receive_uploads(request.actor, uploads, said, sent_of(request))
    return {"received": taken, "errors": refused}


@router.get("/items/{number}", response=ItemWholeOut)
def show_item(request: Asked, number: str) -> dict[str, Any]:
    """Show an item with everything known of it."""
    require(policies.may_read, request.actor)
    return _shown(request.actor, number)


@router.post("/items/{number}/describe", response=ItemOut)
def describe_item(request: Asked, number: str, said: DescribeIn) -> dict[str, Any]:
    """Give an item a title and a description."""
    item = queries.item(request.actor, number)
    return item_record(services.describe_item(request.actor, item, **said.dict()))


@router.post("/items/{number}/examine", response=ExaminationOut)
def examine_item(request: Asked, number: str) -> dict[str, Any]:
    """Ask a worker to run every examination that applies; what it finds appears with the item."""
    item = queries.item(request.actor, number)
    services.ask_for_examination(request.actor, item)
    return {"examination": examination_record(queries.examination_of(item))}


@router.get("/items/{number}/examination", response=ExaminationOut)
def show_examination(request: Asked, number: str) -> dict[str, Any]:
    """Say whether an examination waits, runs or was given up; null where none does."""
    require(policies.may_read, request.actor)
    item = queries.item(request.actor, number)
    return {"examination": examination_record(queries.examination_of(item))}


@router.get(
    "/items/{number}/parts/{part}",
    response={200: None},
    openapi_extra=bytes_of("application/octet-stream"),
)
def download_part(request: Asked, number: str, part: str) -> FileResponse:
    """Hand out an original's bytes; recorded as taken away."""
    require(policies.may_download, request.actor)
    _found, stream = queries.open_part(request.actor, number, part)
    return FileResponse(stream, content_type="application/octet-stream", as_attachment=True)


@router.get("/items/{number}/renditions/{key}", response={200: None}, openapi_extra=bytes_of("*/*"))
def download_rendition(request: Asked, number: str, key: str) -> FileResponse:
    """Hand out what was made from an original, such as a thumbnail."""
    require(policies.may_read, request.actor)
    found, stream = queries.open_rendition(request.actor, number, key)
    return FileResponse(stream, content_type=found.media_type, as_attachment=True)


@router.get("/collections", response=Listed[CollectionOut])
def list_collections(request: Asked, q: str = "") -> dict[str, Any]:
    """List collections in log order."""
    require(policies.may_read, request.actor)
    records, following = _collections(request.actor, q, -1)
    return {"records": records, "next": following}


@router.post("/collections", response=CollectionOut)
def make_collection(request: Asked, given: CollectionIn) -> dict[str, Any]:
    """Make an empty collection."""
    return collection_record(services.make_collection(request.actor, **given.dict()))


@router.get("/collections/{number}", response=CollectionWholeOut)
def show_collection(request: Asked, number: str) -> dict[str, Any]:
    """Show a collection and its items."""
    require(policies.may_read, request.actor)
    return _collection(request.actor, number)


@router.post("/collections/{number}/items", response=CollectionWholeOut)
def add_to_collection(request: Asked, number: str, given: GatherIn) -> dict[str, Any]:
    """Put an item into a collection; where it is there already, it stays once."""
    by = request.actor
    found = queries.collection(by, number)
    item = queries.item(by, given.item)
    services.add_to_collection(by, found, item, reason=given.reason)
    return _collection(by, number)


def _listed(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.items(by, queries.ItemFilter(words), after=after)
    return [item_record(item) for item in page.rows], page.after


def _shown(by: Actor, number: str) -> dict[str, Any]:
    item = queries.item(by, number)
    return {
        **item_record(item),
        "findings": [finding_record(one) for one in queries.findings_of(item)],
        "renditions": [rendition_record(one) for one in queries.renditions_of(item)],
        "collections": [collection_record(one) for one in queries.collections_of(by, item)],
    }


def _collections(by: Actor, words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    rows = queries.collections(by, words=words).filter(seq__gt=after)
    return [collection_record(one) for one in rows], None


def _collection(by: Actor, number: str) -> dict[str, Any]:
    found = queries.collection(by, number)
    items = [one.number for one in queries.members_of(by, found)]
    return {**collection_record(found), "items": items}


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {
    "item": ("M", _listed, _shown),
    "collection": ("COL", _collections, _collection),
}
