"""Connections to addresses that were checked: a network backend for httpcore.

- The name is resolved once, every address is checked, and those addresses are dialled in order:
  nothing resolves a second time. One refused address among them refuses the name.
- An address of this machine is refused even if it is public, unless the rule names it: asked of the
  routing table with a datagram socket that sends nothing.
- Each read and write gets the time that is left of the whole request, so a peer that sends a byte a
  minute gains nothing; all bytes that arrive are counted, headers too.

Not its job: HTTP (httpcore), TLS (`ssl`, with the context that the caller gives).
"""

from __future__ import annotations

import ipaddress
import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpcore

from muniment.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from muniment.egress.addresses import Address, Rule
    from muniment.egress.resolving import Resolver


class Budget:
    """What is left of a request's time and bytes."""

    def __init__(self, seconds: float, received: int) -> None:
        """Start the clock."""
        self._until = monotonic() + seconds
        self._received = received

    def seconds(self) -> float:
        """Return the time that is left; raises Unavailable (`egress.time`) where there is none."""
        left = self._until - monotonic()
        if left <= 0:
            raise out_of_time()
        return left

    def take(self, count: int) -> None:
        """Count bytes that arrived; raises InvalidInput (`egress.size`) above the cap."""
        self._received -= count
        if self._received < 0:
            raise too_large()


class Dialled(httpcore.NetworkStream):
    """A connection under a budget."""

    def __init__(self, stream: httpcore.NetworkStream, address: Address, budget: Budget) -> None:
        """Put a connection to an address under a budget."""
        self._stream = stream
        self._address = address
        self._budget = budget

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what arrives in the time that is left."""
        data = self._stream.read(max_bytes, self._budget.seconds())
        self._budget.take(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write in the time that is left."""
        self._stream.write(buffer, self._budget.seconds())

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection in TLS, its certificate checked for the name."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._budget.seconds())
        return Dialled(stream, self._address, self._budget)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # httpcore's own type
        """Pass on what httpcore asks; `address` is the one that was dialled."""
        return self._address if info == "address" else self._stream.get_extra_info(info)


class Dialling(httpcore.NetworkBackend):
    """Connects to checked addresses and to nothing else."""

    def __init__(self, rule: Rule, resolver: Resolver, budget: Budget) -> None:
        """Dial under a rule, with a resolver, within a budget."""
        self._rule = rule
        self._resolver = resolver
        self._budget = budget
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; raises as `Egress.fetch` promises."""
        if port not in self._rule.ports:
            message = f"port {port} is not among those that requests go to"
            raise InvalidInput(message, code="egress.port")
        addresses = self._checked(host, port)
        for place, address in enumerate(addresses):
            left = self._budget.seconds() / (len(addresses) - place)
            try:
                stream = self._system.connect_tcp(str(address), port, left)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            if not _leads_to(stream, address):
                stream.close()
                continue
            return Dialled(stream, address, self._budget)
        self._budget.seconds()
        message = f"{host} does not answer on port {port}"
        raise Unavailable(message, code="egress.connect")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse: a socket of this machine is not outside."""
        message = "requests to the outside do not go to sockets of this machine"
        raise InvalidInput(message, code="egress.address")

    def _checked(self, host: str, port: int) -> list[Address]:
        """Every address of a host, each one checked, none twice."""
        try:
            given = [str(ipaddress.ip_address(host))]
        except ValueError:
            given = [*self._resolver(host, port, self._budget.seconds())]
        if not given:
            message = f"the name {host} does not resolve to an address"
            raise Unavailable(message, code="egress.resolve")
        addresses = [*dict.fromkeys(self._rule.check(text) for text in given)]
        for address in addresses:
            if not self._rule.names(address) and _is_ours(address, port):
                message = f"{address} is an address of this machine: no request goes there"
                raise InvalidInput(message, code="egress.address")
        return addresses


def too_large() -> InvalidInput:
    """The refusal of an answer above its cap."""
    return InvalidInput("the answer is larger than was allowed", code="egress.size")


def out_of_time() -> Unavailable:
    """The refusal of an answer that takes too long."""
    return Unavailable("the answer did not come in time", code="egress.time")


def _is_ours(address: Address, port: int) -> bool:
    """Whether this machine would talk to itself: then source and destination are the same."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004  # IPv4
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((str(address), port))  # a datagram socket: nothing is sent
            return str(asking.getsockname()[0]) == str(address)
    except OSError:
        return False  # no way there: connecting will say so


def _leads_to(stream: httpcore.NetworkStream, address: Address) -> bool:
    """Whether the other end of a connection is the address that was checked."""
    try:
        peer = stream.get_extra_info("server_addr")
    except OSError:
        return False  # gone already
    return peer is not None and ipaddress.ip_address(peer[0]) == address
