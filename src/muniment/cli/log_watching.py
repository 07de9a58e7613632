"""The witness's side of `muniment log witness`: making one, serving, cosigning a file."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.errors import Conflict, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from muniment.custody.keys import VerifierKey
    from muniment.seal.witness import Witness
    from muniment.seal.witness_request import Submission

_MOST_BYTES = 1 << 20


def init(args: argparse.Namespace) -> int:
    """Make a witness and print its verifier key."""
    from muniment.seal.witness_state import WitnessState

    key = WitnessState.create(args.state, args.name)
    say(args, {"witness": key.text}, key.text + "\n")
    return 0


def serve(args: argparse.Namespace) -> int:
    """Serve until somebody stops it; prints where."""
    from muniment.seal.witness_server import listen

    witness = _witness(args)
    if not 0 <= args.port < 1 << 16:
        raise InvalidInput("a port is a number from 0 to 65535", code="witness.address")
    with listen(args.host, args.port, witness) as server:
        say(
            args,
            {"url": server.url, "witness": witness.verifier.text, "logs": witness.origins},
            f"{server.url}\n",
        )
        sys.stdout.flush()

        def stop(*_: object) -> None:
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        server.serve_forever()
    return 0


def cosign(args: argparse.Namespace) -> int:
    """Cosign what a file asks for and print the cosigned checkpoint."""
    from muniment.seal.witness import OtherSize

    witness = _witness(args)
    request = _request_in(args, witness)
    found = witness.add_checkpoint(request)
    if isinstance(found, OtherSize):
        raise Conflict(
            f"this witness cosigned {found.size} leaves of the log last, not {request.old}",
            code="witness.old_size",
            hint=f"Ask the log for a request from there: --old {found.size}.",
        )
    document = {
        "origin": request.head.origin,
        "size": request.head.size,
        "witness": witness.verifier.text,
        "cosignature": found.cosignature.line,
        "checkpoint": found.note.to_bytes().decode(),
    }
    say(args, document, found.note.to_bytes().decode())
    return 0


def _witness(args: argparse.Namespace) -> Witness:
    from muniment.seal.witness import Witness
    from muniment.seal.witness_state import WitnessState

    try:
        state = WitnessState(args.state)
    except NotFound:
        raise NotFound(
            f"there is no witness in {args.state}",
            code="witness.missing",
            hint="Make one with `muniment log witness init`.",
        ) from None
    return Witness(state, _keys_given(args.log_key))


def _keys_given(given: Sequence[str]) -> list[VerifierKey]:
    from muniment.custody.keys import ML_DSA_44, VerifierKey, parse_keys

    keys: list[VerifierKey] = []
    for one in given:
        path = Path(one)
        if "+" in one and not path.is_file():
            keys.append(VerifierKey.parse(one))
        else:
            keys += parse_keys(read_file(path).decode("utf-8", "replace"))
    keys = [key for key in keys if key.type != ML_DSA_44]  # logs sign with both; one is enough
    if not keys:
        raise InvalidInput("no log key is given", code="witness.log_key", hint="See --log-key.")
    return list(dict.fromkeys(keys))


def _request_in(args: argparse.Namespace, witness: Witness) -> Submission:
    """Return the request in a file; a checkpoint alone is one that goes on from our last head."""
    from muniment.custody.note import parse_note
    from muniment.seal.witness_request import parse_proof_lines, parse_submission, submission

    data = read_file(args.file)
    if data.startswith(b"old "):
        if args.proof is not None:
            message = "the file is a request and brings its own proof"
            raise InvalidInput(message, code="witness.proof_form", hint="Leave --proof away.")
        return parse_submission(data)
    proof = (
        parse_proof_lines(read_file(args.proof).decode("utf-8", "replace")) if args.proof else ()
    )
    request = submission(0, proof, parse_note(data))
    last = witness.last(request.head.origin)
    return submission(0 if last is None else last.size, proof, request.note)


def read_file(path: Path) -> bytes:
    """Return the bytes of a small file; raises NotFound, InvalidInput, Unavailable."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        message = f"there is no file {path}"
        raise NotFound(message, code="witness.file", hint="Name a file.") from None
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise Unavailable(message, code="witness.file") from None
    if len(data) > _MOST_BYTES:
        message = f"{path} is too long to be what is asked for"
        raise InvalidInput(message, code="witness.file")
    return data


def say(args: argparse.Namespace, document: Mapping[str, object], text: str) -> None:
    """Print what was asked for: the document under --json, else the text."""
    if args.json:
        text = json.dumps(document, ensure_ascii=False) + "\n"
    sys.stdout.write(text)
