"""Addresses on the web that mean two things, or lead inward: refused before anything resolves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.egress import Egress, Request
from muniment.egress.target import joined, parse_target
from muniment.errors import InvalidInput

HOSTILE = [
    # other spellings of 127.0.0.1 and 169.254.169.254
    "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
    "http://017700000001/", "http://127.1/", "http://127.0.1/", "http://0/", "http://0x/",
    "http://0x7f.1/", "http://127.0.0.1.0x1/", "http://00000000177.0.0.1/", "http://127.0.0.01/",
    "http://1.2.3/", "http://256.1.1.1/", "http://1.2.3.4.5/", "http://2852039166/",
    "http://0xa9fea9fe/", "http://169.254.43518/", "http://[::1%25lo]/", "http://[::1%lo]/",
    "http://[::1/", "http://::1/", "http://[127.0.0.1]/", "http://[v1.x]/", "http://127。0。1/",
    "http://１２７.1/", "http://⑦/", "http://0x7f。1/",
    # other schemes
    "file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1:6379/_x", "data:text/plain,x",
    "javascript:alert(1)", "blob:https://example.org/1", "ws://example.org/", "wss://example.org/",
    "dict://127.0.0.1/", "ldap://127.0.0.1/", "jar:http://example.org/!/x", "view-source:http://a/",
    "//example.org/", "/etc/passwd", "example.org", "", "http", "http:",
    # credentials, and hosts that two readers take apart differently
    "http://user@example.org/", "http://user:password@example.org/", "http://@example.org/",
    "http://example.org@127.0.0.1/", "http://127.0.0.1\\@example.org/", "http://example.org\\.evil/",
    "http:\\\\127.0.0.1/", "http://example.org#@127.0.0.1/\\", "http://exa mple.org/",
    "http://example.org/\r\nHost: inner", "http://example.org/\tx", "\x00http://example.org/",
    " http://example.org/", "http://example.org/ ", "http://example.org\u2028/", "http://exa%6dple.org/",
    "http://127%2e0%2e0%2e1/", "http://example.org:/", "http://example.org:0/",
    "http://example.org:65536/", "http://example.org:8x/", "http://example.org:-1/", "http:///x",
    "http://.example.org/", "http://a..b/", "http://-a.org/", "http://a-.org/", "http://*.org/",
    "http://" + "a" * 64 + ".org/", "http://" + "a." * 130 + "org/",
    "http://example.org/" + "a" * 9000,
    "http://xn--a.\ud800/", "http://site.onion/", "http://a,b/", "http://<a>/", "http://a;b/",
]  # fmt: skip


def never_resolved(host: str, port: int, seconds: float) -> list[str]:
    message = f"{host} was resolved"
    raise AssertionError(message)


@pytest.mark.parametrize("url", HOSTILE)
def test_it_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Egress(resolver=never_resolved).fetch(Request(url))
    assert refused.value.code in {"egress.url", "egress.scheme"}
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "http://[::1]/", "http://[::ffff:7f00:1]/",
        "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://169.254.169.254/latest/",
        "http://127.0.0.1./", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://[fe80::1]/", "http://10.0.0.1/", "http://0.0.0.0/",
    ],
)  # fmt: skip
def test_a_literal_that_leads_inward_is_refused_without_resolving(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Egress(resolver=never_resolved).fetch(Request(url))
    assert refused.value.code == "egress.address"


def test_only_the_ports_of_the_rule_are_called() -> None:
    for port in (22, 25, 6379, 8080):
        with pytest.raises(InvalidInput) as refused:
            Egress(resolver=never_resolved).fetch(Request(f"http://example.org:{port}/"))
        assert refused.value.code == "egress.port"


@pytest.mark.parametrize(
    ("url", "again"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a?b=c#d", "https://example.org/a?b=c"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("http://пошта.укр/сторінка?q=ї", "http://xn--80a1acn3a.xn--j1amh/%D1%81%D1%82%D0%BE%D1%80%D1%96%D0%BD%D0%BA%D0%B0?q=%D1%97"),
        ("http://example.org./", "http://example.org/"),
        ("http://[2606:4700:0::1111]/", "http://[2606:4700::1111]/"),
        ("http://example.org/a%20b?c=%2F&d[]=1", "http://example.org/a%20b?c=%2F&d%5B%5D=1"),
        ("http://example.org?x", "http://example.org/?x"),
    ],
)  # fmt: skip
def test_an_address_has_one_form(url: str, again: str) -> None:
    assert parse_target(url).url == again
    assert parse_target(again).url == again


@given(st.text(max_size=60))
def test_whatever_is_given_is_parsed_in_one_way_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://example.org/{text}"):
        try:
            target = parse_target(url)
        except InvalidInput:
            continue
        assert parse_target(target.url) == target


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/b", "https://example.org/b"),
        ("b?c", "https://example.org/a/b?c"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
        ("?q", "https://example.org/a/x?q"),
    ],
)
def test_a_redirect_is_read_from_where_it_was_given(location: str, leads: str) -> None:
    assert joined(parse_target("https://example.org/a/x"), location).url == leads
