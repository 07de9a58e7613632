"""`muniment rebuild`: a workspace from its archive and its keys."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muniment.archive.workspace import Workspace, write_settings
from muniment.errors import InvalidInput, TamperSuspected
from muniment_server.commands import session
from muniment_server.commands.answers import answer
from muniment_server.commands.init import migrate, new_web_key

if TYPE_CHECKING:
    import argparse

    from muniment.custody.checkpoint import Checkpoint

HELP = "make a workspace again from its archive"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rebuild`."""
    parser.add_argument("folder", metavar="DIR", help="the new workspace; empty or not there")
    parser.add_argument("--from", dest="archive", metavar="ARCHIVE", required=True)
    parser.add_argument("--keys", metavar="KEYS", required=True, help="the keys folder")
    parser.add_argument(
        "--signer", metavar="SOCKET", type=Path, help="where the signer listens, if it has the key"
    )


def run(args: argparse.Namespace) -> int:
    """Rebuild and say what came back; nothing in the archive given is changed."""
    document, codes = rebuild(
        Path(args.archive), Path(args.keys), Path(args.folder), signer=args.signer
    )
    for handle, code in codes:
        session.say(f"Enrolment code for {handle}, valid three days, shown once: {code}")
    text = f"{document['workspace']}\n{document['entries']} acts and {document['objects']} objects"
    answer(document, text, as_json=args.json)
    return 0


def rebuild(
    archive: Path, keys: Path, folder: Path, *, signer: Path | None = None
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Make a workspace in `folder` and return its report and everybody's enrolment codes.

    Raises `InvalidInput` for folders that are not what they should be, `TamperSuspected` where the
    archive does not check.
    """
    signer = None if signer is None else signer.absolute()
    head = checked_head(archive, keys, signer)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput(
            f"{folder} is not empty",
            code="workspace.not_empty",
            hint="Name a new folder; nothing was changed.",
        )
    shutil.copytree(archive, folder / "archive")
    shutil.copytree(keys, folder / "keys")
    workspace = Workspace(
        root=folder.resolve(),
        name=head.origin.rpartition("/")[2],
        origin=head.origin,
        agent=first_agent(archive),
        signer=signer,
    )
    return fill(workspace, head)


def fill(workspace: Workspace, head: Checkpoint) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Make settings and database of a workspace whose archive and keys stand in their place.

    Returns what `rebuild` does. Raises `TamperSuspected` where the archive does not give its head.
    """
    workspace.keys.mkdir(exist_ok=True)  # a copy has none where every key is kept elsewhere
    workspace.keys.chmod(0o700)
    for key in workspace.keys.iterdir():
        key.chmod(0o600)  # whatever the copy was kept with: a key is its owner's alone
    new_web_key(workspace)
    write_settings(workspace)
    session.start_django(workspace)
    migrate()
    from muniment.archive.objects import FolderStore
    from muniment.cli.progress import progress
    from muniment_server.accounts import queries, services
    from muniment_server.custody.ledger import founding, rebuilding, stamps, startup
    from muniment_server.oversight.services import resume

    with progress("acts", head.size) as advance:
        rebuilding.rebuild(workspace.archive, head, advance)
    with progress("readings") as advance:
        lost = founding.continue_access_log(advance)
    if lost:
        session.say(f"Lost of {lost}.")
    startup.check()
    stamps.remember_kept()
    resume()
    codes = [
        (person.handle, services.new_enrolment(person))
        for person in queries.people()
        if person.ended is None
    ]
    objects = sum(1 for _ in FolderStore(workspace.archive).digests())
    document = {"workspace": str(workspace.root), "entries": head.size, "objects": objects}
    return document, codes


def checked_head(archive: Path, keys: Path, signer: Path | None = None) -> Checkpoint:
    """Return the archive's newest head, its signature checked with the key given.

    The key is that in the folder, or that of the signer at a socket. Raises `InvalidInput` where
    archive or key is missing, `TamperSuspected` where they do not fit, and as `SocketSigner` does.
    """
    from muniment.custody.checkpoint import parse_checkpoint
    from muniment.custody.note import check_note, parse_note
    from muniment.seal.key_file import parse_private_keys
    from muniment.seal.signer_client import SocketSigner

    try:
        note = parse_note((archive / "log" / "checkpoint").read_bytes())
        head = parse_checkpoint(note.text)
        if signer is not None:
            key = SocketSigner(signer, head.origin).verifier
        else:
            path = keys / "log.key"
            key = parse_private_keys(path.read_bytes(), path)[0].verifier
    except FileNotFoundError as error:
        raise InvalidInput(
            f"{error.filename} does not exist",
            code="rebuild.missing",
            hint="--from takes the archive folder of a workspace, --keys its keys folder.",
        ) from None
    if not check_note(note, key):
        raise TamperSuspected(
            "the archive's head is not signed by this key",
            code="rebuild.key",
            hint="Use the keys folder that belongs to this archive.",
        )
    return head


def first_agent(archive: Path) -> str:
    """Return the agent that made the workspace: whoever did its first act.

    Raises `TamperSuspected` where the archive does not say.
    """
    from muniment.archive.details import read_details
    from muniment.evidence.disclosure import open_disclosure

    for line in read_details(archive, 0, 1):
        for text in line.disclosures:
            opened = open_disclosure(text)
            if opened.name == "chain" and isinstance(opened.value, dict):
                return str(opened.value["by"])
    raise TamperSuspected(
        "the archive lacks the details of its first act",
        code="rebuild.details",
        hint="Restore the details folder from a copy.",
    )
