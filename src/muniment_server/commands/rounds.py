"""What a worker does beside its jobs: looks now and then, and says what came in the way, once."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

from muniment.errors import MunimentError
from muniment_server.commands import session


class Rounds(threading.Thread, ABC):
    """Makes one round after another until told to end; it does not keep the process alive."""

    def __init__(self, subject: str, pause: float) -> None:
        """`subject` is what troubles are about where nobody is named; `pause` is in seconds."""
        super().__init__(name=subject, daemon=True)
        self._subject = subject
        self._pause = pause
        self._ended = threading.Event()
        self._told: dict[str, str] = {}

    @abstractmethod
    def look(self) -> None:
        """Make one round; errors are told, and the next round comes."""

    def run(self) -> None:
        """Make rounds until told to end."""
        from django.db import connections
        from django.db.utils import OperationalError

        while not self._ended.is_set():
            try:
                self.look()
                self.tell(self._subject)
            except MunimentError as error:
                self.tell(self._subject, f"{error}\n  {error.hint}".rstrip())
            except OperationalError as error:
                self.tell(self._subject, f"the database does not answer: {error}".strip())
            except OSError as error:
                self.tell(self._subject, str(error))
            finally:
                connections.close_all()
            self._ended.wait(self._pause)

    def end(self, wait: float | None = None) -> None:
        """Make no more rounds; wait for the one under way, at most so many seconds."""
        self._ended.set()
        self.join(wait)

    def tell(self, who: str, message: str = "") -> None:
        """Say what came in somebody's way, unless it was said last; no message: all is well."""
        if message and self._told.get(who) != message:
            session.say(f"muniment: {who}: {message}")
        self._told[who] = message
