"""`muniment log`: the log itself, in its standard formats, on standard output.

Reads the archive and the public part of the key; no database, no application.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment.custody.tiles import TileReader
    from muniment.evidence.canonical import Json

HELP = "the log itself: its head, its key, proofs"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `log`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("checkpoint", help="the newest published head, a signed note")
    actions.add_parser("key", help="the public key, a C2SP verifier key")
    proof = actions.add_parser("proof", help="a C2SP tlog-proof of one entry, with the entry")
    proof.add_argument("index", type=int, metavar="INDEX")
    consistency = actions.add_parser("consistency", help="that the log of size B extends size A")
    consistency.add_argument("old", type=int, metavar="A")
    consistency.add_argument("new", type=int, metavar="B")


def run(args: argparse.Namespace) -> int:
    """Print what was asked for."""
    from muniment.archive.workspace import find_workspace

    if args.json:
        raise InvalidInput(
            "the log's formats are text already",
            code="log.json",
            hint="Leave --json away; the formats are C2SP's.",
        )
    workspace = find_workspace(args.workspace)
    match args.action:
        case "checkpoint":
            sys.stdout.buffer.write(_checkpoint(workspace.archive))
        case "key":
            sys.stdout.write(_key(workspace) + "\n")
        case "proof":
            sys.stdout.buffer.write(_proof(workspace.archive, args.index))
        case _:
            sys.stdout.write(_consistency(workspace.archive, args.old, args.new))
    return 0


def _checkpoint(archive: Path) -> bytes:
    try:
        return (archive / "log" / "checkpoint").read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "nothing is published yet",
            code="log.not_published",
            hint="Any command that writes publishes before it ends.",
        ) from None


def _key(workspace: Workspace) -> str:
    from muniment.custody.keys import SigningKey

    text = workspace.log_key.read_text(encoding="ascii").strip()
    return SigningKey.from_text(text).verifier.text


def _reader(archive: Path) -> TileReader:
    from muniment.custody.checkpoint import parse_checkpoint
    from muniment.custody.note import parse_note
    from muniment.custody.tiles import TileReader

    head = parse_checkpoint(parse_note(_checkpoint(archive)).text)
    return TileReader(lambda path: (archive / "log" / path).read_bytes(), head.size)


def _proof(archive: Path, index: int) -> bytes:
    """Return the tlog-proof whose `extra` holds the entry with its disclosures (custody-log §1)."""
    import base64

    from muniment.archive.details import read_details
    from muniment.custody.proof import LogProof, format_proof, inclusion_proof
    from muniment.evidence.canonical import canonical

    reader = _reader(archive)
    hashes = tuple(inclusion_proof(reader, index, reader.size))
    (line,) = read_details(archive, index, index + 1)
    entry: dict[str, Json] = {
        "disclosures": list(line.disclosures),
        "index": line.index,
        "leaf": base64.b64encode(line.leaf).decode("ascii"),
    }
    return format_proof(LogProof(index, hashes, _checkpoint(archive), canonical(entry)))


def _consistency(archive: Path, old: int, new: int) -> str:
    import base64

    from muniment.custody.proof import consistency_proof

    hashes = consistency_proof(_reader(archive), old, new)
    return "".join(f"{base64.b64encode(one).decode('ascii')}\n" for one in hashes)
