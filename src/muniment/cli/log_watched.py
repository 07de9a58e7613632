"""The log's side of `muniment log witness`: asking for cosignatures and keeping them.

Works on the archive and the public part of the key; no database, no application.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from muniment.cli.log_watching import read_file, say
from muniment.errors import NotFound

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from muniment.archive.witnessing import Kept
    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey
    from muniment.custody.policy import Policy


def request(args: argparse.Namespace) -> int:
    """Print a request to cosign the published head."""
    from muniment.archive.witnessing import last_cosigned, request_for
    from muniment.seal.witness_request import format_submission

    workspace = _workspace(args)
    old = args.old or 0
    if args.witness is not None:
        policy = _policy_of(args, workspace)
        witness = policy.witnesses.get(args.witness.encode())
        if witness is None:
            message = f"the policy names no witness {args.witness!r}"
            raise NotFound(message, code="witness.unknown", hint="Names stand after `witness`.")
        old = last_cosigned(workspace.archive, witness.key)
    request = request_for(workspace.archive, old)
    text = format_submission(request).decode()
    document = {"origin": request.head.origin, "size": request.head.size, "old": request.old}
    say(args, {**document, "request": text}, text)
    return 0


def add(args: argparse.Namespace) -> int:
    """Keep the cosignatures of a checkpoint in a file."""
    from muniment.archive.witnessing import keep
    from muniment.custody.note import parse_note

    workspace = _workspace(args)
    policy = _policy_of(args, workspace)
    note = parse_note(read_file(args.file))
    kept = keep(workspace.archive, note, policy, _log_key(workspace))
    document = {"size": kept.size, "added": _texts(kept.added), "witnessed": _shown(kept, policy)}
    say(args, document, _sentence(kept, policy))
    return 0


def submit(args: argparse.Namespace) -> int:
    """Ask the witnesses of the policy and keep what they cosign."""
    from dataclasses import replace

    from muniment.archive.witnessing import ask_all, outward
    from muniment.egress import Egress
    from muniment.seal.witness_client import through

    workspace = _workspace(args)
    policy = _policy_of(args, workspace)
    outside = workspace.outside
    outside = replace(outside, networks=(*outside.networks, *args.network))
    transport = through(Egress(outward(policy, outside)))
    asked = ask_all(workspace.archive, policy, _log_key(workspace), transport)
    errors = [
        {"witness": _text(name), "code": error.code, "message": error.message, "hint": error.hint}
        for name, error in asked.failed.items()
    ]
    for error in errors:
        sys.stderr.write(f"{error['witness']}: {error['message']}\n  {error['hint']}\n")
    document = {
        "size": asked.kept.size,
        "added": _texts(asked.kept.added),
        "witnessed": _shown(asked.kept, policy),
        "errors": errors,
    }
    say(args, document, _sentence(asked.kept, policy))
    codes = {error.exit_code for error in asked.failed.values()}
    return 1 if 1 in codes else max(codes, default=0)


def _workspace(args: argparse.Namespace) -> Workspace:
    from muniment.archive.workspace import find_workspace

    return find_workspace(args.workspace)


def _policy_of(args: argparse.Namespace, workspace: Workspace) -> Policy:
    from muniment.archive.witnessing import read_policy

    return read_policy(args.policy or workspace.witness_policy, _log_key(workspace))


def _log_key(workspace: Workspace) -> VerifierKey:
    from muniment.archive.signing import log_key

    return log_key(workspace)


def _shown(kept: Kept, policy: Policy) -> dict[str, object]:
    from muniment.custody.quorum import withstands

    found = kept.witnessed
    return {
        "k": len(found.names),
        "n": found.of,
        "quorum_met": found.quorum_met,
        "withstands": withstands(policy),
        "witnesses": [
            {"name": _text(name), "time": f"{one.time:%Y-%m-%dT%H:%M:%SZ}"}
            for name, one in zip(found.names, found.cosignatures, strict=True)
        ],
    }


def _sentence(kept: Kept, policy: Policy) -> str:
    found = kept.witnessed
    asked_for = policy.quorum != b"none"
    quorum = "a quorum" if found.quorum_met else "not yet a quorum"
    return (
        f"{kept.size} entries: {len(found.names)} of {found.of} witnesses cosigned"
        f"{f', {quorum}' if asked_for else ''}; {len(kept.added)} new.\n"
    )


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _texts(names: Sequence[bytes]) -> list[str]:
    return [_text(name) for name in names]
