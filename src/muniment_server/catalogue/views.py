"""The pages of the catalogue, except the record page, which shows what other apps know."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from muniment.errors import InvalidInput, NotFound
from muniment_server.catalogue import policies, queries, services
from muniment_server.catalogue.forms import (
    CollectionForm,
    DepositForm,
    DescribeForm,
    GatherForm,
)
from muniment_server.catalogue.schemas import Method, Outcome, media_kind
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.forms import sent_of
from muniment_server.custody.policies import require
from muniment_server.custody.services.resending import by_itself
from muniment_server.pictures import shown
from muniment_server.pictures.dated import window_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import TemporaryUploadedFile

    from muniment_server.custody.policies import Actor, Asked

_SEALED = "default-src 'none'; sandbox"


@require_GET
def items(request: Asked) -> HttpResponse:
    """List items, narrowed by what the address says."""
    require(policies.may_read, request.actor)
    asked = request.GET
    wanted = queries.ItemFilter(
        asked.get("q", ""),
        asked.get("media", ""),
        asked.get("method", ""),
        asked.get("outcome", ""),
        asked.get("collection", ""),
        window_of(asked),
    )
    page = queries.items(request.actor, wanted, after=schemas.after(asked))
    facets = [
        schemas.Facet("media", _("Media type"), str),
        schemas.Facet("method", _("How obtained"), schemas.words_of(Method)),
        schemas.Facet("outcome", _("A finding"), schemas.words_of(Outcome)),
    ]
    context = schemas.listing(page, asked, request.path, facets)
    shown.add_dates(context, asked, request.path, _("Received"))
    chosen = shown.add_choice(context, asked, request.path, "timeline", "map")
    if chosen == "timeline":
        spans = queries.item_spans(request.actor, wanted)
        context["timeline"] = shown.timeline_shown(spans, asked, request.path)
    elif chosen == "map":
        context["map"] = _map(request.actor, wanted, page.total)
    pictures = queries.thumbnails_of(page.rows)
    for item in page.rows:
        dress(item, pictures.get(item.pk))
    actions = []
    if policies.may_receive(request.actor):
        actions = [{"url": reverse("catalogue:deposit"), "text": _("Deposit"), "main": True}]
    return render(
        request, "catalogue/items.html", {**context, "items": page.rows, "actions": actions}
    )


def _map(by: Actor, wanted: queries.ItemFilter, total: int) -> dict[str, Any]:
    return shown.map_shown(
        queries.item_places(by, wanted, shown.MOST_PLACES + 1),
        total,
        lambda number: reverse("catalogue:item", args=[number]),
        invented=custody.workspace().specimen,
        heading=_("Item"),
        caution=_("Where the files themselves say they were made. Anyone can write metadata."),
    )


def dress(item: Any, thumbnail: Any, *, uncovered: bool = False) -> None:  # noqa: ANN401 - rows with what a page adds to them
    """Give an item what a page shows beside its own values."""
    item.kind = media_kind(item.media_type)
    item.thumbnail_url = (
        reverse("catalogue:rendition", args=[item.number, thumbnail.hex]) if thumbnail else None
    )
    # A picture whose name promised text was graded by nobody: it stays behind its veil.
    item.shown = not item.graphic and item.kind in {"image", "video"}
    item.exposure_url = reverse("catalogue:uncover", args=[item.number])
    item.uncovered = uncovered
    item.states = []


@by_itself
@require_http_methods(["GET", "POST"])
def deposit(request: Asked) -> HttpResponse:
    """Take files in; each is an item once it is durable and logged."""
    require(policies.may_receive, request.actor)
    form = DepositForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = services.Provenance(
            form.cleaned_data["source"],
            form.cleaned_data["collected_by"],
            reason=form.cleaned_data["reason"],
            aside=form.cleaned_data["aside"],
        )
        taken, refused = services.receive_uploads(
            request.actor, _uploads(form.cleaned_data["files"]), said, sent_of(request)
        )
        count = ngettext("{n} file received.", "{n} files received.", taken).format(n=taken)
        messages.success(request, count)
        for refusal in refused:
            messages.error(request, refusal)
        return redirect("catalogue:items")
    return render(request, "catalogue/deposit.html", {"form": form})


def _uploads(files: list[TemporaryUploadedFile]) -> list[tuple[bytes, str]]:
    """Return each upload's name and the path of its temporary file."""
    return [(os.fsencode(file.name or "unnamed"), file.temporary_file_path()) for file in files]


