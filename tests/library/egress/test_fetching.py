"""The whole way: names that change their answer, redirects inward, large, slow and packed answers.

Every test has a listener of its own on loopback; what may not be called is looked at afterwards.
"""

from __future__ import annotations

import gzip
import ipaddress
import socket
import threading
import zlib

import pytest

from muniment.egress import Egress, Limits, Request, Rule, dialling
from muniment.errors import InvalidInput, MunimentError, Unavailable
from tests.library.egress.servers import answer, raw, serving, silent_listener, was_called

LIMITS = Limits(bytes=100_000, seconds=5, redirects=3)


class Rebinding:
    """A name server that says something else each time it is asked."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, seconds: float) -> list[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def refusal(way: Egress, request: Request | str, limits: Limits = LIMITS) -> str:
    asked = Request(request) if isinstance(request, str) else request
    with pytest.raises(MunimentError) as refused:
        way.fetch(asked, limits)
    return refused.value.code


def test_an_answer_comes_with_where_it_came_from() -> None:
    with serving(answer(b"hello", Content_Type="Text/Plain; charset=x")) as server:
        found = Egress(Rule.loopback(server.port)).fetch(Request(server.url("/a?b")))
        assert (found.status, found.body, found.media_type) == (200, b"hello", "text/plain")
        assert [(hop.url, hop.address, hop.certificate) for hop in found.hops] == [
            (server.url("/a?b"), "127.0.0.1", None)
        ]
        [asked] = server.asked
        assert asked.startswith(b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % server.port)
        assert b"Accept-Encoding: identity\r\n" in asked


def test_a_post_sends_its_bytes() -> None:
    with serving(answer(b"ok")) as server:
        way = Egress(Rule.loopback(server.port))
        way.fetch(Request(server.url(), "POST", (("Content-Type", "a/b"),), b"\x00body"))
        way.fetch(Request(server.url(), "POST"))
        assert b"Content-Length: 5\r\n" in server.asked[0]
        assert server.asked[0].endswith(b"\r\n\r\n\x00body")
        assert b"Content-Length: 0" in server.asked[1]


def test_without_an_allowance_loopback_is_not_called() -> None:
    with silent_listener() as listener:
        port = listener.getsockname()[1]
        rule = Rule(ports=frozenset({port}))
        for host in ("127.0.0.1", "[::ffff:7f00:1]", "0.0.0.0", "localhost", "[::1]"):
            assert refusal(Egress(rule), f"http://{host}:{port}/") == "egress.address"
        assert not was_called(listener)


def test_a_name_that_changes_its_answer_is_asked_once() -> None:
    with serving(answer(b"first")) as server:
        names = Rebinding(["127.0.0.1"], ["127.0.0.2"])
        way = Egress(Rule.loopback(server.port), resolver=names)
        assert way.fetch(Request(server.url(host="rebind.example"))).body == b"first"
        assert names.asked == ["rebind.example"]
        assert b"Host: rebind.example:%d\r\n" % server.port in server.asked[0]


def test_a_name_that_turns_inward_between_redirects_is_refused() -> None:
    def talk(connection: socket.socket, asked: bytes) -> None:
        answer(status=302, Location="/again")(connection, asked)

    with serving(talk) as server:
        names = Rebinding(["127.0.0.1"], ["127.0.0.1", "10.0.0.1"])
        way = Egress(Rule.loopback(server.port), resolver=names)
        assert refusal(way, server.url(host="rebind.example")) == "egress.address"
        assert (server.calls, len(names.asked)) == (1, 2)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.2:{port}/", "egress.address"),
        ("http://[::1]:{port}/", "egress.address"),
        ("http://[::ffff:127.0.0.2]:{port}/", "egress.address"),
        ("http://169.254.169.254/latest/meta-data/", "egress.address"),
        ("//10.0.0.1/", "egress.address"),
        ("http://2130706433:{port}/", "egress.url"),
        ("http://user:secret@127.0.0.2:{port}/", "egress.url"),
        ("file:///etc/passwd", "egress.scheme"),
        ("gopher://127.0.0.1:{port}/_x", "egress.scheme"),
        ("data:text/plain,x", "egress.scheme"),
        ("http://127.0.0.1:1/", "egress.port"),
        ("http://[::1", "egress.url"),
        ("/a b", "egress.url"),
        ("/\udcff".encode("utf-8", "surrogateescape").decode("latin-1"), "egress.url"),
    ],
)  # fmt: skip
def test_a_redirect_is_held_to_the_same_rule(location: str, code: str) -> None:
    with silent_listener() as listener:
        inner = listener.getsockname()[1]
        with serving(answer(status=301, Location=location.format(port=inner))) as server:
            only = (ipaddress.ip_network("127.0.0.1/32"),)
            rule = Rule(networks=only, ports=frozenset({80, server.port, inner}))
            assert refusal(Egress(rule), server.url()) == code
            assert server.calls == 1
        assert not was_called(listener)


def test_redirects_end() -> None:
    with serving(answer(status=302, Location="/round")) as server:
        assert refusal(Egress(Rule.loopback(server.port)), server.url()) == "egress.redirect"
        assert server.calls == 4


def test_a_few_redirects_are_followed_and_told() -> None:
    def talk(connection: socket.socket, asked: bytes) -> None:
        step = int(asked[5:6] or b"0")
        last = answer(b"there")
        (answer(b"on", 303, Location=f"/{step + 1}") if step < 3 else last)(connection, asked)

    with serving(talk) as server:
        found = Egress(Rule.loopback(server.port)).fetch(Request(server.url("/0")), LIMITS)
        assert [hop.status for hop in found.hops] == [303, 303, 303, 200]
        assert found.url == server.url("/3")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_was_sent_is_sent_again_only_where_that_is_meant(status: int) -> None:
    def talk(connection: socket.socket, asked: bytes) -> None:
        first = asked.startswith(b"POST /a")
        (answer(status=status, Location="/b") if first else answer(b"ok"))(connection, asked)

    with serving(talk) as server:
        way = Egress(Rule.loopback(server.port))
        request = Request(server.url("/a"), "POST", (), b"body")
        if status < 307:
            assert refusal(way, request) == "egress.redirect"
        else:
            assert way.fetch(request).body == b"ok"
            assert server.asked[1].endswith(b"body")


def test_secrets_do_not_go_along_to_another_origin() -> None:
    with (
        serving(answer(b"other")) as other,
        serving(answer(status=302, Location=other.url())) as server,
    ):
        way = Egress(Rule.loopback(server.port, other.port))
        headers = (("Authorization", "Basic x"), ("Accept", "text/plain"))
        way.fetch(Request(server.url(), headers=headers))
        assert b"Authorization: Basic x" in server.asked[0]
        assert b"uthorization" not in other.asked[0]
        assert b"Accept: text/plain" in other.asked[0]


@pytest.mark.parametrize(
    "request_",
    [
        Request("http://example.org/", "DELETE"),
        Request("http://example.org/", "CONNECT"),
        Request("http://example.org/", "GET", (), b"body"),
        Request("http://example.org/", headers=(("Host", "inner"),)),
        Request("http://example.org/", headers=(("Proxy-Authorization", "x"),)),
        Request("http://example.org/", headers=(("Transfer-Encoding", "chunked"),)),
        Request("http://example.org/", headers=(("X-Ї", "x"),)),
    ],
)
def test_a_request_cannot_steer_the_connection(request_: Request) -> None:
    assert refusal(Egress(resolver=Rebinding(["8.8.8.8"])), request_) == "egress.request"


def test_a_header_cannot_carry_another_line() -> None:
    with serving(answer()) as server:
        request = Request(server.url(), headers=(("X", "a\r\nHost: inner"),))
        assert refusal(Egress(Rule.loopback(server.port)), request) == "egress.request"
        assert server.asked == []


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def packed(body: bytes, encoding: bytes = b"gzip") -> bytes:
    return b"HTTP/1.0 200 x\r\nContent-Encoding: " + encoding + b"\r\n\r\n" + body


BOMB = gzip.compress(b"\0" * 5_000_000)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        # too much, in every way of saying how much
        (b"HTTP/1.1 200 x\r\nContent-Length: 5000000\r\n\r\n" + b"a" * 1_000_000, "egress.size"),
        (b"HTTP/1.0 200 x\r\n\r\n" + b"a" * 1_000_000, "egress.size"),
        (chunked(*[b"a" * 9000] * 100), "egress.size"),
        (b"HTTP/1.1 200 x\r\n" + b"X: " + b"a" * 900_000 + b"\r\n\r\n", "egress.protocol"),
        (b"HTTP/1.1 100 x\r\n\r\n" * 60_000, "egress.size"),
        # packed
        (packed(BOMB), "egress.size"),
        (packed(zlib.compress(b"\0" * 999_999), b"deflate"), "egress.size"),
        (packed(gzip.compress(BOMB * 40)), "egress.size"),
        (packed(BOMB, b"gzip, gzip"), "egress.encoding"),
        (packed(BOMB, b"gzip\r\nContent-Encoding: gzip"), "egress.encoding"),
        (packed(b"xx", b"br"), "egress.encoding"),
        (packed(b"not gzip"), "egress.encoding"),
        (packed(gzip.compress(b"x" * 99)[:-9]), "egress.encoding"),
        (packed(gzip.compress(b"x") + b"more"), "egress.encoding"),
        # not HTTP, or broken off
        (b"", "egress.protocol"),
        (b"SSH-2.0-OpenSSH\r\n", "egress.protocol"),
        (b"HTTP/1.1 200 x\r\nContent-Length: 10\r\n\r\nshort", "egress.protocol"),
        (b"HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "egress.protocol"),
        (b"HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n", "egress.protocol"),
        (b"HTTP/1.1 999999 x\r\n\r\n", "egress.protocol"),
        (chunked(b"abc")[:-4] + b"zz\r\n", "egress.protocol"),
    ],
    ids=range(21),
)  # fmt: skip
def test_a_hostile_answer_is_given_up(data: bytes, code: str) -> None:
    with serving(raw(data)) as server:
        assert refusal(Egress(Rule.loopback(server.port)), server.url()) == code


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_a_packed_answer_is_unpacked_whole(encoding: str) -> None:
    for content in (b"", b"plain", bytes(90_000), bytes(range(256)) * 300):
        data = zlib.compress(content) if encoding == "deflate" else gzip.compress(content)
        with serving(answer(data, Content_Encoding=encoding)) as server:
            found = Egress(Rule.loopback(server.port)).fetch(Request(server.url()), LIMITS)
            assert found.body == content


def test_more_than_one_buffer_is_unpacked_to_its_end() -> None:
    content = bytes(3 << 20)
    with serving(answer(gzip.compress(content), Content_Encoding="gzip")) as server:
        found = Egress(Rule.loopback(server.port)).fetch(Request(server.url()))
        assert found.body == content


def test_a_body_of_just_the_cap_is_taken_and_one_byte_more_is_not() -> None:
    for size in (100_000, 100_001):
        with serving(answer(b"a" * size)) as server:
            way = Egress(Rule.loopback(server.port))
            if size > LIMITS.bytes:
                assert refusal(way, server.url()) == "egress.size"
            else:
                assert len(way.fetch(Request(server.url()), LIMITS).body) == size


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 x\r\nX: ", b"HTTP/1.0 200 x\r\n\r\n"])
def test_a_slow_answer_is_given_up_though_bytes_keep_coming(start: bytes) -> None:
    over = threading.Event()

    def drip(connection: socket.socket, asked: bytes) -> None:
        connection.sendall(start)
        while not over.wait(0.05):
            connection.sendall(b"a")

    with serving(drip) as server:
        code = refusal(Egress(Rule.loopback(server.port)), server.url(), Limits(seconds=0.6))
        over.set()
    assert code == "egress.time"


def test_a_name_that_is_never_resolved_takes_no_more_than_its_time() -> None:
    release = threading.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *given, **named: release.wait(30) and [])
        assert refusal(Egress(), "http://slow.example/", Limits(seconds=0.2)) == "egress.resolve"
        release.set()


def test_what_does_not_resolve_or_answer_is_said() -> None:
    with silent_listener() as listener:
        port = listener.getsockname()[1]
    assert refusal(Egress(Rule.loopback(port)), f"http://127.0.0.1:{port}/") == "egress.connect"
    assert refusal(Egress(resolver=Rebinding([])), "http://a.example/") == "egress.resolve"
    assert refusal(Egress(), "http://nothing.invalid/") == "egress.resolve"


def test_the_next_address_is_tried_and_still_only_checked_ones() -> None:
    with serving(answer(b"second")) as server:
        way = Egress(Rule.loopback(server.port), resolver=Rebinding(["127.0.0.9", "127.0.0.1"]))
        found = way.fetch(Request(server.url(host="two.example")))
        assert found.hops[0].address == "127.0.0.1"


def test_nothing_in_the_environment_is_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_listener() as proxy, serving(answer(b"direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        assert Egress(Rule.loopback(server.port)).fetch(Request(server.url())).body == b"direct"
        assert not was_called(proxy)


def test_an_address_of_this_machine_is_refused_though_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "_is_ours", lambda address, port: str(address) == "8.8.8.8")
    way = Egress(resolver=Rebinding(["8.8.8.8"]))
    assert refusal(way, "http://ours.example/") == "egress.address"


def test_the_routing_table_says_which_addresses_are_ours() -> None:
    assert dialling._is_ours(ipaddress.ip_address("127.0.0.1"), 80)
    assert not dialling._is_ours(ipaddress.ip_address("192.0.2.1"), 80)


def test_a_refusal_is_of_the_kind_that_says_whether_to_try_again() -> None:
    with pytest.raises(Unavailable):
        Egress(resolver=Rebinding([])).fetch(Request("http://a.example/"))
    with pytest.raises(InvalidInput):
        Egress(resolver=Rebinding(["10.0.0.1"])).fetch(Request("http://a.example/"))
