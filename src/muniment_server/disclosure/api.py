"""The API's part about packages: what was given to whom, and giving it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from django.http import FileResponse
from ninja import Router, Schema

from muniment_server.catalogue import queries as catalogue
from muniment_server.custody.forms import sent_of
from muniment_server.custody.policies import require
from muniment_server.custody.schemas import (
    Listed,
    Words,
    bytes_of,
)
from muniment_server.custody.services.resending import by_itself
from muniment_server.disclosure import policies, queries, services
from muniment_server.disclosure.schemas import (
    PackageOut,
    PackageWholeOut,
    package_record,
)

if TYPE_CHECKING:
    from muniment_server.custody.policies import Actor, Asked

router = Router(tags=["disclosure"])


class ExportIn(Schema):
    """Which items, for whom, on what authority, what stays here, and how it is listed."""

    items: list[str]
    recipient: Words
    purpose: str = ""
    withheld: list[str] = []
    sha512: bool = False


@router.get("/packages", response=Listed[PackageOut])
def list_packages(request: Asked, after: int = -1) -> dict[str, Any]:
    """List packages in log order."""
    require(policies.may_read, request.actor)
    records, following = _packages(request.actor, "", after)
    return {"records": records, "next": following}


@router.get("/packages/{number}", response=PackageWholeOut, exclude_unset=True)
def show_package(request: Asked, number: str) -> dict[str, Any]:
    """Show a package and what is in it."""
    require(policies.may_read, request.actor)
    return _package(request.actor, number)


@router.post("/packages", response={200: None}, openapi_extra=bytes_of("application/zip"))
@by_itself
def export_items(request: Asked, given: ExportIn) -> FileResponse:
    """Export items; the answer is the bundle, and `Content-Location` its package."""
    by = request.actor
    require(policies.may_give_out, by)
    items = catalogue.items_of(by, given.items)
    order = services.Order(
        given.recipient, given.purpose, frozenset(given.withheld), sha512=given.sha512
    )
    return _handed_out(services.export_bundle(by, items, order, sent_of(request)))


@router.get(
    "/packages/{number}/bundle", response={200: None}, openapi_extra=bytes_of("application/zip")
)
def download_bundle(request: Asked, number: str) -> FileResponse:
    """Hand out the bundle of a package once more: the same bytes."""
    require(policies.may_give_out, request.actor)
    return _handed_out(services.bundle_again(request.actor, number))


def _handed_out(bundle: services.Bundle) -> FileResponse:
    response = FileResponse(
        bundle.stream, as_attachment=True, filename=bundle.name, content_type=bundle.media_type
    )
    digest = base64.b64encode(bytes.fromhex(bundle.sha256)).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    response["Content-Location"] = f"/api/packages/{bundle.package.number}"
    return response


def _packages(by: Actor, _words: str, after: int) -> tuple[list[dict[str, Any]], int | None]:
    page = queries.packages(by, after=after)
    return [package_record(one) for one in page.rows], page.after


def _package(by: Actor, number: str) -> dict[str, Any]:
    found = queries.package(by, number)
    return {
        **package_record(found, queries.items_in(by, found)),
        "sha256": queries.bundle_digest(found) or None,
    }


#: kind -> prefix of its numbers, how to list it, how to show one
KINDS = {"package": ("PKG", _packages, _package)}
