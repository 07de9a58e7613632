"""`muniment log epoch`: two people begin a new log where the old one cannot go on.

- The old workspace is read and never written to; the new one is a folder of its own, with databases
  of its own. Objects, keys of compartments and settings come along; the old log, its details, its
  heads and its keys stand under `ended-<n>` in the new archive and the new keys folder.
- Both people give a token of theirs. What they may do is read from the part of the old log that
  holds, not from its tables.
- People enrol anew: log-ins are not part of a log.
"""

from __future__ import annotations

import argparse
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from muniment.archive.workspace import find_workspace, new_origin
from muniment.errors import Conflict, InvalidInput, NotPermitted, TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer
from muniment_server.commands.init import migrate, new_web_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from muniment.archive.workspace import Workspace
    from muniment.custody.checkpoint import Checkpoint
    from muniment.custody.keys import VerifierKey
    from muniment_server.custody.ledger.ended import Ended, Subject

HELP = "begin a new log where this one cannot go on: two people, with reason"

_EARLIER: Final = "earlier"  # the name of the old database beside the new ones
_OF_THE_LOG: Final = ("log.key", "signed-heads", "access.key", "signed-access-heads", "web.key")
_LOGS: Final = ("log", "details", "access")
_FIRST: Final = "MUNIMENT_TOKEN"
_SECOND: Final = "MUNIMENT_SECOND_TOKEN"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `log epoch`."""
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    parser.add_argument("folder", metavar="DIR", help="the new workspace; empty or not there")
    parser.add_argument(
        "--with",
        dest="second",
        metavar="PERSON",
        default="",
        help=f"the second person; the token of --as in {_FIRST}, theirs in {_SECOND}",
    )
    parser.add_argument("--reason", metavar="TEXT", default="", help="why the old log cannot go on")
    parser.add_argument(
        "--database", metavar="URL", default="", help="an empty PostgreSQL database"
    )
    parser.add_argument("--access-database", metavar="URL", default="", help="another empty one")


def perform(args: argparse.Namespace) -> int:
    """Begin the new log and say what was carried over and what is lost."""
    old = find_workspace(args.workspace)
    _require_words(args)
    last, key = _last_signed(old)
    _refuse_where_a_copy_heals(old, last)
    new = _prepared(old, Path(args.folder), args.database, args.access_database)
    try:
        session.start_django(new)
        with session.database_errors(), _readable(old):
            document, codes = _begun(old, new, last, key, args)
    except BaseException:
        shutil.rmtree(new.root)  # nothing was begun; the old workspace is as it was
        raise
    for handle, code in codes:
        session.say(f"Enrolment code for {handle}, valid three days, shown once: {code}")
    earlier, lost = document["earlier"], document["lost"]
    text = (
        f"{document['workspace']}\n{document['log_key']}\n"
        f"Carried over: {document['carried']} subjects of {earlier['origin']}, which ended at "
        f"{earlier['size']} entries; lost: {lost['entries']}, from entry {lost['first']} on."
    )
    answer(document, text, as_json=args.json)
    return 0


def _require_words(args: argparse.Namespace) -> None:
    people = {args.person, args.second} - {None, ""}
    if len(people) != 2 or not args.reason.strip():  # noqa: PLR2004 - two people
        raise InvalidInput(
            "a new log is begun by two people, with a reason",
            code="epoch.people",
            hint="muniment --as ILSE log epoch DIR --with TAM --reason '…', with both tokens in "
            f"{_FIRST} and {_SECOND}.",
        )
    if Path(args.folder).exists() and any(Path(args.folder).iterdir()):
        raise InvalidInput(
            f"{args.folder} is not empty",
            code="workspace.not_empty",
            hint="Name a new folder; nothing was changed.",
        )


def _last_signed(old: Workspace) -> tuple[Checkpoint, VerifierKey]:
    """Return the last head that was signed of the old log, and its key.

    Raises `TamperSuspected` where nothing was ever signed: then there is nothing to carry over.
    """
    from muniment.archive.kept_heads import signed_heads
    from muniment.archive.signing import log_key, open_signer

    key = log_key(old)
    found = signed_heads(old.archive, key)
    remembered = open_signer(old, old.origin, old.log_key, old.signed_heads).last()
    heads = [*found, *([remembered] if remembered is not None else [])]
    if not heads:
        raise TamperSuspected(
            "no head of this log was ever signed, as far as can be seen",
            code="epoch.nothing",
            hint="Find its keys folder and its archive; without them nothing can be carried over.",
        )
    return max(heads, key=lambda head: head.size), key


def _refuse_where_a_copy_heals(old: Workspace, last: Checkpoint) -> None:
    """Raise `Conflict` where this archive, or a replica, has everything that was signed."""
    from muniment.archive.details import scan_details
    from muniment.archive.kept_heads import held
    from muniment.custody.leaf import leaf_hash

    for archive in (old.archive, *old.replicas):
        lines = scan_details(archive, 0, last.size)
        hashes = (leaf_hash(one.leaf) for one in lines if hasattr(one, "leaf"))
        try:
            whole = held([last], hashes) == last.size
        except (OSError, TamperSuspected, InvalidInput):
            whole = False
        if whole:
            raise Conflict(
                f"{archive} has every entry that was signed: nothing needs to be lost",
                code="epoch.heals",
                hint=f"muniment rebuild DIR --from {archive} --keys {old.keys}",
            )


def _prepared(old: Workspace, folder: Path, database: str, access_database: str) -> Workspace:
    """Make the new workspace: what comes along, what stands aside, and a new key."""
    from muniment.archive.log_files import LogFiles
    from muniment.archive.workspace import write_settings
    from muniment.seal.signer import FileSigner

    folder.mkdir(parents=True, exist_ok=True)
    specimen = old.specimen
    new = replace(
        old,
        root=folder.resolve(),
        origin=new_origin(old.name, specimen=specimen),
        database=database,
        access_database=access_database,
        signer=None,
    )
    shutil.copytree(old.archive, new.archive, copy_function=_linked, ignore=_temporary)
    shutil.copytree(old.keys, new.keys)
    new.keys.chmod(0o700)
    number = 1
    while (new.archive / f"ended-{number}").exists():
        number += 1
    for where, names in ((new.archive, _LOGS), (new.keys, _OF_THE_LOG)):
        aside = where / f"ended-{number}"
        aside.mkdir(mode=0o700)
        for name in names:
            if (where / name).exists():
                (where / name).rename(aside / name)
    new_web_key(new)
    write_settings(new)
    FileSigner.create(new.log_key, new.signed_heads, new.origin)
    LogFiles(new.archive)
    _take_policy(old, new)
    _take_roots(old, new)
    return new


def _linked(source: str, target: str) -> str:
    """Give a file a second name, as nothing in an archive is ever written to; or copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _temporary(folder: str, _names: Sequence[str]) -> list[str]:
    return ["tmp"] if Path(folder).name == "archive" else []


