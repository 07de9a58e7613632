"""Nothing opens a connection to the outside but `muniment.egress` (decision 0007).

The linter bans the same names (`banned-api`); this test also sees what a noqa would hide.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.architecture.tree import SRC, parsed, python_files, shown

if TYPE_CHECKING:
    from pathlib import Path

ASKS = {
    "aiohttp", "ftplib", "h11", "h2", "http.client", "httpcore", "httpx", "imaplib", "niquests",
    "nntplib", "paramiko", "poplib", "pycurl", "requests", "smtplib", "socket", "socks",
    "telnetlib", "tornado", "twisted", "urllib.request", "urllib3", "websocket", "websockets",
    "xmlrpc.client",
}  # fmt: skip
# Parts of asyncio and anyio that open connections or look names up.
DIALS = {"open_connection", "create_connection", "getaddrinfo", "sock_connect", "connect_tcp"}
ALLOWED = {
    "src/muniment/egress/": "the one place",
    "src/muniment/seal/signer_": "a Unix socket between two processes of this machine",
    "src/muniment/sandbox/trial_script.py": "tries a socket inside the sandbox, to see it fail",
    "src/muniment_server/commands/serve.py": "listens for a moment: is its address free?",
}


def is_allowed(path: Path) -> bool:
    """Whether a module stands on the list above."""
    return any(shown(path).startswith(place) for place in ALLOWED)


def asking(path: Path) -> set[str]:
    """What a module imports or calls that would reach the outside."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "__import__", "import_module", "importlib.import_module",
        }:  # fmt: skip
            names = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
        elif isinstance(node, ast.Attribute) and node.attr in DIALS:
            found.add(node.attr)
        found |= {
            name
            for name in names
            if any(name == each or name.startswith(f"{each}.") for each in ASKS)
        }
    return found


def test_nothing_else_opens_a_connection() -> None:
    found = {
        shown(path): sorted(asking(path))
        for path in python_files(SRC)
        if not is_allowed(path) and asking(path)
    }
    assert found == {}


def test_the_list_of_exceptions_is_not_longer_than_it_must_be() -> None:
    used = {place for place in ALLOWED for path in python_files(SRC)
            if shown(path).startswith(place) and asking(path)}  # fmt: skip
    assert used == set(ALLOWED)


def test_what_asks_is_seen(tmp_path: Path) -> None:
    for line in (
        "import socket", "import urllib.request as u", "from urllib import request",
        "from http import client", "import httpx", "from requests import get",
        "import http.client, os", "__import__('socket')", "loop.create_connection(f, 'a', 1)",
        "importlib.import_module('urllib3')", "import urllib3.connection",
    ):  # fmt: skip
        path = tmp_path / f"module_{abs(hash(line))}.py"
        path.write_text(line, encoding="utf-8")
        assert asking(path), line
    harmless = tmp_path / "harmless.py"
    harmless.write_text("import http, urllib.parse\nfrom http import HTTPStatus", encoding="utf-8")
    assert asking(harmless) == set()
