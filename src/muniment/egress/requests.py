"""Fetching under the rule, redirect by redirect.

- A redirect is a new request: its address is parsed, its name resolved and its addresses checked
  like the first. Time and bytes are those of the whole fetch.
- A POST is repeated only where the answer says 307 or 308, and never from https to http.
- Headers that the caller gave beyond the plainest do not go to another origin.

Not its job: cookies, retries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from muniment.egress.addresses import Rule
from muniment.egress.dialling import out_of_time
from muniment.egress.exchange import Exchange, Limits, Way, trusting_the_system
from muniment.egress.resolving import resolve
from muniment.egress.target import joined, parse_target
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    import ssl

    from muniment.egress.resolving import Resolver
    from muniment.egress.target import Target

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_REPEATING: Final = frozenset({307, 308})
_GO_ALONG: Final = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "user-agent"}
)
_OURS: Final = frozenset(
    {"connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding"}
) | {"upgrade"}


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask: GET, HEAD or POST, with headers and a body."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a fetch, as evidence: where it went, and what was said there.

    `certificate` is the peer's own certificate in DER, None over plain http.
    """

    url: str
    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    certificate: bytes | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the end, and every hop on the way there, the last included."""

    hops: tuple[Hop, ...]
    body: bytes

    @property
    def status(self) -> int:
        """The status of the last hop."""
        return self.hops[-1].status

    @property
    def url(self) -> str:
        """Where the last hop went."""
        return self.hops[-1].url

    @property
    def media_type(self) -> str:
        """The media type without parameters, lower case; empty where none is said once."""
        values = [value for name, value in self.hops[-1].headers if name.lower() == "content-type"]
        return values[0].partition(";")[0].strip().lower() if len(values) == 1 else ""


class Egress:
    """The way out: hold one, and pass it to whatever has to ask the outside."""

    def __init__(
        self,
        rule: Rule | None = None,
        *,
        resolver: Resolver = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Go out under a rule; `context` says whose certificates are believed."""
        self._way = Way(rule or Rule(), resolver, context or trusting_the_system())

    def fetch(self, request: Request, limits: Limits | None = None) -> Answer:
        """Ask, follow redirects, and return the answer, whatever its status.

        Raises InvalidInput for what is never fetched (`egress.url`, `.scheme`, `.port`, `.address`,
        `.request`, `.redirect`) or not taken (`.size`, `.encoding`), Unavailable where the other
        side fails (`.resolve`, `.connect`, `.certificate`, `.tls`, `.protocol`, `.time`).
        """
        limits = limits or Limits()
        _check(request)
        until, left = monotonic() + limits.seconds, limits.bytes
        target, hops = parse_target(request.url), list[Hop]()
        while True:
            seconds = until - monotonic()
            if seconds <= 0:
                raise out_of_time()
            share = replace(limits, seconds=seconds, bytes=left)
            headers = (("Accept-Encoding", "identity"), *request.headers)
            if any(name.lower() == "accept-encoding" for name, _ in request.headers):
                headers = request.headers
            found = self._way.exchange(target, request.method, headers, request.body, share)
            hops.append(_hop(target, found))
            location = found.header("location")
            if found.status not in _REDIRECTS or not location:
                return Answer(tuple(hops), found.body)
            if len(hops) > limits.redirects:
                message = f"it redirects more than {limits.redirects} times"
                raise InvalidInput(message, code="egress.redirect")
            left -= len(found.body)
            target, request = _onward(target, request, found.status, location)


def _hop(target: Target, found: Exchange) -> Hop:
    return Hop(target.url, found.address, found.status, found.headers, found.certificate)


def _check(request: Request) -> None:
    names = [name.lower() for name, _ in request.headers]
    ours = [name for name in names if name in _OURS or name.startswith("proxy-")]
    plain = all((name + value).isascii() for name, value in request.headers)
    if request.method not in _METHODS or ours or not plain:
        message = (
            "a request is GET, HEAD or POST, with plain headers that do not steer the connection"
        )
        raise InvalidInput(message, code="egress.request")
    if request.body and request.method != "POST":
        raise InvalidInput("only a POST has a body", code="egress.request")


def _onward(target: Target, request: Request, status: int, location: str) -> tuple[Target, Request]:
    """Where a redirect leads, and what is asked there."""
    try:
        place = location.encode("latin-1").decode()
    except UnicodeError:
        message = "it redirects to something that is not an address"
        raise InvalidInput(message, code="egress.url") from None
    onward = joined(target, place)
    downgraded = (target.scheme, onward.scheme) == ("https", "http")
    if request.method == "POST" and (status not in _REPEATING or downgraded):
        message = "what was sent would have to be sent elsewhere, or less safely"
        raise InvalidInput(message, code="egress.redirect")
    if onward.origin != target.origin:
        kept = tuple(header for header in request.headers if header[0].lower() in _GO_ALONG)
        request = replace(request, headers=kept)
    return onward, request
