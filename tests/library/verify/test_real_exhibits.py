"""Exhibits by the project's own writer, whole and spoilt: both readers report the same states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.library.verify.readers import assembled, read
from tests.mutations.bags import later, story, whole
from tests.mutations.generator import FAMILIES

if TYPE_CHECKING:
    from pathlib import Path

EACH = 6  # one in so many: tests/mutations reads them all


def test_a_whole_exhibit_is_read_alike_as_zip_and_as_folder(tmp_path: Path) -> None:
    for name, bag in (("whole", whole()), ("later", later())):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(bag.zipped())
        as_zip = read(path, stand_alone=assembled())
        folder = tmp_path / name
        for member, data in bag.files.items():
            (folder / member).parent.mkdir(parents=True, exist_ok=True)
            (folder / member).write_bytes(data)
        assert read(folder, stand_alone=assembled()) == as_zip
        assert as_zip.verdict == "intact_self_attested"


def test_its_key_from_elsewhere_anchors_it(tmp_path: Path) -> None:
    path = tmp_path / "whole.zip"
    path.write_bytes(whole().zipped())
    key = story().ledger.key.verifier.text
    assert read(path, keys=[key], stand_alone=assembled()).verdict == "intact_anchored"


@pytest.mark.parametrize("family", FAMILIES)
def test_spoilt_exhibits_have_the_same_states_for_both(tmp_path: Path, family: str) -> None:
    path = tmp_path / "exhibit.zip"
    for mutation in list(FAMILIES[family]())[::EACH]:
        path.write_bytes(mutation.make())
        keys = [mutation.log_key] if mutation.log_key else []
        outcome = read(path, keys=keys, stand_alone=assembled())
        assert outcome.verdict == "refused", mutation.name
        assert mutation.must <= outcome.failed <= mutation.may, mutation.name
