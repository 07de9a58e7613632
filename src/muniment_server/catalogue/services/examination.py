"""Examining items: every examination that applies, in the sandbox, and one act per group.

Examinations never fail: what could not be done is a finding that says so.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.archive.layout import object_name
from muniment.archive.objects import FolderStore
from muniment.evidence.instant import now
from muniment.examine.api import Media
from muniment.examine.examiner import Examined as FileExamined
from muniment.examine.examiner import Examiner
from muniment.plugins import examiners
from muniment.sandbox import find_confinement
from muniment_server.catalogue import queries
from muniment_server.catalogue.models import Finding, Part, Rendition
from muniment_server.catalogue.services.acts import Examined, record_examinations
from muniment_server.custody import queries as custody

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

_GROUP = 64
_AT_ONCE = 2  # sandboxes side by side


def examine_items(
    by: Actor, items: Iterable[Item], *, reason: str = ""
) -> Generator[list[Finding]]:
    """Examine items and record what was found, a group at a time."""
    workspace = custody.workspace()
    store = FolderStore(workspace.archive)
    examiner = Examiner(examiners().values(), find_confinement())
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        groups = _groups(items, pool, examiner, store)
        for group in record_examinations(by, groups, reason=reason):
            rows = (row for member in group.members for row in member.rows)
            yield [row for row in rows if isinstance(row, Finding)]


def _groups(
    items: Iterable[Item], pool: ThreadPoolExecutor, examiner: Examiner, store: FolderStore
) -> Iterator[list[Examined]]:
    waiting = iter(items)
    while some := list(islice(waiting, _GROUP)):
        parts = [(item, part) for item in some for part in queries.parts_of(item)]
        results = pool.map(lambda pair: _examine(examiner, store, pair[1]), parts)
        rows: dict[Item, tuple[list[Finding], list[Rendition]]] = {item: ([], []) for item in some}
        for (item, part), result in zip(parts, results, strict=True):
            _add_rows(store, part, result, *rows[item])
        yield [Examined(item, *found) for item, found in rows.items()]


def _examine(examiner: Examiner, store: FolderStore, part: Part) -> FileExamined:
    path = Path(store.layout.objects, object_name(part.sha256))
    media = Media(part.name, part.media_type, part.size, part.sha256)
    return examiner.examine(path, media)


def _add_rows(
    store: FolderStore,
    part: Part,
    result: FileExamined,
    findings: list[Finding],
    renditions: list[Rendition],
) -> None:
    made = now()
    for found in result.findings:
        findings.append(
            Finding(
                part=part,
                examination=found.examination,
                tool=found.tool,
                version=found.version,
                rules=found.rules,
                outcome=found.outcome.value,
                summary=found.summary,
                basis=found.basis,
                facts=[{"name": fact.name, "value": fact.value} for fact in found.facts],
                citation=found.citation,
                made=made,
            )
        )
        for one in found.renditions:
            stored = store.put_bytes(one.data)
            renditions.append(
                Rendition(
                    part=part,
                    kind=one.purpose,
                    sha256=stored.sha256,
                    size=stored.size,
                    media_type=one.media_type,
                    parent_sha256=one.parent_sha256,
                    tool=one.tool,
                    version=one.version,
                    parameters=dict(one.parameters),
                )
            )
