"""The WSGI entry point: checks the log before it answers, and publishes while it runs."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from muniment_server.custody.ledger import publishing, startup  # noqa: E402 - after Django starts

startup.check()
publisher = publishing.Publisher()
publisher.start()
