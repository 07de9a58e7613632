"""Damage to a workspace of two hundred items: `muniment check` finds all of it and names it.

Every case is checked by the whole of the check that answers for it (all of the archive, or all of
the rows), in this process; a sample goes through the command as a person gives it.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.archive.check import check_archive
from muniment.archive.workspace import read_settings
from muniment.seal.key_file import read_keys
from tests.faults import drill
from tests.faults.counts import cases, tell
from tests.faults.damage import Archive, Damage, Rows, flipped, unnamed

if TYPE_CHECKING:
    from muniment.archive.workspace import Workspace
    from muniment.custody.keys import VerifierKey

    Keys = tuple[VerifierKey, ...]

ITEMS, COLLECTIONS = 200, 60
ARCHIVE_CASES = cases(700, 30_000)
VALUE_CASES = cases(200, 17_000)
PAGE_CASES = cases(100, 3_000)
SAMPLED = cases(20, 200)  # of the archive's cases, through the command
CLEAN = cases(25, 1000)


@pytest.fixture(scope="module")
def model(template: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace of two hundred items, published in stages, so that it has several heads."""
    from muniment.archive.outcome import Refused
    from muniment.capture.file import capture_file
    from muniment_server.accounts import queries
    from muniment_server.catalogue import services
    from muniment_server.custody.ledger import publishing

    place = tmp_path_factory.mktemp("damage")
    workspace = drill.lay_out(template, place / "filled")
    drill.enter_anew(workspace)
    by = queries.machine_actor(workspace.agent)
    folder = place / "sources"
    folder.mkdir()
    for start in range(0, ITEMS, 25):
        names = [folder / f"{one:03}" for one in range(start, start + 25)]
        for number, name in enumerate(names, start):
            name.write_bytes(f"SPECIMEN {number} ".encode() * (1 + number * 37 % 100))
        found = [capture_file(os.fsencode(name)) for name in names]
        with closing(services.receive_files(by, found, services.Provenance("faults"))) as groups:
            assert not [one for group in groups for one in group if isinstance(one, Refused)]
        publishing.publish()
    for number in range(COLLECTIONS):
        services.make_collection(by, title=f"SPECIMEN {number}")
    publishing.publish()
    drill.leave()
    return workspace


@pytest.fixture
def filled(model: Workspace, place: Path) -> Workspace:
    """A copy of it, to be damaged."""
    shutil.copytree(model.root, place / "filled")
    return read_settings(place / "filled")


@pytest.fixture
def keys(filled: Workspace) -> Keys:
    """The public keys of its log."""
    return tuple([one.verifier for one in read_keys(filled.log_key)])


