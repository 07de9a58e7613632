"""The recovery sheet that `init` prints: what must be kept away from the machine, and why.

It goes to standard error, where no script keeps it, and is printed once: nothing on the machine can
print it again, because the private halves of two keys are forgotten with this process.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.archive.shares import split
from muniment.errors import InvalidInput

if TYPE_CHECKING:
    from muniment.archive.age_format import Identity
    from muniment.archive.workspace import Workspace
    from muniment_server.commands.init import Made

RECOVERY: Final = "recovery-share-"
ESCROW: Final = "escrow-share-"
_NUMBERS: Final = re.compile(r"([0-9]{1,2})-of-([0-9]{1,2})")


def numbers(text: str) -> tuple[int, int] | None:
    """Return how many shares are needed of how many, `2-of-3`; None for no text.

    Raises InvalidInput, before anything is made.
    """
    if not text:
        return None
    found = _NUMBERS.fullmatch(text)
    if found is None:
        raise InvalidInput(
            f"'{text}' says of no number of shares how many are needed",
            code="share.number",
            hint="Write it as 2-of-3.",
        )
    needed, count = int(found[1]), int(found[2])
    split(b"\0", needed, count)  # refuses what cannot be
    return needed, count


def _second_key(workspace: Workspace) -> list[str]:
    """Name the log's ML-DSA-44 key: its line is too long for paper, its fingerprint is not."""
    from muniment.archive.signing import public_keys

    later = public_keys(workspace, workspace.origin, workspace.log_key)[1:]
    return [
        "            and one of ML-DSA-44, for later decades, which `muniment log key` prints;\n"
        f"            SHA-256 of its line: {sha256(one.text.encode()).hexdigest()}"
        for one in later
    ]


def sheet(made: Made, shares: tuple[int, int] | None) -> str:
    """Return the sheet, with both private keys whole or in shares."""
    workspace = made.workspace
    return "\n".join(
        [
            "",
            "RECOVERY SHEET: print it and keep it away from this machine. It is shown once.",
            "",
            f"Workspace   {workspace.name}",
            f"Origin      {workspace.origin}",
            f"Log key     {made.log_key}",
            *_second_key(workspace),
            "",
            "The log key above is public. Give it to everyone who will check what you export:",
            "whoever has it from you can tell your log from a forgery.",
            "",
            *_keys(made, shares),
            "",
            *_copies(workspace),
            "",
        ]
    )


def _keys(made: Made, shares: tuple[int, int] | None) -> list[str]:
    told = [
        "Closed material is encrypted to keys in the keys folder. Two more are only on this sheet:",
        "",
        "  Recovery key: opens all closed material that was neither sealed nor shredded. Needed",
        "  when keys are lost: muniment keys recover",
        "  Escrow key: alone opens what two people sealed.",
        "",
    ]
    if shares is None:
        return [
            *told,
            f"  Recovery    {made.secrets.recovery.text}",
            f"  Escrow      {made.secrets.escrow.text}",
            "",
            "Whoever has them and a copy of this workspace can read what is closed. An",
            "organisation should rather have them in shares (muniment init --shares 2-of-3).",
        ]
    needed, count = shares
    told += [
        f"Each is in {count} shares, and any {needed} of them give it back. Cut here, and give",
        f"each part to another person in another place. With fewer than {needed} nobody learns",
        "anything.",
    ]
    pairs = zip(
        _shares(made.secrets.recovery, needed, count, RECOVERY),
        _shares(made.secrets.escrow, needed, count, ESCROW),
        strict=True,
    )
    for place, (recovery, escrow) in enumerate(pairs, 1):
        told += [
            "",
            f"- - - - - - - - - - share {place} of {count}: {made.workspace.origin}",
            f"  {recovery}",
            f"  {escrow}",
        ]
    return [*told, "- - - - - - - - - -"]


def _shares(key: Identity, needed: int, count: int, prefix: str) -> list[str]:
    return [one.text(prefix) for one in split(key.secret, needed, count)]


def _copies(workspace: Workspace) -> list[str]:
    return [
        "Back up together, and test that you can read them back:",
        f"  {workspace.archive}   the evidence and its log",
        f"  {workspace.keys}   the private keys; readable by you only",
        "The database is made again from these two:",
        "  muniment rebuild --from ARCHIVE --keys KEYS DIR",
        "`muniment backup DEST` copies both, encrypted. Keep the key it makes (keys/backup.key)",
        "elsewhere.",
        "",
        "Whoever has the keys folder can sign in this log's name and read what is closed. If it",
        "is lost, nothing can be added to this log, and everything already exported still checks;",
        "the recovery key opens closed material as long as keys/subjects.keys is in a copy. If it",
        "is stolen, stop and begin a new log.",
    ]
