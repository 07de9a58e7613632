"""The keys of closed compartments: who can open what, and how that ends (custody-log §6).

    keys/
    ├── compartment-<id>.key    a compartment's private key (age, 0600); `.next`, `.old` in rotation
    ├── subjects.keys           each subject's data key, wrapped (`key_store`)
    ├── recovery.pub escrow.pub the public halves of keys that are not on this machine
    ├── vault.key .pub .age     what opens the names of people; sealed to the recovery key as well
    └── match.key               what makes digests that only this workspace can compare

- Every subject has a data key from birth; its objects, details and rows are sealed to that alone.
- A data key is wrapped to its compartment's key and to the recovery key. Sealed: to the escrow key
  alone. Destroyed: to nothing, and overwritten.
- A rotation can be killed at any step and is finished by calling it again; the old key goes last.
- Keys are read anew for every use: what another process destroyed does not live on in this one.

Not its job: what is sealed with a data key; shares of the recovery key (`shares`).
"""

from __future__ import annotations

import fcntl
import hmac
import os
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from muniment.archive.age_format import Identity, Recipient, open_bytes, seal_bytes
from muniment.archive.age_key_files import (
    read_identity,
    read_key_file,
    write_identity,
    write_key_file,
)
from muniment.archive.durability import cannot_write
from muniment.archive.key_store import DESTROYED, ESCROW, KeyStore, Wrapped, overwrite
from muniment.archive.sealed_details import VAULT
from muniment.errors import InvalidInput, NotFound, TamperSuspected, Unavailable
from muniment.seal.key_file import sync_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

__all__ = ["DESTROYED", "ESCROW", "Founded", "Keyring"]

_MATCH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Founded:
    """The two private keys that never stand on this machine: printed once, then forgotten."""

    recovery: Identity
    escrow: Identity