def missed_in_archive(workspace: Workspace, keys: Keys, some: list[Damage]) -> dict[str, list[str]]:
    """Do the damage case by case; return what no check named, by case."""
    archive = Archive(workspace.archive)
    missed: dict[str, list[str]] = {}
    for number, damage in enumerate(some):
        archive.do(damage)
        try:
            left = unnamed(
                damage, check_archive(workspace.archive, key=keys[0], later=keys[1:]).problems
            )
            if number % max(1, len(some) // SAMPLED) == 0:
                left += _unsaid(workspace, damage)
        except Exception as error:  # noqa: BLE001 - a check that ends in a traceback names nothing
            left = [repr(error)]
        archive.undo(damage)
        if left:
            missed[f"{number}: {damage}"] = left
    return missed


def _unsaid(workspace: Workspace, damage: Damage) -> list[str]:
    """Say what the command neither names nor makes again from the database, as it was."""
    from muniment.archive.problem import Problem

    drill.enter_anew(workspace)
    code, document = drill.answer(workspace.root, "check")
    drill.leave()
    if damage.kind == "remove" and not code and Archive(workspace.archive).has(damage):
        return []
    if code != 1 or document is None or "problems" not in document:
        return [f"`muniment check`: exit code {code}, {document}"]
    return unnamed(damage, [Problem(**one) for one in document["problems"]])


def missed_in_rows(workspace: Workspace, count: int) -> dict[str, Any]:
    """Flip a bit of so many values, one at a time; return what no check named."""
    from muniment_server.custody.ledger import checking

    drill.enter_anew(workspace)
    rows = Rows(workspace)
    chance = random.Random(20261121)
    tables = defaultdict(list)
    for one in rows.values:
        tables[one.table].append(one)
    missed: dict[str, Any] = {}
    done = 0
    while done < count:
        value = chance.choice(tables[chance.choice(sorted(tables))])
        old = rows.flip(value, chance)
        if old is None:
            continue
        done += 1
        try:
            subjects = [one.subject for one in checking.check_rows(lambda _: None)]
        except Exception as error:  # noqa: BLE001 - as above
            subjects = [repr(error)]
        renamed = value.column in {"id", "index"}  # the row is named as it is called now
        if not subjects or (value.name not in subjects and not renamed):
            missed[f"{value}"] = subjects
        rows.put_back(value, old)
    assert checking.check_rows(lambda _: None) == []
    drill.leave()
    return missed


@pytest.mark.slow
def test_damage_to_the_archive_is_found_and_named(
    filled: Workspace, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    some = list(Archive(filled.archive).cases(ARCHIVE_CASES, 20261121))
    missed = missed_in_archive(filled, keys, some)
    each = Counter(one.kind for one in some)
    listed = ", ".join(f"{kind} {number}" for kind, number in sorted(each.items()))
    tell(capsys, f"{len(some)} cases of damage to files ({listed}), {len(missed)} missed")
    assert missed == {}


@pytest.mark.slow
def test_an_edited_value_is_found_and_named(
    filled: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = missed_in_rows(filled, VALUE_CASES)
    tell(capsys, f"{VALUE_CASES} values edited in the database, {len(missed)} missed")
    assert missed == {}


@pytest.mark.slow
def test_damage_to_the_database_file_is_found_or_changes_nothing(
    filled: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    drill.enter_anew(filled)
    rows = Rows(filled)
    drill.leave()
    told, whole = rows.told(), filled.database_file.read_bytes()
    chance = random.Random(20261121)
    results: Counter[str] = Counter()
    wrong: dict[int, str] = {}
    for number in range(PAGE_CASES):
        filled.database_file.write_bytes(flipped(whole, chance))
        try:
            now = rows.told()
            changed = [
                (now.get(one), told.get(one))
                for one in now.keys() | told
                if now.get(one) != told.get(one)
            ]
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: a column's name
            changed = [(error.args, None)]
        code, document = drill.answer(filled.root, "check")
        drill.leave()
        found = code != 0
        results["found" if found else "missed" if changed else "nothing changed"] += 1
        if (changed and not found) or code == drill.UNCAUGHT or document is None:
            wrong[number] = f"{code} {document} {changed[:1]}"
        for suffix in ("-wal", "-shm"):
            filled.database_file.with_name(filled.database_file.name + suffix).unlink(
                missing_ok=True
            )
    filled.database_file.write_bytes(whole)
    tell(capsys, f"{PAGE_CASES} bits flipped in the database file: {dict(results)}")
    assert wrong == {}


@pytest.mark.slow
def test_an_old_copy_of_the_database_is_found(filled: Workspace) -> None:
    from muniment_server.accounts import queries
    from muniment_server.catalogue import services

    old = filled.database_file.read_bytes()
    drill.enter_anew(filled)
    services.make_collection(queries.machine_actor(filled.agent), title="SPECIMEN newer")
    drill.leave()
    filled.database_file.write_bytes(old)
    code, document = drill.answer(filled.root, "check")
    assert (code, document and document["problems"][0]["code"]) == (1, "workspace.refused")


@pytest.mark.slow
def test_nothing_is_found_where_nothing_is_wrong(
    filled: Workspace, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    from muniment_server.custody.ledger import checking

    drill.enter_anew(filled)
    for _ in range(CLEAN):
        assert check_archive(filled.archive, key=keys[0], later=keys[1:]).problems == ()
        assert checking.check_rows(lambda _: None) == []
    drill.leave()
    tell(capsys, f"{CLEAN} clean checks, no false alarm")


@pytest.mark.slow
@pytest.mark.parametrize("defect", ["objects", "heads", "rows"])
def test_the_suite_catches_a_check_that_looks_away(
    filled: Workspace, keys: Keys, defect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.archive import fixity
    from muniment.archive.log_check import LogCheck
    from muniment_server.custody.ledger import checking

    some = list(Archive(filled.archive).cases(30, 1))
    if defect == "rows":
        monkeypatch.setattr(checking, "_digest", lambda _fields: b"")
        assert missed_in_rows(filled, 30)
        return
    if defect == "objects":
        monkeypatch.setattr(fixity, "_check", lambda _objects, _digest, _hasher: 1)
    else:
        monkeypatch.setattr(LogCheck, "_compare_heads", lambda _self, _head: None)
    assert missed_in_archive(filled, keys, some)