def _take_policy(old: Workspace, new: Workspace) -> None:
    """Let the same witnesses be asked for the new log; they must be told of it first."""
    if not old.witness_policy.exists():
        return
    from muniment.archive.signing import log_key

    lines = old.witness_policy.read_text(encoding="utf-8").splitlines()
    kept = [one for one in lines if not one.startswith("log ")]
    text = "\n".join([f"log {log_key(new).text}", *kept]) + "\n"
    new.witness_policy.write_text(text, encoding="utf-8")


def _take_roots(old: Workspace, new: Workspace) -> None:
    """Copy the certificates of time authorities that stand inside the old workspace."""
    for authority in old.outside.authorities:
        for path in filter(None, (authority.roots, authority.intermediates)):
            inside = not Path(path).is_absolute() and (old.root / path).is_file()
            if inside and not (new.root / path).exists():
                (new.root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(old.root / path, new.root / path)


def _begun(
    old: Workspace, new: Workspace, last: Checkpoint, key: VerifierKey, args: argparse.Namespace
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Ask both people, then make the tables and begin; nothing is left where that is refused."""
    from muniment_server.accounts import queries, services
    from muniment_server.custody.ledger import ended, founding, publishing, startup
    from muniment_server.custody.services import epoch

    found = _what_holds(old, last, key)
    subjects, after = ended.subjects_of(_EARLIER, found.holds)
    people = _two_people(subjects, args)
    migrate()
    founding.open_log(new.origin)
    founding.open_access_log(new.access_origin)
    carried = epoch.begin(
        found, subjects, after, machine=new.agent, people=people, reason=args.reason.strip()
    )
    publishing.publish()
    startup.check()
    codes = [(one.handle, services.new_enrolment(one)) for one in queries.people() if not one.ended]
    return _document(new, found, carried), codes


def _what_holds(old: Workspace, last: Checkpoint, key: VerifierKey) -> Ended:
    """Return how much of the old log holds.

    Raises `Conflict` where all of it does, and `TamperSuspected` where nothing does.
    """
    from muniment.archive.kept_heads import held, signed_heads
    from muniment_server.custody.ledger import ended

    holds = held([*signed_heads(old.archive, key), last], ended.hashes_of(_EARLIER))
    found = ended.Ended(last, key, holds)
    if not found.lost:
        raise Conflict(
            "every entry that was signed is there, as it was signed: this log can go on",
            code="epoch.not_needed",
            hint="Run `muniment check`.",
        )
    if not holds:
        raise TamperSuspected(
            "what is left gives no head that was ever signed",
            code="epoch.nothing",
            hint="Nothing of it can be believed; look for a copy that is older.",
        )
    return found


def _document(new: Workspace, found: Ended, carried: int) -> dict[str, Any]:
    from muniment.archive.signing import log_key

    return {
        "workspace": str(new.root),
        "origin": new.origin,
        "log_key": log_key(new).text,
        "earlier": found.told(),
        "carried": carried,
        "lost": {"first": found.holds, "entries": found.lost},
    }


@contextmanager
def _readable(old: Workspace) -> Iterator[None]:
    """Let Django read the old database beside the new ones, for the length of a block."""
    from django.conf import settings
    from django.db import connections

    from muniment_server.settings import databases_of

    before = connections.settings
    known = {**settings.DATABASES, _EARLIER: databases_of(old)["default"]}
    connections.settings = connections.configure_settings(known)
    try:
        yield
    finally:
        connections[_EARLIER].close()
        del connections[_EARLIER]
        connections.settings = before


def _two_people(subjects: Sequence[Subject], args: argparse.Namespace) -> list[str]:
    """Return the agents of both people; raises `NotPermitted` where one may not do this."""
    from muniment_server.accounts import policies, queries

    roles = queries.roles_among([row for one in subjects for row in one.rows.values()])
    agents: list[str] = []
    for handle, name in ((args.person, _FIRST), (args.second, _SECOND)):
        person, agent = queries.bearer(os.environ.get(name, ""), handle, using=_EARLIER)
        if "log.restart" not in policies.permissions_of(roles.get(person, ())):
            raise NotPermitted(
                f"{handle} may not begin a new log",
                code="act.not_permitted",
                hint="Two administrators or lawyers do, by roles that the old log still proves.",
            )
        agents.append(agent)
    if len(set(agents)) != 2:  # noqa: PLR2004 - two people
        raise NotPermitted("one person cannot be both", code="epoch.one_person")
    return agents
