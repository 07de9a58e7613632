"""How long readings are kept, and from how many on they are shown as unusual: `[access]`.

    [access]
    keep_days = 730                     # left out: for ever; at least 90

    [access.per_hour]                   # and the same under [access.per_day]
    views = 300
    downloads = 60
    searches = 120
    denials = 20

- No value switches anything off: every reading is recorded whatever stands here, a limit is at
  least 1, and nothing younger than 90 days can be removed.
- Read strictly: what is misspelt is refused, not passed over.

Not its job: counting, removing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: Final = ("views", "downloads", "searches", "denials")
SHORTEST: Final = 90  # days
_PER_HOUR: Final = {"views": 300, "downloads": 60, "searches": 120, "denials": 20}
_PER_DAY: Final = {"views": 1500, "downloads": 300, "searches": 600, "denials": 60}
_KNOWN: Final = frozenset({"keep_days", "per_hour", "per_day"})


def _hour() -> Mapping[str, int]:
    return dict(_PER_HOUR)


def _day() -> Mapping[str, int]:
    return dict(_PER_DAY)


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What the settings say of readings; `keep_days` is None where they are kept for ever."""

    keep_days: int | None = None
    # No part of the hash: a workspace with its settings is a key of caches.
    per_hour: Mapping[str, int] = field(default_factory=_hour, hash=False)
    per_day: Mapping[str, int] = field(default_factory=_day, hash=False)


def read_access_rules(section: object) -> AccessRules:
    """Return what the section `access` of the settings says; raises InvalidInput."""
    table = _table(section, _KNOWN)
    days = table.get("keep_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int)):
        raise _refused("keep_days is a number of days")
    if days is not None and days < SHORTEST:
        raise _refused(f"readings are kept for at least {SHORTEST} days, not {days}")
    return AccessRules(
        days,
        _limits(table.get("per_hour", {}), _PER_HOUR),
        _limits(table.get("per_day", {}), _PER_DAY),
    )


def access_lines(rules: AccessRules) -> Iterator[str]:
    """Give the lines of the settings that say the same again."""
    if rules.keep_days is not None:
        yield from ("", "[access]", f"keep_days = {rules.keep_days}")
    for name, limits, usual in (
        ("per_hour", rules.per_hour, _PER_HOUR),
        ("per_day", rules.per_day, _PER_DAY),
    ):
        if dict(limits) != usual:
            yield from ("", f"[access.{name}]")
            yield from (f"{kind} = {limits[kind]}" for kind in KINDS)


def _limits(section: object, usual: Mapping[str, int]) -> Mapping[str, int]:
    table = _table(section, frozenset(KINDS))
    for kind, limit in table.items():
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
            raise _refused(f"{kind} is a number from 1 on")
    return {**usual, **cast("dict[str, int]", table)}


def _table(section: object, known: frozenset[str]) -> dict[str, object]:
    if not isinstance(section, Mapping):
        raise _refused("this section holds names and values")
    table = dict(cast("Mapping[str, object]", section))
    for name in table:
        if name not in known:
            raise _refused(f"{name!r} is not known here")
    return table


def _refused(what: str) -> InvalidInput:
    return InvalidInput(
        f"[access] cannot be used: {what}",
        code="workspace.access",
        hint="See the manual on who looked: it lists what may stand there.",
    )
