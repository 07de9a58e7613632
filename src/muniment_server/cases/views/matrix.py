"""The matrix of a charge as its page shows it: rows of the law, columns of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from muniment_server.cases import policies
from muniment_server.cases.schemas import about_text, group_text, kind_text, scope_text

if TYPE_CHECKING:
    from uuid import UUID

    from muniment.law.coverage import RowCoverage
    from muniment_server.cases.queries import ChargeView
    from muniment_server.custody.policies import Actor


def basis_word(checked: bool) -> str:  # noqa: FBT001 - the one thing it is about
    """Return the word to show beside law that no opened source stands behind."""
    return "" if checked else _("unchecked")


def matrix_shown(by: Actor, view: ChargeView) -> dict[str, Any]:
    """Return the matrix: groups of rows, each for its own subject, one column an exhibit."""
    own = view.charge.suspect.case
    exhibits = {(cell.item.pk, cell.case.pk): cell for at in view.cells.values() for cell in at}
    ordered = sorted(exhibits.values(), key=lambda one: (one.item.seq or 0, one.case.seq or 0))
    columns = [
        {
            "number": one.item.number
            if one.case.pk == own.pk
            else f"{one.item.number} ({one.case.number})",
            "url": reverse("catalogue:item", args=[one.item.number]),
        }
        for one in ordered
    ]
    keys = [(one.item.pk, one.case.pk) for one in ordered]
    add = ""
    if policies.may_fill_cell(by):
        add = reverse("cases:fill_cell", args=[own.number, view.charge.pk.hex])
    numbers = {one.pk.hex: one.number for one in view.incidents}
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for covered in view.coverage.rows:
        label, scope = (
            group_text(covered.row.group),
            scope_text(covered.row, view.charge, numbers),
        )
        group = groups.setdefault((label, scope), {"label": label, "scope": scope, "rows": []})
        group["rows"].append(_row(view, covered, keys, add))
    caption = _("What has to be proved, against the evidence")
    return {"caption": caption, "columns": columns, "groups": list(groups.values())}


def _row(
    view: ChargeView, covered: RowCoverage, keys: list[tuple[UUID, UUID]], add: str
) -> dict[str, Any]:
    row = covered.row
    notes = [kind_text(row.element.kind), about_text(row)]
    if row.element.alt:
        notes.append(_("branch {letter}").format(letter=row.element.alt))
    at = {(cell.item.pk, cell.case.pk): cell for cell in view.cells.get(row.key, [])}
    return {
        "text": row.element.text,
        "lang": "en",
        "note": " · ".join(note for note in notes if note),
        "basis": basis_word(row.element.basis.checked),
        "cells": [_cell(at.get(key), str(row.key), add) for key in keys],
        "for_count": covered.supports,
        "against_count": covered.undermines,
        "gap": row.key in view.gaps,
    }


def _cell(cell: Any, row: str, add: str) -> dict[str, str]:  # noqa: ANN401 - a row, or nothing
    if cell is None:
        return {"stance": "", "url": f"{add}?{urlencode({'row': row})}" if add else ""}
    return {
        "stance": cell.stance,
        "stance_text": cell.get_stance_display(),
        "place": str(cell.citation.get("place", "")),
        "url": reverse("cases:cell", args=[cell.case.number, cell.pk.hex]),
    }
