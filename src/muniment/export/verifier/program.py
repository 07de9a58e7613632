# SPDX-License-Identifier: 0BSD
"""The program: arguments, the report as text or JSON, the exit code.

- 0: intact. 1: refused. 2: the request cannot be carried out.
- The first line says the verdict, the second what it does not say.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from muniment.export.verifier.examination import Examination
from muniment.export.verifier.fault import Fault, Malformed, Unusable, as_given, shown
from muniment.export.verifier.notes import LOG_SIGNATURE, WITNESS_SIGNATURE, read_key
from muniment.export.verifier.opening import read_bundle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from muniment.export.verifier.notes import Key

VERDICTS = (
    "bytes_intact",
    "included",
    "append_only",
    "chain_complete",
    "witnessed",
    "existed_before",
    "disclosed",
)
_MUST_BE_PROVED = VERDICTS[:4]
_WARNING = "This says nothing about whether the content is true."
_KEY_HINT = "A log key looks like <origin>+<8 hex>+<base64>; a file holds one a line."
_ROOT_HINT = "Give the root of a time authority as you had it from the authority."
_LONGEST_KEY_FILE = 1 << 20


def brought_keys(given: str) -> list[Key]:
    """The log keys that the reader gave: a line each, or a file of keys with # comments."""
    try:
        return _log_keys(given.strip().split("\n"))
    except Fault:
        pass
    try:
        with Path(given).open("rb") as file:
            text = file.read(_LONGEST_KEY_FILE).decode("utf-8")
        lines = [line.strip() for line in text.splitlines()]
        found = [line for line in lines if line and not line.startswith("#")]
        keys = _log_keys(found) if found else []
    except (OSError, ValueError) as error:
        message = f"'{as_given(given)}' is neither a log key nor a readable file of log keys."
        raise Unusable(message, _KEY_HINT, "verify.log_key") from error
    except Fault as error:
        raise Unusable(f"In '{as_given(given)}', {error}.", _KEY_HINT, "verify.log_key") from error
    if not keys:
        raise Unusable(f"'{as_given(given)}' holds no log key.", _KEY_HINT, "verify.log_key")
    return keys


def brought_roots(given: Sequence[str]) -> bytes:
    """The roots of time authorities that the reader gave, as files of certificates in PEM."""
    found: list[bytes] = []
    for one in given:
        try:
            with Path(one).open("rb") as file:
                found.append(file.read(_LONGEST_KEY_FILE))
        except OSError:
            found.append(b"")
        if b"-----BEGIN CERTIFICATE-----" not in found[-1]:
            message = f"'{as_given(one)}' is no readable file of certificates in PEM."
            raise Unusable(message, _ROOT_HINT, "verify.time_root")
    return b"\n".join(found)


def _log_keys(lines: Sequence[str]) -> list[Key]:
    keys = [read_key(line) for line in lines]
    names = {key.name for key in keys if key.kind == LOG_SIGNATURE}
    for key in keys:
        if key.kind == WITNESS_SIGNATURE or key.name not in names:
            raise Fault(f"{shown(key.text)} is not an Ed25519 key")
    return keys


