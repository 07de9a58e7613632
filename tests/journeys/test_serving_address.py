"""Where nobody can listen, `muniment serve` says so in a sentence before anything is started."""

from __future__ import annotations

import socket

import pytest

from muniment.errors import InvalidInput, Unavailable
from muniment_server.commands.serve import check_address


def test_what_is_no_port_is_refused() -> None:
    with pytest.raises(InvalidInput, match="99999999 is no port"):
        check_address("127.0.0.1", 99_999_999)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}"):
            check_address("127.0.0.1", port)
    check_address("127.0.0.1", port)
