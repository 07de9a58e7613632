"""`muniment demo`: the whole path on material it makes itself, to a bundle that it checks."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import TamperSuspected
from muniment_server.commands.answers import answer
from muniment_server.commands.init import make as make_workspace

if TYPE_CHECKING:
    import argparse

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.services import Item
    from muniment_server.commands.specimen.material import Made
    from muniment_server.commands.specimen.story import Items
    from muniment_server.custody.policies import Actor

HELP = "the whole path on sample material, marked SPECIMEN, ending in a bundle that is checked"

_HANDLE = "specimen-analyst"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.add_argument("folder", metavar="DIR", nargs="?", help="where; otherwise a new folder")
    parser.add_argument("--serve", action="store_true", help="open it in the browser afterwards")
    parser.add_argument("--port", type=int, default=8000, help="the port for --serve")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demonstration came to."""

    workspace: Workspace
    bundle: Path
    log_key: str
    verdict: str


def run(args: argparse.Namespace) -> int:
    """Show the whole path; exit code 1 if the bundle does not check."""
    folder = Path(args.folder) if args.folder else Path(tempfile.mkdtemp(prefix="muniment-demo-"))
    shown = show(folder)
    document = {
        "workspace": str(shown.workspace.root),
        "bundle": str(shown.bundle),
        "log_key": shown.log_key,
        "verdict": shown.verdict,
    }
    answer(document, "", as_json=args.json)
    if args.serve:
        return _serve(shown.workspace, args.port)
    return 0 if shown.verdict == "intact_anchored" else 1


def show(folder: Path) -> Shown:
    """Walk the whole path in a new workspace and return what it came to."""
    say = _Teller()
    say.title("SPECIMEN: everything below is invented, and marked so in every file")
    workspace, log_key, _secrets = make_workspace(
        folder, name="Specimen archive", agent="SPECIMEN machine", specimen=True
    )
    from muniment_server.accounts import queries as accounts
    from muniment_server.commands.specimen import material

    say.step("workspace", f"{workspace.root}, with a log of its own: {workspace.origin}")
    with tempfile.TemporaryDirectory(prefix="muniment-specimen-") as made_in:
        made = material.make(Path(made_in))
        by = accounts.machine_actor(workspace.agent)
        items = _deposit(by, made, say)
    _examine(by, items, say)
    told = _tell(by, items, say)
    bundle = _export(by, items, folder / "exhibit.zip", say)
    verdict = _read_three_times(bundle, log_key, say)
    _check(workspace, say)
    say.title(f"{told} is in the workspace. Look at it:  muniment -w {workspace.root} serve")
    return Shown(workspace, bundle, log_key, verdict)


class _Teller:
    """Tells what happened, in plain words, on standard error."""

    def title(self, text: str) -> None:
        sys.stderr.write(f"\n{text}\n\n")

    def step(self, what: str, text: str) -> None:
        sys.stderr.write(f"  {what:<11}{text}\n")


def _deposit(by: Actor, made: Made, say: _Teller) -> dict[str, Item]:
    from muniment.archive.outcome import Refused
    from muniment.capture.file import capture_file
    from muniment_server.catalogue.services import Provenance, receive_files

    said = Provenance(
        source="SPECIMEN, made by the demonstration",
        collected_by="SPECIMEN machine",
        reason="to show the whole path",
    )
    items: dict[str, Item] = {}
    found = [capture_file(os.fsencode(path)) for path in made.all()]
    with closing(receive_files(by, found, said)) as groups:
        for one in (one for group in groups for one in group):
            if isinstance(one, Refused):
                raise TamperSuspected(one.message, code=one.code, hint=one.hint)
            items[Path(one.name.decode()).name] = one.item
    numbers = sorted(item.number for item in items.values())
    say.step("deposit", f"{len(items)} files stored unchanged: {numbers[0]} to {numbers[-1]}")
    if made.clip is None:
        say.step("", "no video: ffmpeg is not installed")
    return items


def _examine(by: Actor, items: dict[str, Item], say: _Teller) -> None:
    from muniment_server.catalogue.services import examine_items

    in_order = sorted(items.values(), key=lambda item: item.number)
    findings = [finding for group in examine_items(by, in_order) for finding in group]
    outcomes = [finding.outcome for finding in findings]
    tally = ", ".join(f"{outcomes.count(one)} {one}" for one in sorted(set(outcomes)))
    say.step("examine", f"{len(findings)} findings in a sandbox: {tally}")


