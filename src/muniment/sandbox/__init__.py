"""The one place that runs parsers on untrusted bytes.

    confinement = find_confinement()                    # once; a value to pass on
    command = Command("exiftool", ("-j", SOURCE))
    with Sandbox(confinement, path, [command]) as sandbox:
        output = sandbox.run(command)                   # never raises for what is in the file
    if output.ended_well: output.document()             # strict JSON, or Unreadable

- One file, read-only. No network, no other file of the machine's users, no environment, no
  writing at all, no second process; memory, time and output capped. `confinement` says how.
- One sandbox per file; several examinations of it share the sandbox, each in its own process. Two
  files never meet in one sandbox.
- Where nothing confines, nothing runs: `Output.ending` is REFUSED.

It does not interpret what comes out, and does not protect a parser from the file: a parser that is
taken over can lie about that file, and nothing else.
"""

from __future__ import annotations

from muniment.sandbox.confinement import Bubblewrap, Confinement, Landlock, NoSandbox
from muniment.sandbox.programs import (
    SOURCE,
    Command,
    Ending,
    Limits,
    Output,
    Script,
    Unreadable,
    parse_object,
)
from muniment.sandbox.session import Sandbox
from muniment.sandbox.trial import find_confinement, working_confinements

__all__ = [
    "SOURCE",
    "Bubblewrap",
    "Command",
    "Confinement",
    "Ending",
    "Landlock",
    "Limits",
    "NoSandbox",
    "Output",
    "Sandbox",
    "Script",
    "Unreadable",
    "find_confinement",
    "parse_object",
    "working_confinements",
]
