"""`muniment check --repair`: what a check found is mended where it can be, and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from muniment.archive.fixity import Sample
from muniment.archive.mending import mend_objects, set_aside_strays
from muniment.archive.problem import Problem
from muniment.errors import TamperSuspected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from muniment.archive.mending import Mended
    from muniment.archive.workspace import Workspace
    from muniment_server.custody.policies import Actor


def repair(
    workspace: Workspace, by: Actor, found: dict[str, Any], replicas: Sequence[Path]
) -> dict[str, Any]:
    """Mend what a check found and return its report again, as it is afterwards.

    An object that was damaged stays among the problems of this run also where it was put back: that
    it happened is for people to look into (custody-log §5). Where the database is not what was
    signed nothing is touched.
    """
    from muniment_server.catalogue import services
    from muniment_server.commands.check import examine_workspace
    from muniment_server.custody.ledger import mending, publishing, startup

    problems = [Problem(**one) for one in found["problems"]]
    found["repaired"] = []
    if not problems and not replicas:
        return found
    try:
        made = mending.mend_log(problems, replicas)
        startup.check()
    except TamperSuspected as error:
        found["problems"].append(_shown(Problem(error.code, workspace.origin, str(error))))
        return found
    strays = set_aside_strays(workspace.archive, problems)
    mended = mend_objects(workspace.archive, problems, replicas)
    holders = services.record_mended(by, mended)
    publishing.publish()
    after = examine_workspace(workspace, sample=Sample(0, ""))
    report = _report(found, after, made, [(one, holders[one.sha256]) for one in mended])
    report["repaired"] += [_shown(Problem("object.set_aside", one, "no object")) for one in strays]
    return report


def _report(
    found: dict[str, Any],
    after: dict[str, Any],
    made: Sequence[str],
    mended: Sequence[tuple[Mended, list[str]]],
) -> dict[str, Any]:
    """Join what was wrong with objects before with what is wrong with everything else now."""
    objects = [one for one in found["problems"] if one["code"].startswith("object.")]
    known = {one["subject"] for one in objects}
    others = [one for one in after["problems"] if one["subject"] not in known]
    repaired = [{"code": "log.made_again", "subject": one, "message": "made again"} for one in made]
    repaired += [
        _shown(Problem("object.put_back", one.sha256, _from(one, holders)))
        for one, holders in mended
        if one.whole
    ]
    return {
        **found,
        "ok": not objects and not others,
        "entries": after["entries"],
        "problems": objects + others,
        "repaired": repaired,
    }


def _from(one: Mended, holders: Sequence[str]) -> str:
    held = ", ".join(holders) if holders else "no item"
    return f"put back from {one.source}; {held} holds it"


def _shown(one: Problem) -> dict[str, str]:
    return {"code": one.code, "subject": one.subject, "message": one.message}