class Report:
    """The seven verdicts, and what follows from them."""

    def __init__(
        self, path: Path, brought: Sequence[Key], required: Sequence[str], roots: bytes = b""
    ) -> None:
        self.states: dict[str, tuple[str, str]] = {}
        self.log_key: Key | None = None
        self.specimen = False
        anchored = False
        try:
            found = Examination(read_bundle(path), brought, roots)
        except Malformed as malformed:
            reason = "not checked: this is no well-formed bundle"
            self.states = dict.fromkeys(VERDICTS, ("absent", reason))
            self.states["bytes_intact"] = ("failed", f"this is no well-formed bundle: {malformed}")
        else:
            self.states = {name: _state(found, name) for name in VERDICTS}
            self.specimen = found.is_specimen
            if found.trust:
                self.log_key, anchored = found.trust.log_key, found.trust.anchored
        self.failed = [n for n in VERDICTS if self.states[n][0] == "failed"]
        needed = {*_MUST_BE_PROVED, *required}
        self.missing = [n for n in VERDICTS if n in needed and self.states[n][0] == "absent"]
        intact = "intact_anchored" if anchored else "intact_self_attested"
        self.verdict = "refused" if self.failed or self.missing else intact

    def to_json(self) -> str:
        """One JSON document."""
        verdicts = {n: {"state": state, "detail": why} for n, (state, why) in self.states.items()}
        log_key = self.log_key.text if self.log_key else None
        document = {"verdict": self.verdict, "log_key": log_key, "verdicts": verdicts}
        return json.dumps(document, ensure_ascii=False) + "\n"

    def to_text(self) -> str:
        """The report in lines."""
        mark = "SPECIMEN \N{MIDDLE DOT} " if self.specimen else ""
        lines = [f"{mark}{self.verdict}: {self._sentence()}.", _WARNING, ""]
        lines += [f"{name:<16}{state:<8}{why}" for name, (state, why) in self.states.items()]
        if self.log_key:
            fingerprint = hashlib.sha256(self.log_key.text.encode()).hexdigest()
            lines += ["", f"log key         {self.log_key.text}"]
            lines += [f"fingerprint     {fingerprint} (SHA-256 of the line above)"]
        return "\n".join(lines) + "\n"

    def _sentence(self) -> str:
        """The overall verdict in words: the first reason against it, if there is one."""
        if self.failed:
            first, others = self.failed[0], ", ".join(self.failed[1:])
            too = f" ({others} failed too)" if others else ""
            return f"{first} failed: {self.states[first][1]}{too}"
        if self.missing:
            return f"{', '.join(self.missing)}: required and absent"
        if self.verdict == "intact_anchored":
            return "all that must hold does, under a log key that you brought"
        return (
            "all that must hold does, but only the bundle's own log key says so; compare its "
            "fingerprint with one you were given elsewhere"
        )


def _state(found: Examination, name: str) -> tuple[str, str]:
    """A verdict's state and reason: what speaks against it outweighs what speaks for it."""
    if name in found.failed:
        return "failed", found.failed[name]
    if name in found.proved:
        return "proved", found.proved[name]
    return "absent", found.noted.get(name, "not checked: an earlier check failed")


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Complain like everything else does, not with a page of usage."""
        raise Unusable(f"{message}.", "See verify.py --help.", "verify.usage")


def _arguments() -> argparse.ArgumentParser:
    parser = _Arguments(
        prog="verify.py",
        description="Checks an exhibit bundle without a network, using only Python itself.",
        epilog="Exit codes: 0 intact, 1 refused, 2 the request cannot be carried out.",
    )
    own = str(Path(__file__).resolve().parent)
    parser.add_argument("path", nargs="?", default=own, help="the ZIP or folder; default: here")
    parser.add_argument(
        "--log-key", action="append", default=[], metavar="KEY|FILE", help="a log key you trust"
    )
    parser.add_argument(
        "--require", default="", metavar="VERDICT,...", help=f"of {', '.join(VERDICTS)}"
    )
    parser.add_argument(
        "--time-root",
        action="append",
        default=[],
        metavar="FILE",
        help="a time authority's root in PEM: openssl is run to check the time tokens under it",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _required(given: str) -> list[str]:
    """The verdicts that must be proved, from a list with commas."""
    required = [name.strip() for name in given.split(",") if name.strip()]
    strange = sorted(set(required) - set(VERDICTS))
    if strange:
        message = f"There is no verdict named '{as_given(strange[0])}'."
        raise Unusable(message, f"The verdicts are {', '.join(VERDICTS)}.", "verify.require")
    return required


def run(words: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error for these command-line words."""
    try:
        arguments = _arguments().parse_args(words)
        required = _required(arguments.require)
        brought = [key for given in arguments.log_key for key in brought_keys(given)]
        roots = brought_roots(arguments.time_root)
        report = Report(Path(arguments.path), brought, required, roots)
    except Unusable as problem:
        error = {"code": problem.code, "message": str(problem), "hint": problem.hint}
        if "--json" in words:
            return 2, json.dumps({"error": error}) + "\n", ""
        return 2, "", f"verify.py: {problem}\n  {problem.hint}\n"
    output = report.to_json() if arguments.json else report.to_text()
    return int(report.verdict == "refused"), output, ""


def main() -> int:
    """Run with the words of the command line."""
    code, output, complaint = run(sys.argv[1:])
    sys.stdout.buffer.write(output.encode("utf-8"))
    sys.stderr.write(complaint)
    return code