class Keyring:
    """The keys folder of one workspace, as far as closed compartments go."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the workspace's `keys`; see `found`."""
        self._folder = folder
        self._store = KeyStore(folder / "subjects.keys")

    def found(self) -> Founded:
        """Make everything but compartments, durably, and return what is to be printed.

        Raises Conflict where there is a keyring already, Unavailable.
        """
        founded = Founded(Identity.generate(), Identity.generate())
        self._store.create()
        for name, key in (("recovery", founded.recovery), ("escrow", founded.escrow)):
            write_key_file(self._folder / f"{name}.pub", f"{key.recipient.text}\n".encode())
        vault = write_identity(self._folder / "vault.key", Identity.generate())
        write_key_file(self._folder / "vault.pub", f"{vault.recipient.text}\n".encode())
        sealed = seal_bytes(vault.text.encode(), [founded.recovery.recipient])
        write_key_file(self._folder / "vault.age", sealed)
        match = os.urandom(_MATCH_BYTES).hex()
        write_key_file(self._folder / "match.key", f"{match}\n".encode())
        return founded

    @property
    def founded(self) -> bool:
        """Whether this workspace has a keyring."""
        return (self._folder / "subjects.keys").exists()

    # -- compartments ------------------------------------------------------------------------

    def create_compartment(self, compartment: str) -> None:
        """Make the key of a compartment, by its id (32 hex digits); once made, it stays."""
        with self._alone():
            if self._store.recipient_of(compartment) is not None:
                return
            path = self._path(compartment)
            key = (
                read_identity(path) if path.exists() else write_identity(path, Identity.generate())
            )
            self._store.set_recipient(compartment, key.recipient.text)

    def compartments(self) -> list[str]:
        """Return the ids of the compartments that have a key."""
        return self._store.homes()

    def rotate(self, compartment: str, *, using: Sequence[Identity] = ()) -> int:
        """Give a compartment a new key and wrap its data keys anew; return how many those were.

        One that was broken off is finished instead. `using` opens what the old key does not: the
        recovery key, where the old key is lost. Raises NotFound for a compartment without a key,
        TamperSuspected where a data key cannot be opened; then the old key stays.
        """
        with self._alone():
            if self._store.recipient_of(compartment) is None:
                raise NotFound(
                    "there is no such compartment, or it is open", code="compartment.no_key"
                )
            path, coming, going = self._generations(compartment)
            if going.exists() and not coming.exists():
                key = read_identity(path)
            else:
                key = (
                    read_identity(coming)
                    if coming.exists()
                    else write_identity(coming, Identity.generate())
                )
            self._store.set_recipient(compartment, key.recipient.text)
            count = self._wrap_anew(compartment, key, using)
            self._exchange(path, coming, going)
            return count

    def _wrap_anew(self, compartment: str, key: Identity, using: Sequence[Identity]) -> int:
        recipients = (key.recipient, self.recovery)
        opening = (*self._identities(compartment), *using)
        count = 0
        while some := self._store.wrapped_otherwise(compartment, key.recipient.text):
            changes = [
                (one, self._wrap(one.obj, _opened(one, opening), compartment, recipients))
                for one in some
            ]
            self._store.replace(changes)
            count += len(some)
        return count

    def _exchange(self, path: Path, coming: Path, going: Path) -> None:
        """Put the coming key in the place of the old one, which is overwritten and removed."""
        try:
            if coming.exists():
                if path.exists() and not going.exists():
                    os.link(path, going)
                    sync_folder(self._folder)
                coming.replace(path)
                sync_folder(self._folder)
            overwrite(going)
            going.unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise cannot_write(error) from error

    # -- subjects ----------------------------------------------------------------------------

    def new_subject(self, obj: str, compartment: str) -> Identity:
        """Make a subject's data key, wrapped and durable; raises as `new_subjects`."""
        return self.new_subjects([obj], compartment)[obj]

    def new_subjects(self, subjects: Sequence[str], compartment: str) -> dict[str, Identity]:
        """Make the data keys of many subjects in one round of durability; return them by subject.

        Raises NotFound where the compartment has no key, Conflict where a subject has one already.
        """
        made = {obj: Identity.generate() for obj in subjects}
        recovery = self.recovery
        with self._store.adding(compartment) as adding:
            recipients = (Recipient.parse(adding.recipient), recovery)
            for obj, key in made.items():
                adding.add(obj, seal_bytes(key.text.encode(), recipients))
        return made

    def ensure_subjects(self, subjects: Iterable[str], compartment: str) -> dict[str, Identity]:
        """Return the data keys of subjects, making those that are missing; raises as both do."""
        wanted = list(dict.fromkeys(subjects))
        known = self._store.find(wanted)
        opened = self.open_subjects([obj for obj in wanted if obj in known])
        missing = [obj for obj in wanted if obj not in known]
        return opened | (self.new_subjects(missing, compartment) if missing else {})

    def open_subject(self, obj: str) -> Identity:
        """Return a subject's data key.

        Raises NotFound where it has none (`key.missing`) or had one that was destroyed
        (`key.destroyed`), Unavailable where only the escrow key opens it (`key.in_escrow`),
        TamperSuspected where no key here does.
        """
        return self.open_subjects([obj])[obj]

    def open_subjects(self, subjects: Iterable[str]) -> dict[str, Identity]:
        """Return the data keys of many subjects; raises as `open_subject`."""
        wanted = list(dict.fromkeys(subjects))
        found = self._store.find(wanted)
        known: dict[str, tuple[Identity, ...]] = {}
        opened: dict[str, Identity] = {}
        for obj in wanted:
            one = found.get(obj)
            if one is None or one.home in {DESTROYED, ESCROW}:
                raise _closed(obj, one)
            if one.home not in known:
                known[one.home] = self._identities(one.home)
            try:
                opened[obj] = _opened(one, known[one.home])
            except TamperSuspected:  # or a rotation went past between the two
                again = self._store.find([obj])[obj]
                opened[obj] = _opened(again, self._identities(again.home))
        return opened

    def home_of(self, obj: str) -> str | None:
        """Return the compartment whose key opens a subject, ESCROW, DESTROYED, or None."""
        found = self._store.find([obj]).get(obj)
        return None if found is None else found.home

    def homes_of(self, subjects: Iterable[str]) -> dict[str, str]:
        """Return the same for many subjects; those without a data key are left out."""
        return {obj: one.home for obj, one in self._store.find(subjects).items()}

    def rewrap(self, obj: str, to: str, *, using: Sequence[Identity] = ()) -> None:
        """Wrap a subject's data key to another compartment, or to ESCROW, and to nothing else.

        `using` opens one that no key here does: the escrow key, on the way back. Raises as
        `open_subject`, and NotFound for a compartment without a key.
        """
        found = self._store.find([obj]).get(obj)
        if found is None or found.home == DESTROYED or (found.home == ESCROW and not using):
            raise _closed(obj, found)
        key = _opened(found, (*self._identities(found.home), *using))
        recipients: tuple[Recipient, ...] = (self.escrow,)
        if to != ESCROW:
            recipient = self._store.recipient_of(to)
            if recipient is None:
                raise NotFound("this compartment has no key", code="key.missing")
            recipients = (Recipient.parse(recipient), self.recovery)
        self._store.replace([(found, self._wrap(obj, key, to, recipients))])

    def destroy(self, *subjects: str) -> None:
        """Destroy the data keys of subjects: what was sealed to them opens for nobody any more.

        Durable when it returns, and overwritten where the file system allows; again is the same.
        Copies elsewhere (backups) are not touched.
        """
        self._store.destroy(subjects)

    def snapshot(self) -> bytes:
        """Return the wrapped data keys as of one moment, for a copy of the workspace."""
        return self._store.snapshot()

    # -- other keys --------------------------------------------------------------------------

    @property
    def recovery(self) -> Recipient:
        """The public half of the recovery key; its private half is on paper, or in shares."""
        return self._public("recovery.pub")

    @property
    def escrow(self) -> Recipient:
        """The public half of the escrow key."""
        return self._public("escrow.pub")

    @property
    def vault(self) -> Identity:
        """What opens the names of people; raises NotFound, Unavailable."""
        return read_identity(self._folder / "vault.key")

    @property
    def vault_recipient(self) -> Recipient:
        """What names of people are sealed to: enough for whoever only writes."""
        return self._public("vault.pub")

    def recover_vault(self, recovery: Identity) -> bool:
        """Put back a lost vault key with the recovery key; say whether it was lost."""
        path = self._folder / "vault.key"
        if path.exists():
            return False
        key = Identity.parse(open_bytes((self._folder / "vault.age").read_bytes(), [recovery])
                             .decode("ascii"))  # fmt: skip
        write_identity(path, key)
        return True

    def key_named(self, name: str) -> Identity:
        """Return what opens sealed details: a subject's data key, or the vault's.

        Raises as `open_subject`.
        """
        return self.vault if name == VAULT else self.open_subject(name)

    def keyed_digest(self, sha256_hex: str) -> str:
        """Return a digest of a digest that means nothing without this workspace's own key."""
        return self.keyed_digests([sha256_hex])[sha256_hex]

    def keyed_digests(self, digests: Iterable[str]) -> dict[str, str]:
        """Return the same for many, by the digest in hex."""
        secret = bytes.fromhex(read_key_file(self._folder / "match.key").strip())
        return {one: hmac.digest(secret, bytes.fromhex(one), sha256).hex() for one in digests}

    def _public(self, name: str) -> Recipient:
        return Recipient.parse(read_key_file(self._folder / name, private=False).strip())

    def _path(self, compartment: str) -> Path:
        if len(compartment) != 32 or not set(compartment) <= set("0123456789abcdef"):  # noqa: PLR2004 - an id
            raise InvalidInput(
                "a compartment's id is 32 hexadecimal digits", code="key.compartment"
            )
        return self._folder / f"compartment-{compartment}.key"

    def _generations(self, compartment: str) -> tuple[Path, Path, Path]:
        path = self._path(compartment)
        return path, path.with_suffix(".next"), path.with_suffix(".old")

    def _identities(self, home: str) -> tuple[Identity, ...]:
        if home in {ESCROW, DESTROYED}:
            return ()
        found: list[Identity] = []
        for path in self._generations(home):
            try:
                found.append(read_identity(path))
            except NotFound:
                continue
        return tuple(found)

    def _wrap(self, obj: str, key: Identity, home: str, recipients: Sequence[Recipient]) -> Wrapped:
        data = seal_bytes(key.text.encode(), recipients)
        return Wrapped(obj, home, recipients[0].text, data)

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Hold the folder, so that no two change a compartment's key at once."""
        try:
            descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise cannot_write(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _opened(one: Wrapped, identities: Sequence[Identity]) -> Identity:
    return Identity.parse(open_bytes(one.data, identities).decode("ascii"))


def _closed(obj: str, found: Wrapped | None) -> NotFound | Unavailable:
    if found is None:
        return NotFound(
            f"the subject {obj} has no data key here",
            code="key.missing",
            hint="Put the keys folder of this workspace back in its place.",
        )
    if found.home == ESCROW:
        return Unavailable(
            "this is sealed: only the escrow key opens it",
            code="key.in_escrow",
            hint="Two people can have it opened with the key that is kept elsewhere.",
        )
    return NotFound(
        "this was shredded: its key was destroyed",
        code="key.destroyed",
        hint="The log keeps its place and order; the content is gone for good.",
    )
