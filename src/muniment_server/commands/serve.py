"""`muniment serve`: the pages and the API, and a worker beside them."""

from __future__ import annotations

import os
import signal
import socket  # noqa: TID251 - listens for a moment, and connects to nobody
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from muniment.errors import InvalidInput, Unavailable
from muniment_server.commands import session

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from muniment.archive.workspace import Workspace

HELP = "serve the pages and the API of a workspace"

_LAST_PORT: Final = 65535
_LOOK: Final = 0.25  # seconds between two looks at whether all still run
_PATIENCE: Final = 60  # seconds that answers under way have once it is told to stop


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on")
    parser.add_argument(
        "--workers",
        type=int,
        choices=range(9),
        default=1,
        metavar="N",
        help="how many job workers run beside it (1; 0 where `muniment work` runs by itself)",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    with session.opened(args) as workspace:
        pass  # checked and published before anybody is let in
    here = f"http://{args.host}:{args.port}/"
    shown = f"{workspace.address}/, through the proxy in front of {here}"
    session.say(f"{shown if workspace.address else here}   (stop with Ctrl-C)")
    return serve(workspace, host=args.host, port=args.port, workers=args.workers)


def serve(workspace: Workspace, *, host: str, port: int, workers: int = 1) -> int:
    """Run the server and its workers, in processes that begin with no connection of ours."""
    check_address(host, port)
    server = _server(workspace, host, port)
    beside = [_worker(workspace) for _ in range(workers)]
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for process in (server, *beside):
            process.send_signal(signal.SIGTERM)

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        while server.poll() is None:
            time.sleep(_LOOK)
            if not stopping:
                beside = [one for one in (_kept(workspace, each) for each in beside) if one]
    finally:
        for worker in beside:
            if not stopping:  # told once already; told twice, it would leave its work undone
                worker.terminate()
            worker.wait()
        for one, handler in before.items():
            signal.signal(one, handler)
    return 0 if server.returncode in {0, -signal.SIGTERM, 143} else 3


def check_address(host: str, port: int) -> None:
    """Raise `InvalidInput` for what is no port, `Unavailable` where nothing can listen."""
    if not 0 < port <= _LAST_PORT:
        raise InvalidInput(
            f"{port} is no port", code="serve.port", hint="A port is a number from 1 to 65535."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise Unavailable(
            f"nothing can listen on {host}:{port}: {error.strerror}",
            code="serve.address",
            hint="Name another with --host or --port, or end what listens there.",
        ) from None


def _environment(workspace: Workspace) -> dict[str, str]:
    from muniment.archive.workspace import ENVIRONMENT

    return {
        **os.environ,
        ENVIRONMENT: str(workspace.root),
        "DJANGO_SETTINGS_MODULE": "muniment_server.settings",
    }


def _server(workspace: Workspace, host: str, port: int) -> subprocess.Popen[bytes]:
    """Start the server, which ends when it is told to, or when this process is gone."""
    command = [
        *(sys.executable, "-m", "muniment_server.commands.lifeline", str(os.getpid())),
        *("granian", "--interface", "wsgi", "--host", host),
        *("--port", str(port), "--workers", "1", "--blocking-threads", _threads(), "--no-ws"),
        *("--workers-kill-timeout", str(_PATIENCE)),
        *("--log-level", "warning", "muniment_server.wsgi:application"),
    ]
    return subprocess.Popen(command, env=_environment(workspace))


def _threads() -> str:
    """Return how many requests are worked on at once: beyond this, threads only take turns."""
    return str(2 * (os.cpu_count() or 1) + 1)


def _worker(workspace: Workspace) -> subprocess.Popen[bytes]:
    """Start a worker that leaves when it is told to, or when this process is gone."""
    command = [sys.executable, "-m", "muniment", "work", "--beside", str(os.getpid())]
    # A group of its own: Ctrl-C reaches it once, through us, and lets it finish what it is at.
    return subprocess.Popen(command, env=_environment(workspace), process_group=0)


def _kept(workspace: Workspace, worker: subprocess.Popen[bytes]) -> subprocess.Popen[bytes] | None:
    """Give the worker, another in its place where it was killed, or None where it gave up."""
    code = worker.poll()
    if code is None:
        return worker
    if code >= 0:
        session.say("muniment: a worker has ended; what waits needs `muniment work`")
        return None
    session.say(f"muniment: a worker was ended by {signal.Signals(-code).name}; here is another")
    return _worker(workspace)
