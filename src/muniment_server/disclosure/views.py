"""The pages of what was given to whom."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from django.http import FileResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from muniment.errors import InvalidInput, NotFound
from muniment_server.catalogue import queries as catalogue
from muniment_server.catalogue.views import dress
from muniment_server.custody import queries as custody
from muniment_server.custody import schemas
from muniment_server.custody.forms import sent_of
from muniment_server.custody.policies import require
from muniment_server.custody.services.resending import by_itself
from muniment_server.disclosure import policies, queries, services
from muniment_server.disclosure.forms import ExportForm
from muniment_server.disclosure.schemas import withheld_text

if TYPE_CHECKING:
    from django.http import HttpResponseBase

    from muniment_server.custody.policies import Asked


@require_GET
def packages(request: Asked) -> HttpResponseBase:
    """List packages."""
    require(policies.may_read, request.actor)
    asked = request.GET
    page = queries.packages(request.actor, after=schemas.after(asked))
    counts = queries.item_counts(page.rows)
    for one in page.rows:
        one.item_count = counts.get(one.pk, 0)
    context = schemas.listing(page, asked, request.path, [])
    context |= {"packages": page.rows, "ask_words": False}
    if policies.may_give_out(request.actor):
        url = reverse("disclosure:export")
        context["actions"] = [{"url": url, "text": _("Export items"), "main": True}]
    return render(request, "disclosure/packages.html", context)


@require_GET
def package(request: Asked, number: str) -> HttpResponseBase:
    """Show one package and how its recipient checks it."""
    require(policies.may_read, request.actor)
    by = request.actor
    found = queries.package(by, number)
    items = queries.items_in(by, found)
    pictures = catalogue.thumbnails_of(items)
    for item in items:
        dress(item, pictures.get(item.pk))
    acts = custody.acts_of(by, found.pk)
    again = reverse("disclosure:download", args=[found.number])
    context = {
        "package": found,
        "items": items,
        "withheld": [withheld_text(group) for group in found.withheld],
        "bundle_sha256": queries.bundle_digest(found),
        "log_key": queries.log_key(),
        "download_url": again if policies.may_give_out(by) else None,
        "proof": schemas.proof(acts),
        "acts": schemas.history(acts),
        "compartment": custody.compartment_name(found.compartment_id),
    }
    return render(request, "disclosure/package.html", context)


@by_itself
@require_http_methods(["GET", "POST"])
def export(request: Asked) -> HttpResponseBase:
    """Export items in a bundle, which is the answer; what was typed is kept where it is refused."""
    require(policies.may_give_out, request.actor)
    by = request.actor
    form = ExportForm(request.POST or None, initial={"items": request.GET.get("item", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        order = services.Order(
            given["recipient"],
            given["purpose"],
            frozenset(given["withheld"]),
            sha512=given["sha512"],
        )
        try:
            items = catalogue.items_of(by, given["items"])
            return _handed_out(services.export_bundle(by, items, order, sent_of(request)))
        except (InvalidInput, NotFound) as error:
            form.add_error("items", f"{error}. {error.hint}".strip())
    context = {
        "form": form,
        "heading": _("Export items"),
        "action_text": _("Make the bundle"),
        "explanation": _("That these items left, when, and for whom, stays in the log for good."),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "form.html", context, status=status)


@require_GET
def download(request: Asked, number: str) -> HttpResponseBase:
    """Hand out the bundle of a package once more: the same bytes."""
    require(policies.may_give_out, request.actor)
    return _handed_out(services.bundle_again(request.actor, number))


def _handed_out(bundle: services.Bundle) -> FileResponse:
    response = FileResponse(
        bundle.stream, as_attachment=True, filename=bundle.name, content_type=bundle.media_type
    )
    digest = base64.b64encode(bytes.fromhex(bundle.sha256)).decode()
    response["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    response["Content-Location"] = reverse("disclosure:package", args=[bundle.package.number])
    return response
