"""Acts through the seam against the same rows written without the log, and many writers at once.

The measuring happens in processes of their own, each with Django started in a fresh workspace.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from muniment_server.commands.benchmarks.measuring import Result

GROUP = 256
GROUPS = 40
WRITERS = 16
TURNS = 20
RESTARTS = 5
_BEFORE_THE_KILL = 0.7  # seconds: after some groups, in the middle of one


def acts(work: Path, rounds: int = 3) -> Result:
    """Measure grouped acts against the same rows through Django's ORM alone."""
    target = work / "acts"
    made = [sys.executable, "-m", "muniment", "init", str(target)]
    subprocess.run(made, check=True, capture_output=True)
    command = [sys.executable, "-m", __name__, str(target), str(rounds)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    shutil.rmtree(target)
    told = json.loads(done.stdout)
    return Result(
        name=f"acts through the seam, groups of {GROUP}",
        unit="items/s",
        rates=told["rates"],
        ours="grouped acts",
        peer="",
        limit="the same rows without the log",
        target_limit=0.7,
        notes=[_note(told["errors"], told["waits"]), _restart_note(told["restarts"])],
    )


def _note(errors: int, waits: dict[str, float]) -> str:
    told = f"{WRITERS} processes at once, {TURNS} single acts each: {errors} errors, "
    told += f"median wait {waits['median']:.3f} s, worst {waits['worst']:.3f} s"
    return told + " (target: no error, below 2 s)"


def _restart_note(seconds: list[float]) -> str:
    told = f"the next command after kill -9 of a writer, {len(seconds)} times: "
    return told + f"worst {max(seconds):.2f} s, its own start included (target below 5 s)"


def _measure(workspace: Path, rounds: int) -> None:
    from muniment.archive.workspace import read_settings
    from muniment_server.commands.session import start_django

    found = read_settings(workspace)
    start_django(found)
    from muniment_server.accounts import queries
    from muniment_server.commands.benchmarks.acts_rows import plain_rows, through_the_seam
    from muniment_server.commands.benchmarks.measuring import Case, rates

    by = queries.machine_actor(found.agent)
    cases = [
        Case("grouped acts", lambda: through_the_seam(by, GROUPS, GROUP)),
        Case("the same rows without the log", lambda: plain_rows(GROUPS, GROUP)),
    ]
    measured = rates(cases, GROUPS * GROUP, rounds)
    waits, errors = _many_writers(found.agent)
    waits.sort()
    document = {
        "rates": measured,
        "errors": errors,
        "waits": {"median": waits[len(waits) // 2], "worst": waits[-1]},
        "restarts": [_restart(workspace, found.agent) for _ in range(RESTARTS)],
    }
    sys.stdout.write(json.dumps(document))


def _restart(workspace: Path, agent: str) -> float:
    """Kill a writer in the middle of its groups; return how long the next command takes."""
    import signal
    import time

    from muniment_server.accounts import queries
    from muniment_server.commands.benchmarks.acts_rows import through_the_seam

    child = os.fork()
    if child == 0:
        try:
            through_the_seam(queries.machine_actor(agent), GROUPS, GROUP)
        finally:
            os._exit(0)
    time.sleep(_BEFORE_THE_KILL)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    start = time.perf_counter()
    command = [sys.executable, "-m", "muniment", "-w", str(workspace), "list", "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _many_writers(agent: str) -> tuple[list[float], int]:
    """Let processes write single acts at once; return every wait in seconds, and the errors."""
    from django.db import connections

    connections.close_all()
    pipes = []
    for number in range(WRITERS):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            try:
                _writer(agent, number, writer)
            finally:
                os._exit(0)
        os.close(writer)
        pipes.append(reader)
    waits: list[float] = []
    for reader in pipes:
        with os.fdopen(reader) as told:
            waits.extend(float(line) for line in told)
    for _ in pipes:
        os.wait()
    return waits, WRITERS * TURNS - len(waits)


def _writer(agent: str, number: int, out: int) -> None:
    import time

    from muniment_server.accounts import queries
    from muniment_server.catalogue import services

    by = queries.machine_actor(agent)
    for turn in range(TURNS):
        start = time.perf_counter()
        services.make_collection(by, title=f"writer {number}, turn {turn}")
        os.write(out, f"{time.perf_counter() - start}\n".encode())


if __name__ == "__main__":
    _measure(Path(sys.argv[1]), int(sys.argv[2]))
