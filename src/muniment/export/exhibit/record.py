"""`data/record.json`: what the exhibit is, in words, for the page and for programs.

- Canonical JSON; a file of the payload, so the selection fixes it. What it says of digests stands
  in the log as well; titles and names of agents are the exporter's word.
- Names of files are given for reading, and exactly, in base64url, where reading may not show them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.evidence.canonical import Json, canonical
from muniment.evidence.names import display_name, raw_name_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment.export.api import Dossier, Part

SCHEMA = 1
SPECIMEN = "specimen.muniment.invalid/"


def record_of(dossier: Dossier, paths: Mapping[str, Iterable[tuple[Part, str]]]) -> bytes:
    """Return the bytes of record.json; `paths` holds each item's parts with paths, by `obj`."""
    items: list[Json] = [
        {
            "number": item.number,
            "obj": item.obj,
            "parts": [_part(part, path) for part, path in paths[item.obj]],
            "title": item.title,
        }
        for item in dossier.items
    ]
    agents: list[Json] = [
        {"id": agent.id, "kind": agent.kind, "name": agent.name} for agent in dossier.agents
    ]
    batch: dict[str, Json] = {
        "by": dossier.by,
        "date": dossier.at.date().isoformat(),
        "eid": dossier.eid,
        "obj": dossier.obj,
        "organisation": dossier.organisation,
        "recipient": dossier.recipient,
    }
    record: dict[str, Json] = {
        "agents": agents,
        "batch": batch,
        "items": items,
        "schema": SCHEMA,
        "specimen": dossier.origin.startswith(SPECIMEN),
    }
    if dossier.earlier:
        record["earlier_logs"] = [
            {"origin": one.origin, "root": one.root, "size": one.size} for one in dossier.earlier
        ]
    return canonical(record)


def _part(part: Part, path: str) -> Json:
    if part.open is None:  # withheld: the number is all that is told
        return {"path": path}
    told: dict[str, Json] = {
        "media_type": part.media_type,
        "name": display_name(part.name),
        "part": part.row,
        "path": path,
        "sha256": part.sha256,
        "size": part.size,
    }
    if told["name"] != part.name.decode("utf-8", "replace"):
        told["raw_name"] = raw_name_text(part.name)
    if part.made_from:
        told["made_from"] = part.made_from
    return told
