"""The selection: what the export act says the bag holds (custody-log §7).

- It names every file but the manifests, `custody/**` and `record.html`, for which it has the digest
  of the template: those are made again from the selection and the log.
- Written once, when the export is prepared; read again when an earlier act is exported once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from muniment.errors import TamperSuspected
from muniment.export.api import PayloadFile, Watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import BinaryIO

    from muniment.evidence.canonical import Json
    from muniment.export.api import Dossier


def selection_of(
    dossier: Dossier, files: Iterable[tuple[str, str, int]], template: str, withheld: Iterable[str]
) -> dict[str, Json]:
    """Return the selection; `files` are path, SHA-256 and size, `withheld` paths left out.

    It says `witnesses` only where somebody watches the log.
    """
    return {
        "files": [
            {"path": path, "sha256": digest, "size": size} for path, digest, size in sorted(files)
        ],
        "heads": sorted(dossier.heads),
        "items": [item.obj for item in dossier.items],
        "name": dossier.name,
        "recipient": dossier.recipient,
        "template": template,
        "tokens": sorted(dossier.tokens),
        "withheld": sorted({*dossier.withheld, *withheld}),
        **_watched(dossier.watched, sorted(dossier.heads)),
    }


def _watched(watched: Watched | None, heads: Sequence[int]) -> dict[str, Json]:
    if watched is None:
        return {}
    said: dict[str, Json] = {
        "checkpoint": watched.checkpoint,
        "lines": [watched.lines.get(size, 0) for size in heads],
        "policy": watched.policy,
    }
    return {"witnesses": said}


def text_of(selection: Mapping[str, Json], key: str) -> str:
    """Return a text of the selection; raises TamperSuspected if there is none."""
    value = selection.get(key)
    if not isinstance(value, str):
        raise _strange(key)
    return value


def heads_of(selection: Mapping[str, Json]) -> list[int]:
    """Return the sizes of the old heads; raises TamperSuspected."""
    heads = _listed(selection, "heads")
    sizes = [one for one in heads if isinstance(one, int)]
    if len(sizes) != len(heads):
        raise _strange("heads")
    return sizes


def tokens_of(selection: Mapping[str, Json]) -> list[int]:
    """Return the sizes of the heads with time tokens; raises TamperSuspected."""
    tokens = _listed(selection, "tokens")
    sizes = [one for one in tokens if isinstance(one, int)]
    if len(sizes) != len(tokens):
        raise _strange("tokens")
    return sizes


def watched_of(selection: Mapping[str, Json]) -> Watched | None:
    """Return what the selection says of witnesses, if anything; raises TamperSuspected."""
    value = selection.get("witnesses")
    if value is None:
        return None
    if isinstance(value, Mapping):
        policy, checkpoint = value.get("policy"), value.get("checkpoint")
        lines = [one for one in _listed(value, "lines") if isinstance(one, int)]
        heads = heads_of(selection)
        if isinstance(policy, str) and isinstance(checkpoint, bool) and len(lines) == len(heads):
            return Watched(policy, dict(zip(heads, lines, strict=True)), checkpoint)
    raise _strange("witnesses")


def files_of(
    selection: Mapping[str, Json], fetch: Callable[[str], BinaryIO]
) -> tuple[PayloadFile, ...]:
    """Return the selected files, each opened by its digest; raises TamperSuspected."""
    return tuple([_file(one, fetch) for one in _listed(selection, "files")])


def _file(value: Json, fetch: Callable[[str], BinaryIO]) -> PayloadFile:
    if isinstance(value, Mapping):
        path, digest, size = value.get("path"), value.get("sha256"), value.get("size")
        if isinstance(path, str) and isinstance(digest, str) and isinstance(size, int):
            return PayloadFile(path, digest, size, lambda: fetch(digest))
    raise _strange("files")


def _listed(selection: Mapping[str, Json], key: str) -> Sequence[Json]:
    value = selection.get(key)
    if not isinstance(value, list | tuple):
        raise _strange(key)
    return value


def _strange(key: str) -> TamperSuspected:
    return TamperSuspected(
        f"The recorded selection of this export has no proper {key!r}.", code="exhibit.selection"
    )
