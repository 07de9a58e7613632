"""Which addresses may be dialled: public ones, and those that the caller's rule names.

- What is not plainly public is refused: loopback, private, link-local, shared, multicast, reserved
  and documentation ranges (RFC 6890 and the registries of IANA), metadata services, and every form
  that carries an IPv4 address inside an IPv6 one. `ipaddress` alone is not enough: on Python 3.11
  `is_global` is true of 6to4, NAT64, IPv4-compatible, site-local and multicast addresses.
- An IPv4-mapped address is the IPv4 address it carries, and judged as that.
- A network that the rule names is allowed whole; what it carries inside is still judged.

Not its job: resolving names (`resolving`), dialling (`dialling`).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from muniment.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORTS: Final = frozenset({80, 443})
_REFUSED: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ipaddress.ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a metadata service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.31.196.0/24", "reserved for protocols"),
        ("192.52.193.0/24", "reserved for protocols"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "reserved for protocols"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::1/128", "loopback"),
        ("::/96", "an IPv4 address inside an IPv6 one"),
        ("::ffff:0:0:0/96", "an IPv4 address inside an IPv6 one"),
        ("64:ff9b::/96", "an IPv4 address behind a translator"),
        ("64:ff9b:1::/48", "an IPv4 address behind a translator"),
        ("100::/64", "a place where packets are dropped"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "an IPv4 address inside an IPv6 one"),
        ("2620:4f:8000::/48", "reserved for protocols"),
        ("3fff::/20", "for documentation"),
        ("5f00::/16", "reserved for segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_UNICAST: Final = ipaddress.ip_network("2000::/3")  # all that IANA gives out as global unicast
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # RFC 5214 6.1: the interface id of an embedded IPv4
_HINT: Final = "Only public addresses are reached; a closed network has to be allowed by name."


@dataclass(frozen=True, slots=True)
class Rule:
    """What is reached besides public addresses, and on which ports.

    `networks` are allowed although they are not public: `127.0.0.0/8` in tests, a partner's network
    in a closed installation. `own` are public addresses of this installation, never dialled.
    """

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = _PORTS
    own: tuple[Network, ...] = ()

    @classmethod
    def loopback(cls, *ports: int) -> Rule:
        """The rule of tests and demonstrations: these ports of this machine besides the usual."""
        networks = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
        return cls(networks, _PORTS | frozenset(ports))

    def check(self, text: str) -> Address:
        """Return the address to dial for one that a name resolved to.

        Raises InvalidInput (`egress.address`) for one that may not be reached.
        """
        try:
            given = ipaddress.ip_address(text)
        except ValueError:
            raise _refused(text, "no address") from None
        if isinstance(given, ipaddress.IPv6Address) and given.scope_id:
            raise _refused(text, "an address of one link")
        address: Address = getattr(given, "ipv4_mapped", None) or given
        reason = self._objection(address)
        if reason:
            raise _refused(text, reason)
        return address

    def names(self, address: Address) -> bool:
        """Whether a network of the rule holds this address."""
        return any(address in network for network in self.networks)

    def _objection(self, address: Address) -> str:
        """Why an address is not dialled; empty where it is."""
        if any(address in network for network in self.own):
            return "one of our own"
        inside = _carried(address)
        if self.names(address):
            return self._objection(inside) if inside else ""
        if inside and (reason := self._objection(inside)):
            return reason
        for network, kind in _REFUSED:
            if address in network:
                return kind
        unicast = isinstance(address, ipaddress.IPv4Address) or address in _UNICAST
        return "" if unicast and address.is_global and not address.is_multicast else "not public"


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address carries inside, if its form says so."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    value = int(address)
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    low = ipaddress.IPv4Address(value & 0xFFFFFFFF)
    translated = value >> 32 in (0x64FF9B << 64, 0xFFFF << 16)
    isatap = value >> 32 & 0xFFFFFFFF in _ISATAP
    return low if translated or isatap else None


def _refused(text: str, reason: str) -> InvalidInput:
    message = f"{text[:60]} is {reason}: no request goes there"
    return InvalidInput(message, code="egress.address", hint=_HINT)
