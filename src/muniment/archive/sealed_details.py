"""Details of closed subjects: the same disclosures, sealed to the subject's key (custody-log §6).

    "sealed":{"age":"<base64>","key":"<subject>","objects":["<stored digest>", …],"sha256":"<hex>"}

- `chain` stays beside it in clear: order and chains can be checked without a key, and after the key
  is destroyed. Everything that says who, what, where or why is inside.
- Without a key one can check that the sealed bytes are those that were written (`sha256`), and that
  the objects of the act are there; with the key, every disclosure against the leaf.
- `key` names the data key: the subject's, or the act's own where the act takes that key away; or
  `vault`, to which names of people are sealed in every compartment. Inside what is sealed to a
  subject they stand sealed to the vault again, on a line that begins with `~`.

Not its job: keys (`keyring`), what a disclosure means.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast

from muniment.archive.age_format import open_bytes, seal_bytes
from muniment.archive.layout import is_digest
from muniment.errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from muniment.archive.age_format import Identity, Recipient

VAULT: Final = "vault"
MARK: Final = "~"

_KEY: Final = re.compile(rf"[0-9a-f]{{32}}|{VAULT}")


@dataclass(frozen=True, slots=True)
class SealedDetails:
    """Disclosures that only a data key opens."""

    key: str
    age: bytes
    objects: tuple[str, ...] = ()  # names of the objects that the act received or made

    def to_text(self) -> str:
        """Return the canonical JSON of it, on one line."""
        listed = ",".join([f'"{one}"' for one in self.objects])
        digest = sha256(self.age).hexdigest()
        return (
            f'{{"age":"{b64encode(self.age).decode()}","key":"{self.key}",'
            f'"objects":[{listed}],"sha256":"{digest}"}}'
        )

    def open(self, keys: Callable[[str], Identity]) -> tuple[str, ...]:
        """Return the disclosures; `keys` gives the key of a name.

        Raises what `keys` raises, and TamperSuspected where a key does not open what it should.
        """
        texts: list[str] = []
        for text in open_bytes(self.age, [keys(self.key)]).decode("ascii").split("\n"):
            if text.startswith(MARK):
                texts.extend(parse_sealed(json.loads(text.removeprefix(MARK))).open(keys))
            else:
                texts.append(text)
        return tuple(texts)


class Opening:
    """What opens sealed details while an archive is checked, and how many stayed shut."""

    def __init__(self, keys: Callable[[str], Identity] | None = None) -> None:
        """`keys` gives the data key of a name, or raises NotFound or Unavailable."""
        self._keys = keys
        self.shut = 0

    def open(self, sealed: SealedDetails) -> tuple[str, ...] | None:
        """Return the disclosures, or None where no key opens them; raises TamperSuspected."""
        try:
            if self._keys is not None:
                return sealed.open(self._keys)
        except (NotFound, Unavailable):
            pass
        self.shut += 1
        return None


def seal_disclosures(
    texts: Sequence[str], key: str, recipient: Recipient, objects: Iterable[str] = ()
) -> SealedDetails:
    """Seal disclosures to the data key of that name."""
    age = seal_bytes("\n".join(texts).encode("ascii"), [recipient])
    return SealedDetails(key, age, tuple(objects))


def parse_sealed(value: object) -> SealedDetails:
    """Return what a member `sealed` says; raises InvalidInput unless it has the one form.

    Its digest is compared too: bytes that rotted are no sealed details.
    """
    try:
        said = cast("dict[str, object]", value)
        age, key, objects = said["age"], said["key"], said["objects"]
        if isinstance(age, str) and isinstance(key, str) and isinstance(objects, list):
            named = [str(one) for one in cast("list[object]", objects)]
            found = SealedDetails(key, b64decode(age, validate=True), tuple(named))
            if (
                _KEY.fullmatch(key)
                and all(map(is_digest, named))
                and json.loads(found.to_text()) == value
            ):
                return found
    except (ValueError, TypeError, KeyError, Base64Error):
        pass
    message = "sealed details are an age file, the name of its key, objects and its digest"
    raise InvalidInput(message, code="details.sealed")
