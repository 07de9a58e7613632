"""`muniment serve`: the pages and the API, and a worker beside them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from muniment_server.commands import session

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from muniment.archive.workspace import Workspace

HELP = "serve the pages and the API of a workspace"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    with session.opened(args) as workspace:
        pass  # checked and published before anybody is let in
    session.say(f"http://{args.host}:{args.port}/   (stop with Ctrl-C)")
    return serve(workspace, host=args.host, port=args.port)


def serve(workspace: Workspace, *, host: str, port: int) -> int:
    """Run the server in a process of its own, so that it begins with no connection of ours."""
    from muniment.archive.workspace import ENVIRONMENT

    environment = {**os.environ, ENVIRONMENT: str(workspace.root)}
    environment["DJANGO_SETTINGS_MODULE"] = "muniment_server.settings"
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host),
        *("--port", str(port), "--workers", "1", "--blocking-threads", "8", "--no-ws"),
        *("--log-level", "warning", "muniment_server.wsgi:application"),
    ]
    server = subprocess.Popen(command, env=environment)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.send_signal(signal.SIGTERM)

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = server.wait()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    return 0 if code in {0, -signal.SIGTERM, 143} else 3
