"""What of the outside a workspace names: networks that may be reached, authorities for time.

    [egress]
    networks = ["10.20.0.0/16"]         # closed networks, besides all public addresses
    ports = [8318]                      # besides 80 and 443
    own = ["203.0.113.9/32"]            # public addresses of this installation, never dialled

    [[time.authority]]                  # two that do not depend on each other
    name = "Example TSA"
    url = "https://tsa.example/"
    roots = "time/example-root.pem"     # as you had it from elsewhere than its replies
    standing = "qualified"              # or "not qualified"; left out where nobody looked
    basis = "trusted list of …, seen on …"

- Nothing is named unless somebody names it: Muniment ships no authority and no network.
- Values only, read strictly: what is misspelt is refused, not passed over.

Not its job: reading the certificates, going out (`time_queue`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final, cast

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

_PORTS: Final = range(1, 1 << 16)
_TEXTS: Final = ("name", "url", "roots", "intermediates", "standing", "basis")
_REACHED: Final = frozenset({"networks", "ports", "own"})
_KNOWN: Final = frozenset({*_TEXTS, "policies", "needs_revocation"})


@dataclass(frozen=True, slots=True)
class NamedAuthority:
    """An authority for time as the settings name it; `roots` and `intermediates` are files.

    Their paths begin at the workspace. `standing` is `qualified`, `not qualified` or empty.
    """

    name: str
    url: str
    roots: str
    intermediates: str = ""
    policies: tuple[str, ...] = ()
    standing: str = ""
    basis: str = ""
    needs_revocation: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything of the outside that the settings name."""

    networks: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    own: tuple[str, ...] = ()
    authorities: tuple[NamedAuthority, ...] = ()


def read_outside(egress: object, time: object) -> Outside:
    """Return what the sections `egress` and `time` of the settings name; raises InvalidInput."""
    section, times = _table(egress, _REACHED), _table(time, frozenset({"authority"}))
    authorities = tuple(
        [_authority(one) for one in _list(times.get("authority", []), "[[time.authority]]")]
    )
    if len({one.name for one in authorities}) != len(authorities):
        raise _refused("two time authorities have one name")
    return Outside(
        networks=_networks(section.get("networks", []), "networks"),
        ports=_ports(section.get("ports", [])),
        own=_networks(section.get("own", []), "own"),
        authorities=authorities,
    )


def outside_lines(outside: Outside) -> Iterator[str]:
    """Give the lines of the settings that name the same again."""
    lists: tuple[tuple[str, tuple[str, ...] | tuple[int, ...]], ...] = (
        ("networks", outside.networks),
        ("ports", outside.ports),
        ("own", outside.own),
    )
    if any(values for _, values in lists):
        yield from ("", "[egress]")
        for name, values in lists:
            if values:
                yield f"{name} = {json.dumps(list(values))}"
    for one in outside.authorities:
        yield from ("", "[[time.authority]]")
        for name in _TEXTS:
            text: str = getattr(one, name)
            if text:
                yield f"{name} = {json.dumps(text, ensure_ascii=False)}"
        if one.policies:
            yield f"policies = {json.dumps(list(one.policies))}"
        if one.needs_revocation:
            yield "needs_revocation = true"


def _authority(value: object) -> NamedAuthority:
    table = _table(value, _KNOWN)
    named = NamedAuthority(
        name=_text(table, "name"),
        url=_text(table, "url"),
        roots=_text(table, "roots"),
        intermediates=_text(table, "intermediates"),
        policies=tuple(_texts(table.get("policies", []), "policies")),
        standing=_text(table, "standing"),
        basis=_text(table, "basis"),
        needs_revocation=table.get("needs_revocation", False) is True,
    )
    if not (named.name and named.url and named.roots):
        raise _refused("a time authority has a name, a url and a file of roots")
    if named.standing not in {"", "qualified", "not qualified"}:
        raise _refused('the standing of a time authority is "qualified" or "not qualified"')
    if named.standing and not named.basis.strip():
        raise _refused("whether a time authority is qualified is said with its basis or not at all")
    if not isinstance(table.get("needs_revocation", False), bool):
        raise _refused("needs_revocation is true or false")
    return named


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise _refused(f"{name} is a text")
    return value


def _texts(value: object, name: str) -> list[str]:
    texts = [one for one in _list(value, name) if isinstance(one, str)]
    if len(texts) != len(_list(value, name)):
        raise _refused(f"{name} are texts")
    return texts


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise _refused(f"{name} are a list")
    return cast("list[object]", value)


def _networks(value: object, name: str) -> tuple[str, ...]:
    try:
        return tuple([str(ip_network(one)) for one in _texts(value, name)])
    except ValueError as error:
        raise _refused(f"a network cannot be used: {error}") from None


def _ports(value: object) -> tuple[int, ...]:
    found = [one for one in _list(value, "ports") if isinstance(one, int) and one in _PORTS]
    if len(found) != len(_list(value, "ports")) or any(isinstance(one, bool) for one in found):
        raise _refused("ports are numbers from 1 to 65535")
    return tuple(found)


def _table(value: object, known: frozenset[str]) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise _refused("it is not written as a section")
    table = cast("Mapping[str, object]", value)
    strange = sorted(name for name in table if name not in known)
    if strange:
        raise _refused(f"{', '.join(strange)} is no setting here")
    return table


def _refused(message: str) -> InvalidInput:
    hint = "See [egress] and [[time.authority]] in docs/how-to/have-time-stamped.md."
    return InvalidInput(
        f"muniment.toml cannot be used: {message}", code="workspace.outside", hint=hint
    )
