"""Serves the gallery: `python -m tests.server.look.gallery [PORT]`, to look at pages while drawing.

Prints its address on the first line. Anyone may sign in by one of the names below.
"""

from __future__ import annotations

import os
import socketserver
import sys
import tempfile
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

NAMES = ("ilse", "tam")
PASSWORD = "a long way to the river"


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """Answers several requests at once, as a browser asks for them."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has
        """Say nothing: the first line of the output is the address."""


def main(port: int) -> None:
    """Make the log-ins' tables in a new file, then serve for ever."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GALLERY_DATABASE"] = str(Path(folder) / "log-ins.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.server.look.gallery.settings"
        import django

        django.setup()
        from django.contrib.auth.models import User
        from django.contrib.staticfiles.handlers import StaticFilesHandler
        from django.core.management import call_command
        from django.core.wsgi import get_wsgi_application

        for app in ("contenttypes", "auth", "sessions", "account", "mfa", "usersessions"):
            call_command("migrate", app, verbosity=0)
        for name in NAMES:
            User.objects.create_user(name, password=PASSWORD)
        server = _Server(("127.0.0.1", port), _Quiet)
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        sys.stdout.write(f"http://localhost:{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 0)
