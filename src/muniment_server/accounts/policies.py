"""What each role may do, and who may change who works here.

- A permission is named in the list of acts, or is one of the readings below; a role is a set of
  permissions and nothing else.
- No role may do everything: an administrator manages people and reads no evidence by that role.
- What two people do (decision 0017): whoever works on evidence may ask, a lawyer may approve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.evidence.acts import ACTS
from muniment_server.accounts.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from muniment_server.custody.policies import Actor

READ = frozenset({"record.read"})
READINGS = READ | {"item.download", "log.read", "access.read"}


def _acts(*prefixes: str) -> frozenset[str]:
    return frozenset(
        kind.permission for name, kind in ACTS.items() if name.split(".")[0] in prefixes
    )


#: what only a person can say, and not the machine that asks
_SAID_BY_PEOPLE = frozenset({ACTS["clock.confirmed"].permission})
EVERYTHING = READINGS | frozenset(kind.permission for kind in ACTS.values()) - _SAID_BY_PEOPLE

_INVESTIGATE = (
    READ
    | {"item.download"}
    | _acts("item", "rendition", "collection", "source", "claim", "assessment", "batch")
    | _acts("hold", "existence")
    | {ACTS["approval.asked"].permission, ACTS["approval.refused"].permission}
)
_ANALYSE = _INVESTIGATE | _acts("incident", "person", "unit", "posting", "victim")
_PEOPLE = _acts("agent", "role", "clearance", "compartment", "credential") | {
    ACTS["person.added"].permission,
    ACTS["person.ended"].permission,
}

#: beginning a new log where the old one cannot go on takes two of these people
_RESTART = ACTS["log.epoch"].permission

PERMISSIONS: Mapping[str, frozenset[str]] = {
    Role.ADMINISTRATOR: _PEOPLE | {"log.read", "access.read", _RESTART} | _SAID_BY_PEOPLE,
    Role.INVESTIGATOR: _INVESTIGATE - _PEOPLE,
    Role.ANALYST: _ANALYSE - _PEOPLE,
    Role.LAWYER: (
        _ANALYSE
        | _acts("situation", "case", "lead", "suspect", "charge", "cell", "opinion", "package")
        | _acts("approval")
        | {_RESTART}
    )
    - _PEOPLE,
    Role.READER: READ,
    Role.AUDITOR: READ | {"log.read", "access.read"},
}


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """Return what roles allow together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def may_add_person(by: Actor) -> bool:
    """Say who may let somebody work here."""
    return by.may("person.add")


def may_end_person(by: Actor) -> bool:
    """Say who may end somebody's work here."""
    return by.may("person.end")


def may_grant_role(by: Actor) -> bool:
    """Say who may give and take roles."""
    return by.may("role.grant")


def may_see_people(by: Actor) -> bool:
    """Say who may see who works here."""
    return by.may("person.add") or by.may("access.read")


def may_change_credentials(by: Actor) -> bool:
    """Say who may change their own credentials: everyone who can log in."""
    return bool(by.agent)
