"""Addresses in every spelling: none of the inner ones is dialled, whatever resolves to it."""

from __future__ import annotations

import ipaddress

import pytest

from muniment.egress import Egress, Request, Rule
from muniment.errors import InvalidInput

INNER = [
    # IPv4, plainly
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.1.2.3", "127.255.255.254", "168.63.129.16", "169.254.0.1",
    "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.168.255.255",
    "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    # IPv6, plainly
    "::", "::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
    "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1",
    "febf::1", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "e000::1",
    # IPv4 inside IPv6
    "::127.0.0.1", "::10.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8",
    "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe", "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:7f00:1", "2606:4700::1%1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1",
    "172.15.0.1", "172.32.0.1", "192.167.1.1", "198.17.1.1", "223.255.255.254", "2606:4700::1111",
    "2a00:1450:4001::200e", "2400:cb00::1", "::ffff:8.8.8.8", "2606:4700::5efe:8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("text", INNER)
def test_an_inner_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Rule().check(text)
    assert refused.value.code == "egress.address"


@pytest.mark.parametrize("text", INNER)
def test_a_name_that_resolves_to_one_is_refused_even_beside_a_public_one(text: str) -> None:
    for found in ([text], ["8.8.8.8", text], [text, "8.8.8.8"]):
        way = Egress(resolver=lambda host, port, seconds, found=found: found)
        with pytest.raises(InvalidInput) as refused:
            way.fetch(Request("http://name.example/"))
        assert refused.value.code == "egress.address"


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_allowed(text: str) -> None:
    expected = ipaddress.ip_address(text.removeprefix("::ffff:"))
    assert Rule().check(text) == expected


def test_what_is_not_an_address_is_refused() -> None:
    for text in ("", "127.1", "2130706433", "0x7f.1", "localhost", "1.2.3.4/8", "１.１.１.１"):
        with pytest.raises(InvalidInput):
            Rule().check(text)


def test_a_named_network_is_allowed_and_nothing_beside_it() -> None:
    rule = Rule(
        networks=(ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("64:ff9b::/96"))
    )
    assert str(rule.check("10.1.2.3")) == "10.1.2.3"
    assert str(rule.check("::ffff:10.1.2.3")) == "10.1.2.3"
    assert str(rule.check("64:ff9b::8.8.8.8")) == "64:ff9b::808:808"
    for text in ("10.2.0.1", "127.0.0.1", "64:ff9b::127.0.0.1", "2002:a01:1::"):
        with pytest.raises(InvalidInput):
            rule.check(text)


def test_our_own_addresses_are_refused_though_public() -> None:
    rule = Rule(own=(ipaddress.ip_network("8.8.8.0/24"),))
    for text in ("8.8.8.8", "::ffff:8.8.8.8"):
        with pytest.raises(InvalidInput):
            rule.check(text)
    assert str(rule.check("8.8.4.4")) == "8.8.4.4"
