"""From a name to its addresses, once, within the time that is left.

- The system's resolver answers, so that `/etc/hosts` and the administrator's choice of DNS hold;
  it knows no time limit of its own, so it is asked in a thread that may be left behind.

Not its job: judging the addresses (`addresses`).
"""

from __future__ import annotations

import queue
import socket
import threading
from typing import TYPE_CHECKING, Protocol

from muniment.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence


class Resolver(Protocol):
    """Whatever turns a name into addresses."""

    def __call__(self, host: str, port: int, seconds: float) -> Sequence[str]:
        """Return every address of a host as text, in the order to try them.

        Raises Unavailable (`egress.resolve`) where there is none, or no answer in time.
        """
        ...


def resolve(host: str, port: int, seconds: float) -> Sequence[str]:
    """Ask the system's resolver, as `Resolver` promises."""
    answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()
    asking = threading.Thread(target=_ask, args=(host, port, answers), daemon=True)
    asking.start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        message = f"the name {host} was not resolved in time"
        raise Unavailable(message, code="egress.resolve") from None
    if not isinstance(found, list) or not found:
        message = f"the name {host} does not resolve to an address"
        raise Unavailable(message, code="egress.resolve")
    return found


def _ask(
    host: str, port: int, answers: queue.SimpleQueue[list[str] | OSError | UnicodeError]
) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error)
    else:
        # A link-local address keeps its scope in its text, and is refused for it.
        answers.put([str(sockaddr[0]) for _, _, _, _, sockaddr in found])