@require_http_methods(["GET", "POST"])
def describe(request: Asked, number: str) -> HttpResponse:
    """Give an item a title and a description."""
    require(policies.may_describe, request.actor)
    item = queries.item(request.actor, number)
    known = {"title": item.title, "description": item.description, "graphic": item.graphic}
    form = DescribeForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        services.describe_item(request.actor, item, **form.cleaned_data)
        return redirect("catalogue:item", number)
    context = {
        "form": form,
        "heading": _("Describe {n}").format(n=item.number),
        "action_text": _("Record"),
    }
    return render(request, "form.html", context)


@require_POST
def examine(request: Asked, number: str) -> HttpResponse:
    """Ask a worker to run every examination that applies to an item."""
    item = queries.item(request.actor, number)
    services.ask_for_examination(request.actor, item)
    messages.success(request, _("The examination waits its turn; what it finds appears here."))
    return redirect("catalogue:item", number)


@require_POST
def uncover(request: Asked, number: str) -> HttpResponse:
    """Count that a person asks to see what may be graphic; without scripts, show it then.

    It is counted and never refused: nobody's work waits for it, and nobody can switch it off.
    """
    require(policies.may_read, request.actor)
    item = queries.uncovered(request.actor, number)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204)
    request.session["uncovered"] = item.number
    return redirect("catalogue:item", item.number)


@require_GET
def download(request: Asked, number: str, part: str) -> FileResponse:
    """Hand out an original's bytes: never rendered here, and recorded as taken away."""
    require(policies.may_download, request.actor)
    found, stream = queries.open_part(request.actor, number, part)
    response = FileResponse(stream, content_type="application/octet-stream", as_attachment=True)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    response["Content-Security-Policy"] = _SEALED
    return response


@require_GET
def rendition(request: Asked, number: str, key: str) -> FileResponse:
    """Show a picture that was made again from pixels; originals are never shown in the page."""
    require(policies.may_read, request.actor)
    found, stream = queries.open_rendition(request.actor, number, key)
    if not found.media_type.startswith("image/"):
        raise NotFound(_("there is no such picture"), code="rendition.not_found")
    response = FileResponse(stream, content_type=found.media_type)
    response["Content-Security-Policy"] = _SEALED
    return response


@require_http_methods(["GET", "POST"])
def collections(request: Asked) -> HttpResponse:
    """List collections and make new ones."""
    require(policies.may_read, request.actor)
    form = CollectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.make_collection(request.actor, **form.cleaned_data)
        return redirect("catalogue:collection", made.number)
    context = {"collections": queries.collections(request.actor), "form": form}
    return render(request, "catalogue/collections.html", context)


@require_http_methods(["GET", "POST"])
def collection(request: Asked, number: str) -> HttpResponse:
    """Show a collection and put items into it."""
    require(policies.may_read, request.actor)
    found = queries.collection(request.actor, number)
    form = GatherForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            item = queries.item(request.actor, form.cleaned_data["item"])
            services.add_to_collection(request.actor, found, item)
            return redirect("catalogue:collection", number)
        except (NotFound, InvalidInput) as error:
            form.add_error("item", str(error))
    members = queries.members_of(request.actor, found)
    context = {"collection": found, "members": members, "form": form}
    return render(request, "catalogue/collection.html", context)
