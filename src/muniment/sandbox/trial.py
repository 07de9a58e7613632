"""Finds the strongest confinement that works on this machine, by trying it.

- bubblewrap first, then Landlock, then none: with none, nothing is parsed.
- Each is tried by starting it and having a script inside attempt what it must not be able to do;
  one success there and the confinement is not used.

The answer is a value: find it once, pass it on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from muniment.sandbox.confinement import Bubblewrap, Landlock, NoSandbox, landlock_abi
from muniment.sandbox.programs import Limits, Script
from muniment.sandbox.session import Sandbox
from muniment.sandbox.syscalls import filters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.sandbox.confinement import Confinement

_BWRAP: Final = ("/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap")
_SCRIPT: Final = Path(__file__).with_name("trial_script.py")


def find_confinement() -> Confinement:
    """Bubblewrap where it works, else Landlock, else `NoSandbox` with the reasons."""
    failures: list[str] = []
    for candidate in _candidates(failures):
        failure = _failure(candidate)
        if not failure:
            return candidate
        failures.append(f"{candidate.name}: {failure}")
    tried = " ".join(failures) or "Neither bubblewrap nor Landlock is present."
    return NoSandbox(f"{tried} Install bubblewrap and libseccomp, or allow user namespaces.")


def working_confinements() -> list[Bubblewrap | Landlock]:
    """Every confinement that works on this machine, the strongest first."""
    return [candidate for candidate in _candidates([]) if not _failure(candidate)]


def _candidates(failures: list[str]) -> Iterator[Bubblewrap | Landlock]:
    """What may work, the strongest first; why nothing can is added to `failures`."""
    try:
        compiled = filters()
    except (ImportError, RuntimeError, OSError) as error:
        failures.append(f"No filter of system calls can be made ({error}).")
        return
    program = next((path for path in map(Path, _BWRAP) if path.is_file()), None)
    if program is not None:
        yield Bubblewrap(program, compiled)
    if abi := landlock_abi():
        yield Landlock(abi, compiled)


def _failure(candidate: Bubblewrap | Landlock) -> str:
    """Why `candidate` does not confine here, or nothing."""
    script = Script(_SCRIPT, limits=Limits(seconds=10.0))
    with Sandbox(candidate, _SCRIPT, [script]) as sandbox:
        output = sandbox.run(script)
    if not output.ended_well:
        return output.reason or f"{output.ending} {output.message}".strip()
    worked = output.stdout.decode("utf-8", "backslashreplace").split("\n")[:-1]
    return f"it let through: {', '.join(worked)}." if worked else ""
