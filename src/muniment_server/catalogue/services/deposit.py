"""Depositing files: bytes first, then rows and leaves, then the answer (custody-log §4).

The archive makes a group of files durable; the act that receives them follows; only then is the
group's outcome handed on. Copying of the next group goes on meanwhile.
"""

from __future__ import annotations

import json
import os
from collections import deque
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from muniment.archive.deposit import deposit
from muniment.archive.objects import FolderStore
from muniment.archive.outcome import Refused, Sealing, Stored
from muniment.archive.reserve import Reserve
from muniment.capture.file import capture_file
from muniment_server.catalogue import queries
from muniment_server.catalogue.models import Part
from muniment_server.catalogue.services.acts import Arrival, receive
from muniment_server.catalogue.services.admitting import Admitted
from muniment_server.custody import queries as custody
from muniment_server.custody.services.resending import resumed
from muniment_server.database.closed import keyring

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from muniment.capture.api import Capture
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.acting import Member
    from muniment_server.custody.policies import Actor
    from muniment_server.custody.services.resending import Sent


@dataclass(frozen=True, slots=True)
class Provenance:
    """What whoever brings files says about them."""

    source: str = ""
    collected_by: str = ""
    mandate: str = ""
    reason: str = ""
    #: where the items go; the usual compartment where none is named
    compartment: UUID | None = None
    #: nothing is made of them and nobody is shown them, until two people decide
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is now an item, or whose bytes were held under the same source already."""

    item: Item
    name: bytes
    sha256: str
    size: int
    already_held: bool


def receive_files(
    by: Actor, found: Iterable[Capture | Refused], said: Provenance
) -> Generator[list[Received | Refused]]:
    """Deposit files and receive them as items, a group at a time, in the order found.

    In a closed compartment they are sealed while they are copied, each to its item's own key.

    Close the generator if you stop early. Raises what the seam and the archive raise; everything
    handed out before is committed and signed.
    """
    workspace = custody.workspace()
    store = FolderStore(workspace.archive)
    store.prepare()
    disks = [workspace.archive, workspace.root]
    admitted = Admitted(Reserve(disks, workspace.reserve_mib), found)
    home = custody.placed(by, said.compartment)
    seal = partial(_sealings, home) if custody.is_closed(home) else None
    waiting: deque[list[Stored[Capture] | Refused]] = deque()
    with closing(deposit(store, admitted, seal)) as groups:
        committed = receive(
            by,
            _arrivals(admitted.stored(groups), waiting),
            source=said.source,
            collected_by=said.collected_by,
            mandate=said.mandate,
            compartment=home,
            aside=said.aside,
            reason=said.reason,
        )
        for group in committed:
            new = _by_digest(group.members)
            outcomes = waiting.popleft()
            _forget_doubles(store, outcomes, new)
            yield _answers(by, said.source, home, outcomes, new)
    admitted.complete()


def _sealings(home: UUID, count: int) -> list[Sealing]:
    """Make the keys of so many items to be; what is refused later leaves a key to nothing."""
    made = keyring().new_subjects([uuid4().hex for _ in range(count)], home.hex)
    return [Sealing(obj, key.recipient.text) for obj, key in made.items()]


def _forget_doubles(
    store: FolderStore, group: list[Stored[Capture] | Refused], new: dict[str, Item]
) -> None:
    """Remove what was sealed for a file that turned out to be held already, and its key."""
    kept = {item.pk.hex for item in new.values()}
    doubles = [
        one for one in group if isinstance(one, Stored) and one.subject and one.subject not in kept
    ]
    if doubles:
        keyring().destroy(*[one.subject for one in doubles])
        with store.writing() as folder:
            for one in doubles:
                folder.withdraw(one.stored_sha256)


def receive_uploads(
    by: Actor, uploads: Iterable[tuple[bytes, str]], said: Provenance, sent: Sent | None = None
) -> tuple[int, list[str]]:
    """Receive uploaded files by their names; return how many are held now, and each refusal.

    Sent again with the same key, the answer is that of the first time; what broke off goes on.
    """
    if sent is None:
        return _received(by, uploads, said)

    def run(_start: int) -> bytes:
        return json.dumps(_received(by, uploads, said)).encode()

    held, refused = json.loads(resumed(sent, run))
    return held, refused


def _received(
    by: Actor, uploads: Iterable[tuple[bytes, str]], said: Provenance
) -> tuple[int, list[str]]:
    found = [_upload(name, path) for name, path in uploads]
    held = 0
    refused: list[str] = []
    with closing(receive_files(by, found, said)) as groups:
        for one in (one for group in groups for one in group):
            if isinstance(one, Refused):
                refused.append(one.message)
            else:
                held += 1
    return held, refused


def _upload(name: bytes, path: str) -> Capture | Refused:
    """Return a temporary file under the name the sender gave it."""
    found = capture_file(os.fsencode(path))
    return found if isinstance(found, Refused) else replace(found, name=name)


def _arrivals(
    groups: Iterable[list[Stored[Capture] | Refused]],
    waiting: deque[list[Stored[Capture] | Refused]],
) -> Iterator[list[Arrival]]:
    for group in groups:
        waiting.append(group)
        yield [
            Arrival(_name(one.source), one.sha256, one.size, one.subject, one.stored_sha256)
            for one in group
            if isinstance(one, Stored)
        ]


def _by_digest(members: Iterable[Member]) -> dict[str, Item]:
    parts = (row for member in members for row in member.rows if isinstance(row, Part))
    return {part.sha256: part.item for part in parts}


def _answers(
    by: Actor,
    source: str,
    home: UUID,
    group: list[Stored[Capture] | Refused],
    new: dict[str, Item],
) -> list[Received | Refused]:
    wanted = [one.sha256 for one in group if isinstance(one, Stored) and one.sha256 not in new]
    held = queries.held(by, source, wanted, home) if wanted else {}
    answers: list[Received | Refused] = []
    for one in group:
        if isinstance(one, Refused):
            answers.append(one)
            continue
        # The first file of its bytes made the item; a second one in the group finds it held.
        fresh = new.pop(one.sha256, None)
        item = fresh or held.get(one.sha256)
        if item is None:
            item = queries.held(by, source, [one.sha256], home)[one.sha256]
        answers.append(Received(item, _name(one.source), one.sha256, one.size, fresh is None))
    return answers


def _name(source: Capture) -> bytes:
    """Return a file's name with the folders it stood in, below what was named."""
    return b"/".join((source.folder, source.name)) if source.folder else source.name
