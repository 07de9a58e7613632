"""Console blocks of a page, run as a reader would and compared with what the page promises.

A block between "```console" and "```" holds commands, each after "$ ", and under each its output.

- All blocks of a page run in order, in one folder that begins empty; what a command changes of the
  shell it runs in (its folder, exported variables) holds for the next.
- `…` in a line of output stands for what differs from run to run; alone on a line, for any lines.
- A command must exit with 0, except the last of a block that is opened with "```console exit=N".
- What a command prints on standard output and standard error appears as on a terminal: together.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BLOCK = re.compile(
    r"^```console(?: exit=(?P<code>\d+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
# Before a command: what the one before left. When it ends: the same for the next.
CARRIED = """
test ! -e "$STATE" || . "$STATE"
trap '{ export -p; printf "cd %q\\n" "$PWD"; } > "$STATE"' EXIT
"""
PROMPT = "$ "
ANY = "…"
SECONDS = 300


@dataclass(slots=True)
class Step:
    """One command of a page, and what the page says that it prints."""

    command: str
    code: int = 0
    output: list[str] = field(default_factory=list)


def steps(page: str) -> list[Step]:
    """The commands of a page in order.

    Raises ValueError for a block that does not begin with a command.
    """
    found: list[Step] = []
    for block in BLOCK.finditer(page):
        lines = block["text"].splitlines()
        if not lines or not lines[0].startswith(PROMPT):
            raise ValueError(f"a console block must begin with a command: {block[0]!r}")
        for line in lines:
            if line.startswith(PROMPT):
                found.append(Step(line.removeprefix(PROMPT)))
            elif not found[-1].output and found[-1].command.endswith("\\"):
                found[-1].command += f"\n{line}"
            else:
                found[-1].output.append(line)
        found[-1].code = int(block["code"] or 0)
    return found


def matches(promised: list[str], printed: str) -> bool:
    """Whether printed text is what a page promises, `…` standing for anything."""
    pattern = ""
    for line in promised:
        if line.strip() == ANY:
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += "[^\n]*?".join(re.escape(part) for part in line.split(ANY)) + r"[ \t]*\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed.splitlines())) is not None


def differences(page: str, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Runs a page's commands; says what differed, up to the first command that failed."""
    found = []
    state = folder.with_name(f"{folder.name}.state")
    for step in steps(page):
        done = subprocess.run(
            ["bash", "-c", CARRIED + step.command],
            cwd=folder,
            env={**environment, "STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        printed = done.stdout.decode("utf-8", errors="backslashreplace")
        if done.returncode != step.code:
            found.append(
                f"$ {step.command}\nexit code {done.returncode}, not {step.code}:\n{printed}"
            )
            break
        if not matches(step.output, printed):
            promised = "\n".join(step.output)
            found.append(f"$ {step.command}\npromised:\n{promised}\nprinted:\n{printed}")
    return found
