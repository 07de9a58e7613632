"""Sealing the details of acts in closed compartments before they are written anywhere.

- Every subject of a closed compartment has a data key before its first leaf is written; the keys of
  a group are made durable together (custody-log §6).
- An act that takes its subject's key away is sealed to a key of its own, which stays: otherwise
  nobody could read who decided it, and why.
- `chain` stays in clear, so that order and chains can be checked without keys, and for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from muniment.archive.keyring import DESTROYED, ESCROW
from muniment.archive.sealed_details import MARK, VAULT, seal_disclosures
from muniment.evidence.disclosure import open_disclosure
from muniment_server.custody.ledger.reading import WITHDRAWN
from muniment_server.database.closed import (
    Disclosed,
    keyring,
    opened,
    split_stored,
    stored_form,
    stored_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from muniment.archive.age_format import Identity
    from muniment.archive.details import DetailsLine
    from muniment.archive.sealed_details import SealedDetails
    from muniment.errors import MunimentError
    from muniment.evidence.canonical import Json
    from muniment_server.custody.ledger.appending import PendingAct
    from muniment_server.custody.models import Recorded

#: acts after which their subject's key opens nothing here
TAKING_KEYS: Final = frozenset({"item.sealed", "item.shredded", "item.destroyed"})

_SHUT: Final = frozenset({"key.destroyed", "key.in_escrow"})


def key_name(act: PendingAct) -> str:
    """Return the name of the data key that an act's details are sealed to."""
    return act.eid if act.kind in TAKING_KEYS else act.obj


def keys_of(acts: Iterable[PendingAct]) -> Mapping[str, Identity]:
    """Return the data keys of the closed ones among these acts, made where there is none yet."""
    homes: dict[str, list[str]] = {}
    for act in acts:
        if act.home:
            homes.setdefault(act.home, []).append(key_name(act))
    found: dict[str, Identity] = {}
    for home, names in homes.items():
        found.update(keyring().ensure_subjects(names, home))
    return found


def keyed_rows(
    home: str, rows: Mapping[str, Iterable[Recorded]]
) -> list[tuple[Recorded, str, Identity]]:
    """Return rows with the keys that their words are sealed to, by subject; none where it is open.

    Raises as `Keyring.ensure_subjects`.
    """
    if not home:
        return []
    keys = keyring().ensure_subjects(rows, home)
    return [(row, obj, keys[obj]) for obj, some in rows.items() for row in some]


def known_rows(
    rows: Mapping[str, Iterable[Recorded]],
) -> Iterator[tuple[Recorded, str, Identity | None]]:
    """Give rows with the keys that there are, by subject: none for what was taken from everybody.

    Raises as `Keyring.open_subject` where a key is missing.
    """
    keys = keyring()
    for obj, some in rows.items():
        key = None if keys.home_of(obj) in {DESTROYED, ESCROW} else keys.open_subject(obj)
        yield from ((row, obj, key) for row in some)


def stored_text(
    texts: Sequence[str], names: Sequence[str], act: PendingAct, keys: Mapping[str, Identity]
) -> str:
    """Return what is stored of an act's disclosures, of which `names` are names of people.

    Names are sealed to the vault in every compartment. Of a closed act the chain stands in clear,
    and what it withdrew, by place in the log alone: whoever checks without keys must tell what was
    taken out from what was lost. Everything else is sealed to its subject.
    """
    vault = _vault(names)
    kept = [text for text in texts if text not in names] if vault else list(texts)
    if not act.home:
        return stored_form(kept, vault) if vault else "\n".join(kept)
    clear = kept[:1]
    if WITHDRAWN in act.groups:
        clear += [text for text in kept if open_disclosure(text).name == WITHDRAWN]
    inside = [text for text in kept if text not in clear]
    if vault:
        inside.append(MARK + vault.to_text())
    name = key_name(act)
    sealed = seal_disclosures(inside, name, keys[name].recipient, _objects(act))
    return stored_form(clear, sealed)


def _vault(names: Sequence[str]) -> SealedDetails | None:
    """Seal names to the vault; a workspace of before there were keys has none."""
    if not names or not keyring().founded:
        return None
    return seal_disclosures(names, VAULT, keyring().vault_recipient)


def sealed_again(disclosures: str, kept: Sequence[str]) -> str:
    """Return what is stored of the disclosures of an act that stay, sealed where they were."""
    clear, sealed = split_stored(stored_of(disclosures))
    inside = [text for text in kept if text not in clear]
    if sealed is None or not inside:
        return "\n".join(kept)
    key = keyring().key_named(sealed.key)
    again = seal_disclosures(inside, sealed.key, key.recipient, sealed.objects)
    return stored_form([text for text in kept if text in clear], again)


def subject_of(line: DetailsLine, chain: Mapping[str, Json]) -> str:
    """Return whose key the rows of an act are sealed to; empty where it is open."""
    closed = line.sealed is not None and line.sealed.key != VAULT
    return str(chain["obj"]) if closed else ""


def opened_line(line: DetailsLine) -> str:
    """Return the disclosures of a line of the archive, opened as far as the keys go.

    What was shredded, or lies in escrow, stays shut; raises as `raise_fault`.
    """
    if line.sealed is None:
        return "\n".join(line.disclosures)
    found = opened(stored_form(line.disclosures, line.sealed))
    raise_fault(found)
    return found


def raise_fault(disclosures: str) -> None:
    """Raise what keeps an act's details from being opened, unless they were taken from everybody.

    Raises NotFound where a key is not in the keys folder, TamperSuspected where one does not open
    what it should, InvalidInput where what is sealed is damaged.
    """
    fault = _fault(disclosures)
    if fault is not None and fault.code not in _SHUT:
        raise fault


def is_shut(disclosures: str) -> bool:
    """Say whether an act's details were taken from everybody here: shredded, or in escrow."""
    fault = _fault(disclosures)
    return fault is not None and fault.code in _SHUT


def is_unopened(disclosures: str) -> bool:
    """Say whether no key here opened an act's details, for whatever reason."""
    return _fault(disclosures) is not None


def _fault(disclosures: str) -> MunimentError | None:
    return disclosures.fault if isinstance(disclosures, Disclosed) else None


def _objects(act: PendingAct) -> list[str]:
    """Return the names of the objects that an act received or made, and of those kept for it."""
    group = act.groups.get("object")
    parts: object = group.get("parts") if isinstance(group, dict) else None
    told = [one for one in parts if isinstance(one, dict)] if isinstance(parts, list) else []
    return [*act.objects, *(str(one.get("stored_sha256") or one.get("sha256")) for one in told)]
