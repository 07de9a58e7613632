"""A log whose heads a simulated authority stamps, with a clock that tests set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from muniment.archive.outside import NamedAuthority, Outside
from muniment.archive.time_queue import TimeQueue
from muniment.archive.time_tokens import Keeping, keep_stamp
from muniment.archive.workspace import Workspace
from muniment.custody.keys import SigningKey
from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.library.archive.ledger import ORIGIN, Ledger

if TYPE_CHECKING:
    from muniment.seal.rfc3161.client import Stamp

SECOND = f"{NAME} (second)"


@dataclass
class Stamped:
    """A workspace, its log, its authorities and the time."""

    workspace: Workspace
    ledger: Ledger
    simulators: list[SimulatedAuthority]
    #: eight years ago: some tests let many years pass, and a check believes no token of tomorrow
    moment: datetime = field(
        default_factory=lambda: datetime.now(UTC).replace(microsecond=0) - timedelta(days=3000)
    )

    def pass_time(self, **time: int) -> None:
        """Let time pass, for the authorities too."""
        self.moment += timedelta(**time)
        for one in self.simulators:
            one.now = self.moment

    def grow(self, number: int = 1) -> None:
        """Add acts and publish them."""
        self.ledger.append(number)
        self.ledger.publish()

    def queue(self) -> TimeQueue:
        """The queue, as a process that has just begun holds it."""
        return TimeQueue(
            self.workspace, self.ledger.key.verifier, self.keep, now=lambda: self.moment
        )

    def keep(self, size: int, stamp: Stamp, received: datetime, url: str) -> None:
        """Keep a stamp as the application does."""
        keeping = Keeping(received, len(self.ledger.lines), url)
        keep_stamp(self.workspace.archive, size, stamp, keeping)

    def name(self, *authorities: NamedAuthority) -> None:
        """Change the settings."""
        outside = replace(self.workspace.outside, authorities=authorities)
        self.workspace = replace(self.workspace, outside=outside)


def stamped_log(folder: Path, *simulators: SimulatedAuthority) -> Stamped:
    """A log of five entries and the authorities that are named for it, of which none was asked."""
    (folder / "archive").mkdir()
    named = []
    for name, one in zip((NAME, SECOND), simulators, strict=False):
        assert one.urls
        path = folder / f"root-{one.urls.port}.pem"
        path.write_bytes(one.root.certificate.public_bytes(Encoding.PEM))
        named.append(NamedAuthority(name, one.urls.stamps, path.name))
    outside = Outside(networks=("127.0.0.0/8",), authorities=tuple(named))
    ledger = Ledger(folder / "archive", SigningKey.generate(ORIGIN))
    made = Stamped(
        Workspace(folder, "archive", ORIGIN, "0" * 32, outside=outside), ledger, [*simulators]
    )
    made.pass_time()
    made.grow(5)
    return made
