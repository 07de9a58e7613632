"""From the settings of a workspace to the authorities that are asked, and the rule of going out.

- The files of certificates are read when somebody asks for time, and refused where they hold none.
- An authority whose root says that it proves nothing bears a name that says so.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography import x509

from muniment.egress import Rule
from muniment.errors import InvalidInput
from muniment.seal.rfc3161 import Qualification, Standing, TimeAuthority
from muniment.seal.rfc3161.authority import DEMONSTRATION, is_demonstration

if TYPE_CHECKING:
    from muniment.archive.outside import NamedAuthority
    from muniment.archive.workspace import Workspace

_LARGEST: Final = 1 << 20


def authorities_of(workspace: Workspace) -> tuple[TimeAuthority, ...]:
    """Return the authorities that the settings name.

    Raises InvalidInput (`authority.*`) for one that cannot be used.
    """
    return tuple([_authority(one, workspace) for one in workspace.outside.authorities])


def egress_rule(workspace: Workspace) -> Rule:
    """Return what is reached: public addresses, and what the settings name beside them.

    The ports of the authorities that the settings name are open too.
    """
    outside = workspace.outside
    try:
        asked = {urlsplit(one.url).port for one in outside.authorities}
    except ValueError as error:
        message = f"the address of a time authority cannot be used: {error}"
        raise InvalidInput(message, code="authority.url") from None
    return Rule(
        networks=tuple([ip_network(one) for one in outside.networks]),
        ports=Rule().ports | set(outside.ports) | {port for port in asked if port},
        own=tuple([ip_network(one) for one in outside.own]),
    )


def _authority(named: NamedAuthority, workspace: Workspace) -> TimeAuthority:
    roots = _certificates(named, named.roots, workspace)
    if any(map(is_demonstration, roots)) and not named.name.startswith(DEMONSTRATION):
        message = f"the authority {named.name} proves nothing, and its name has to say so"
        hint = f'Write name = "{DEMONSTRATION}" in muniment.toml.'
        raise InvalidInput(message, code="authority.demonstration", hint=hint)
    return TimeAuthority(
        named.name,
        named.url,
        roots,
        _certificates(named, named.intermediates, workspace) if named.intermediates else (),
        frozenset(named.policies),
        Qualification(Standing(named.standing or Standing.NOT_KNOWN), named.basis),
        needs_revocation=named.needs_revocation,
    )


def _certificates(
    named: NamedAuthority, path: str, workspace: Workspace
) -> tuple[x509.Certificate, ...]:
    try:
        with (workspace.root / path).open("rb") as file:
            return tuple(x509.load_pem_x509_certificates(file.read(_LARGEST)))
    except (OSError, ValueError):
        message = f"{path} holds no certificates of {named.name} in PEM"
        hint = "Name a file below the workspace, with certificates as you had them from elsewhere."
        raise InvalidInput(message, code="authority.roots", hint=hint) from None
