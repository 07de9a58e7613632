"""What an address on the web names: scheme, host, port and path, each in one form only.

- Read by one parser, written again from its parts, and read once more: where the second reading
  differs, the address is refused, since some other program might read it the other way.
- A host is a name in its ASCII form (IDNA 2008 with the mapping of UTS 46), a dotted quad, or an
  IPv6 address in brackets. Other spellings of an IPv4 address (`127.1`, `0x7f000001`, `2130706433`)
  are refused: they mean one thing to a resolver and another to a reader.

Not its job: whether the host may be reached (`addresses`).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import idna

from muniment.errors import InvalidInput

_LONGEST: Final = 8192
_LONGEST_NAME: Final = 253
_PORTS: Final = {"http": 80, "https": 443}
_HOSTILE: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)  # WHATWG URL: "ends in a number"
_KEPT: Final = "/:@!$&'()*+,;=-._~%?"
_NOT_OURS: Final = frozenset({"onion"})  # RFC 7686: never asked of the DNS


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes; `path` holds the query, `host` has no brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """What has to be the same for a caller's own headers to go along."""
        return (self.scheme, self.host, self.port)

    @property
    def url(self) -> str:
        """The whole address again."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_target(text: str) -> Target:
    """Return what an address names; raises InvalidInput (`egress.url`, `egress.scheme`)."""
    target = _parsed(text)
    if _parsed(target.url) != target:
        raise _refused(text, "can be read in two ways")
    return target


def joined(base: Target, location: str) -> Target:
    """Return where a redirect leads, seen from where it was given; raises what parsing raises."""
    if _HOSTILE.search(location) or len(location) > _LONGEST:
        raise _refused(location, "is not an address")
    try:
        return parse_target(urljoin(base.url, location))
    except ValueError:
        raise _refused(location, "is not an address") from None


def _parsed(text: str) -> Target:
    if not text or len(text) > _LONGEST or _HOSTILE.search(text):
        raise _refused(text, "is not an address")
    try:
        parts = urlsplit(text)
        given, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(text, "is not an address") from None
    if parts.scheme not in _PORTS:
        message = f"only http and https are fetched, not {parts.scheme[:20] or 'nothing'}"
        raise InvalidInput(message, code="egress.scheme")
    if "@" in parts.netloc:
        raise _refused(text, "carries a name or password")
    if port == 0 or parts.netloc.endswith(":"):
        raise _refused(text, "names no port")
    path = quote(parts.path or "/", safe=_KEPT) + (
        "?" + quote(parts.query, safe=_KEPT) if parts.query else ""
    )
    if not path.startswith("/"):
        raise _refused(text, "is not an address")
    host = _host(given, text, bracketed="[" in parts.netloc)
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _host(given: str, text: str, *, bracketed: bool) -> str:
    """A host in its one form."""
    if bracketed:
        try:
            return ipaddress.IPv6Address(given if "%" not in given else "").compressed
        except ValueError:
            raise _refused(text, "names no host") from None
    name = _ascii_name(given, text).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise _refused(text, "spells an IPv4 address in an unusual way") from None
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(text, "names no host")
    if labels[-1] in _NOT_OURS:
        raise _refused(text, "names a host that is not in the DNS")
    return name


def _ascii_name(given: str, text: str) -> str:
    if given.isascii():
        return given.lower()
    try:
        return idna.encode(given, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise _refused(text, "names no host") from None


def _refused(text: str, reason: str) -> InvalidInput:
    shown = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:100])
    return InvalidInput(f"'{shown}' {reason}", code="egress.url")