def _tell(by: Actor, items: dict[str, Item], say: _Teller) -> str:
    from muniment_server.cases import queries as cases
    from muniment_server.commands.specimen import story
    from muniment_server.incidents import queries as register

    told = story.tell(by, _named(items))
    incident = register.incident_view(by, told.incident)
    crime = incident.classifications[0]
    say.step(
        "incident",
        f"{told.incident.number}: {len(incident.supporting)} items for, "
        f"{len(incident.undermining)} against; {len(incident.counts)} numbers, one denial",
    )
    say.step(
        "classify",
        f"{crime.crime.citation} {crime.crime.label}: nothing yet supports "
        f"{len(crime.missing)} of {len(crime.elements)} elements",
    )
    charge = cases.charge_view(by, told.charge)
    cells = [cell for row in charge.cells.values() for cell in row]
    against = sum(cell.stance == "undermines" for cell in cells)
    say.step(
        "case",
        f"{told.case.number}: one suspect, {len(cells) - against} cells for, {against} against, "
        f"{len(charge.coverage.without_support)} rows without support",
    )
    return told.case.number


def _named(items: dict[str, Item]) -> Items:
    from muniment_server.commands.specimen.story import Items

    return Items(
        before=items["specimen-hospital-before.jpg"],
        after=items["specimen-hospital-after.jpg"],
        altered=items["specimen-hospital-after-copy.jpg"],
        page=items["specimen-page.html"],
        statement=items["specimen-statement.txt"],
        order=items["specimen-order.txt"],
    )


def _export(by: Actor, items: dict[str, Item], to: Path, say: _Teller) -> Path:
    from muniment.plugins import exporters
    from muniment_server.disclosure.services import Order, export

    chosen = sorted(items.values(), key=lambda item: item.number)
    order = Order("SPECIMEN court", "demonstration")
    package, written = export(by, chosen, order, exporters()["exhibit"], to)
    say.step("export", f"{package.number}: {written.path}, {written.size:,} bytes")
    return to


def _read_three_times(bundle: Path, log_key: str, say: _Teller) -> str:
    from muniment.verify import read_log_keys, verify

    report = verify(bundle, log_keys=read_log_keys(log_key), require=frozenset())
    say.step("check", f"muniment verify: {report.verdict.value}")
    with tempfile.TemporaryDirectory(prefix="muniment-bundle-") as folder:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(folder)
        (bag,) = Path(folder).iterdir()
        say.step("", f"verify.py, without Muniment: {_stand_alone(bag, bundle, log_key)}")
        say.step("", _in_browser(bag))
    return report.verdict.value


def _stand_alone(bag: Path, bundle: Path, log_key: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", str(bag / "verify.py"), str(bundle), "--log-key", log_key],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split("\n", 1)[0].removeprefix("SPECIMEN · ")


def _in_browser(bag: Path) -> str:
    page = bag / "record.html"
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    by_hand = "record.html: open it in a browser and drop the ZIP on it"
    if browser is None:
        return by_hand
    with tempfile.TemporaryDirectory(prefix="muniment-browser-") as profile:
        done = subprocess.run(
            [
                browser,
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
                *("--no-first-run", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync", f"--user-data-dir={profile}"),
                *("--virtual-time-budget=10000", "--dump-dom", page.as_uri()),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    state = done.stdout.partition('data-verdict="')[2].partition('"')[0]
    return f"record.html in Chromium: {state}; {by_hand}" if state else by_hand


def _check(workspace: Workspace, say: _Teller) -> None:
    from muniment_server.commands.check import examine_workspace

    document = examine_workspace(workspace)
    result = "all checked out" if document["ok"] else "PROBLEMS, run `muniment check`"
    say.step("audit", f"{document['objects']} objects and {document['entries']} acts: {result}")


def _serve(workspace: Workspace, port: int) -> int:
    from muniment_server.accounts import queries, services
    from muniment_server.commands import serve

    by = queries.machine_actor(workspace.agent)
    person = services.add_person(
        by, name="SPECIMEN analyst", handle=_HANDLE, role=services.Role.LAWYER
    )
    password = "-".join(secrets.token_hex(3) for _ in range(4))
    enrolment = queries.open_enrolment(services.new_enrolment(person))
    if enrolment is not None:
        services.enrol(enrolment, password)
    sys.stderr.write(
        f"\n  Address    http://localhost:{port}/\n  Log in     {_HANDLE}\n"
        f"  Password   {password}\n\n"
        "  This log-in was made for the demonstration. Stop with Ctrl-C.\n\n"
    )
    return serve.serve(workspace, host="127.0.0.1", port=port)
