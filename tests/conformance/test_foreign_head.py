"""A head that another implementation signed with ML-DSA-44, as C2SP tlog-cosignature says.

Key and note are from filippo.io/torchwood, `cmd/litewitness/testdata/mldsa.txt` at fac5716 (ISC
licence, © 2023 The Torchwood Authors).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.custody.head_signature import check_head
from muniment.custody.keys import VerifierKey
from muniment.custody.note import parse_note
from muniment.errors import TamperSuspected

HEADS = Path(__file__).parent / "heads"
KEY = VerifierKey.parse((HEADS / "torchwood-ml-dsa-44.key").read_text().strip())
NOTE = (HEADS / "torchwood-ml-dsa-44.checkpoint").read_bytes()


def test_a_foreign_head_checks() -> None:
    assert check_head(parse_note(NOTE), KEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"\n1\n", b"\n2\n"), (b"+zoErt", b"+zoErs"), (b"td9FxQAAAAAAAAAAk", b"td9FxQAAAAAAAAABk")],
)
def test_a_foreign_head_that_was_changed_does_not(old: bytes, new: bytes) -> None:
    assert old in NOTE
    with pytest.raises(TamperSuspected):
        check_head(parse_note(NOTE.replace(old, new, 1)), KEY)
