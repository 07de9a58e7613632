"""One request and its answer, without redirects: headers, body, caps.

- The body is counted while it arrives and again while it is inflated: a small bomb stops at the
  same cap as a large file.
- `gzip` and `deflate` are inflated, whole streams only; any other encoding is refused, since bytes
  that were not understood would be taken for content.

Not its job: following redirects (`requests`).
"""

from __future__ import annotations

import ssl
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import httpcore

from muniment.egress.dialling import Budget, Dialling, out_of_time, too_large
from muniment.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from muniment.egress.addresses import Rule
    from muniment.egress.resolving import Resolver
    from muniment.egress.target import Target

_FRAMING: Final = (
    256 * 1024
)  # headers, chunk sizes and trailers may take this much besides the body
_EITHER: Final = zlib.MAX_WBITS | 32  # gzip or zlib, as the stream says
_PLAIN: Final = frozenset({"", "identity"})
_PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one fetch may take: bytes of the body, seconds and redirects in all."""

    bytes: int = 16 << 20
    seconds: float = 60.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and answered at one address; the certificate is the peer's own, in DER."""

    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    certificate: bytes | None
    body: bytes

    def header(self, name: str) -> str:
        """Return the one value of a header, empty where it is absent or not given once."""
        values = [value for key, value in self.headers if key.lower() == name]
        return values[0] if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Way:
    """How requests go out: the rule, the resolver, and whose certificates are believed."""

    rule: Rule
    resolver: Resolver
    context: ssl.SSLContext

    def exchange(
        self,
        target: Target,
        method: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        limits: Limits,
    ) -> Exchange:
        """Ask once; raises as `Egress.fetch` promises."""
        budget = Budget(limits.seconds, limits.bytes + _FRAMING)
        lines = [(b"Host", target.authority.encode()), (b"Connection", b"close")]
        lines += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
        if body or method == "POST":
            lines.append((b"Content-Length", b"%d" % len(body)))
        url = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port,
            target=target.path.encode("ascii"),
        )  # fmt: skip
        backend = Dialling(self.rule, self.resolver, budget)
        try:
            with (
                httpcore.ConnectionPool(self.context, network_backend=backend) as pool,
                pool.stream(method, url, headers=lines, content=body or None) as response,
            ):
                return _read(response, limits.bytes)
        except httpcore.TimeoutException:
            raise out_of_time() from None
        except httpcore.ConnectError as error:
            raise _no_tls(target, error) from None
        except httpcore.LocalProtocolError:
            message = "a header of the request has characters that HTTP does not allow"
            raise InvalidInput(message, code="egress.request") from None
        except (httpcore.ProtocolError, httpcore.NetworkError):
            message = f"{target.host} broke off, or did not answer as HTTP does"
            raise Unavailable(message, code="egress.protocol") from None


@cache
def trusting_the_system() -> ssl.SSLContext:
    """TLS 1.2 or later, certificates checked for the name against the system's authorities.

    One for the process: reading a few hundred authorities takes longer than many a request.

    Made without `ssl.create_default_context`, which writes session keys to a file where the
    environment names one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context


def _read(response: httpcore.Response, most: int) -> Exchange:
    extensions = cast("Mapping[str, Any]", response.extensions)  # pyright: ignore[reportUnknownMemberType]  # partly typed there
    stream = cast("httpcore.NetworkStream", extensions["network_stream"])
    address = str(stream.get_extra_info("address"))
    tls = cast("ssl.SSLObject | None", stream.get_extra_info("ssl_object"))
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers
    )
    certificate = tls.getpeercert(True) if tls else None  # noqa: FBT003  # the interface of `ssl`
    encodings = [value for name, value in headers if name.lower() == "content-encoding"]
    body = b"".join(_capped(_inflated(response.iter_stream(), encodings), most))
    return Exchange(address, response.status, headers, certificate, body)


def _capped(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    for chunk in chunks:
        most -= len(chunk)
        if most < 0:
            raise too_large()
        yield chunk


def _inflated(chunks: Iterable[bytes], encodings: Sequence[str]) -> Iterator[bytes]:
    """The body as it was before it was compressed, in pieces of bounded size."""
    encoding = encodings[0].strip().lower() if len(encodings) == 1 else ""
    if len(encodings) > 1 or encoding not in _PLAIN | _PACKED:
        message = "the answer is compressed in a way that is not understood"
        raise InvalidInput(message, code="egress.encoding")
    if encoding in _PLAIN:
        yield from chunks
        return
    inflate = zlib.decompressobj(_EITHER)
    empty = True
    for chunk in chunks:
        empty = False
        yield from _pieces(inflate, chunk)
    if not inflate.eof and not empty:
        raise _damaged()


class _Inflating(Protocol):
    """What `zlib.decompressobj` gives, as far as it is used here."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _pieces(inflate: _Inflating, chunk: bytes) -> Iterator[bytes]:
    """What a piece of the compressed stream gives, a bounded part at a time."""
    left, full = chunk, True
    while left or full:
        if inflate.eof:
            break
        try:
            piece = inflate.decompress(left, _FRAMING)
        except zlib.error:
            raise _damaged() from None
        left, full = inflate.unconsumed_tail, len(piece) == _FRAMING
        yield piece
    if inflate.unused_data or (inflate.eof and left):
        raise _damaged()


def _damaged() -> InvalidInput:
    return InvalidInput("the compressed answer is damaged", code="egress.encoding")


def _no_tls(target: Target, error: httpcore.ConnectError) -> Unavailable:
    """Connecting failed after the address answered: that is TLS."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        message = f"the certificate of {target.host} does not check: {cause.verify_message}"
        return Unavailable(message, code="egress.certificate")
    message = f"{target.host} does not speak TLS as it should"
    return Unavailable(message, code="egress.tls")
