"""Custody-log §5, row by row: what is found after a fault, and what becomes of it."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from muniment.cli.main import main

if TYPE_CHECKING:
    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

Check = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def check(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run `muniment check` with these words; its exit code and its document."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        from muniment_server.custody.ledger import sealing

        sealing._sealers.clear()  # as a new process would
        capsys.readouterr()
        code = main(["-w", str(workspace.root), "--json", "check", *words])
        return code, json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def replica(workspace: Workspace, items: Callable[..., list[Item]], tmp_path: Path) -> Path:
    """A workspace with three items, and a copy of its archive."""
    from muniment_server.custody.ledger import publishing

    items("a.txt", "b.txt", "c.txt")
    publishing.publish()
    shutil.copytree(workspace.archive, tmp_path / "copy")
    return tmp_path / "copy"


def digest_of(number: str = "M-00001") -> str:
    from muniment_server.catalogue.models import Part

    return Part.objects.get(item__number=number).sha256


def place(workspace: Workspace, sha256: str) -> Path:
    return workspace.archive / "objects" / sha256[:2] / sha256[2:]


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def kinds(number: str = "M-00001") -> list[str]:
    """The acts of an item, in order."""
    from muniment_server.catalogue.models import Item
    from muniment_server.custody import queries

    return [leaf.kind for leaf in queries.chain_of(Item.objects.get(number=number).pk)]


def codes(document: dict[str, Any]) -> list[str]:
    return sorted({one["code"] for one in document["problems"]})


# ── row 1: temporary file, or object without a row ──────────────────────────────────────────────


def test_leftovers_of_a_crash_are_no_error(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    from muniment.archive.objects import FolderStore

    store = FolderStore(workspace.archive)
    loose = store.put_bytes(b"stored, and then the power went")
    fresh, old = (workspace.archive / "tmp" / name for name in ("fresh", "old"))
    fresh.write_bytes(b"half")
    old.write_bytes(b"half")
    yesterday = time.time() - 25 * 60 * 60
    os.utime(old, (yesterday, yesterday))
    assert check("--repair")[0] == 0
    assert (fresh.exists(), old.exists(), store.has(loose.sha256)) == (True, False, True)


# ── row 2: row without object, or object with another digest ────────────────────────────────────


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: rewrite(path, b"other bytes"),
        lambda path: rewrite(path, path.read_bytes()[:3]),
        lambda path: (path.unlink(), path.symlink_to("/etc/hostname")),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["lost", "rotten", "cut", "a link", "a folder"],
)
def test_an_object_is_put_back_from_a_replica(
    harm: Callable[[Path], object], workspace: Workspace, replica: Path, check: Check
) -> None:
    sha256 = digest_of()
    path = place(workspace, sha256)
    good = path.read_bytes()
    harm(path)
    was_there = os.path.lexists(path)

    code, document = check("--repair", "--replica", str(replica))
    assert code == 1, "that it happened is for people to look into"
    assert [one["subject"] for one in document["repaired"]] == [sha256]
    assert path.read_bytes() == good
    assert kinds()[-1] == "item.repaired"
    aside = workspace.archive / "quarantine"
    assert (aside.exists() and len(list(aside.iterdir()))) == was_there
    assert check()[0] == 0


def test_an_object_that_no_copy_has_is_set_aside_and_recorded_once(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    path = place(workspace, digest_of())
    rewrite(path, b"rot")
    for copy in (replica / "objects").rglob("*"):
        if copy.is_file():
            rewrite(copy, b"the copy is rotten too")
    for _ in range(2):
        code, document = check("--repair", "--replica", str(replica))
        assert (code, document["ok"], document["repaired"]) == (1, False, [])
    assert kinds() == ["item.received", "item.damaged"]
    kept = [one for one in (workspace.archive / "objects").rglob("*") if one.is_file()]
    assert len(kept) == 2, "nothing of the rotten copy was taken"
    (aside,) = (workspace.archive / "quarantine").iterdir()
    assert (aside.read_bytes(), path.exists()) == (b"rot", False)


def test_what_was_lost_can_be_put_back_later(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    place(workspace, digest_of()).unlink()
    check("--repair")
    check("--repair", "--replica", str(replica))
    assert kinds() == ["item.received", "item.damaged", "item.repaired"]
    assert check()[0] == 0


def test_swapped_objects_heal_each_other(workspace: Workspace, replica: Path, check: Check) -> None:
    one, other = (place(workspace, digest_of(number)) for number in ("M-00001", "M-00002"))
    first, second = one.read_bytes(), other.read_bytes()
    rewrite(one, second)
    rewrite(other, first)
    code, document = check("--repair")
    assert (code, len(document["repaired"])) == (1, 2)
    assert (one.read_bytes(), other.read_bytes()) == (first, second)
    assert check()[0] == 0


def test_replicas_of_the_settings_are_used(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    from dataclasses import replace

    from muniment.archive.workspace import write_settings

    write_settings(replace(workspace, replicas=(Path("../gone"), replica)))
    place(workspace, digest_of()).unlink()
    check("--repair")
    assert check()[0] == 0


def test_a_folder_that_is_no_replica_is_refused(
    workspace: Workspace, replica: Path, check: Check, tmp_path: Path
) -> None:
    code, document = check("--repair", "--replica", str(tmp_path / "nowhere"))
    assert (code, document["error"]["code"]) == (2, "replica.none")


def test_a_check_without_repair_changes_nothing(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    path = place(workspace, digest_of())
    rewrite(path, b"rot")
    assert codes(check()[1]) == ["object.damaged", "object.size"]
    assert path.read_bytes() == b"rot"
    assert kinds() == ["item.received"]


def test_what_is_no_object_is_set_aside(workspace: Workspace, replica: Path, check: Check) -> None:
    (workspace.archive / "objects" / "notes.txt").write_text("left here")
    assert codes(check("--repair")[1]) == ["object.stray"]
    (aside,) = (workspace.archive / "quarantine").iterdir()
    assert aside.read_text() == "left here"
    assert check()[0] == 0


# ── row 3: more leaves than tiles or signed head; and what was published and is lost ────────────


def test_what_was_committed_before_a_crash_is_signed_and_published(
    workspace: Workspace, machine: Actor, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    from muniment.archive.log_files import published_size
    from muniment_server.catalogue import services
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import sealing

    def crash() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "seal", crash)
        with pytest.raises(KeyboardInterrupt):
            services.make_collection(machine, title="committed, not signed")
    size = queries.custody_head().size
    assert published_size(workspace.archive) < size
    assert check()[0] == 0
    assert published_size(workspace.archive) == size


LOST = ["log/tile", "log/checkpoint", "log/checkpoints", "log", "details", "details/recent"]


@pytest.mark.parametrize("lost", LOST)
def test_what_is_lost_of_the_log_is_made_again(
    lost: str, workspace: Workspace, replica: Path, check: Check
) -> None:
    before = _published(workspace)
    path = workspace.archive / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, document = check("--repair", "--replica", str(replica))
    assert (code, document["problems"]) == (0, [])
    assert check()[0] == 0
    assert _content(_published(workspace)) == _content(before)


def _content(files: dict[str, bytes]) -> dict[str, bytes]:
    """The published log, and its details whatever files they are in."""
    lines = [line for name in files if "details" in name for line in files[name].splitlines()]
    lines.sort(key=lambda line: int(json.loads(line)["index"]))
    shown = {name: data for name, data in files.items() if "details" not in name}
    shown |= {
        name: _as_signed(data) for name, data in shown.items() if name.startswith("log/checkpoint")
    }
    return shown | {"details": b"\n".join(lines)}


def _as_signed(head: bytes) -> bytes:
    """A head with its first signature: ML-DSA signs the same head otherwise each time."""
    text, _, signatures = head.partition(b"\n\n")
    return text + signatures.splitlines()[0]


def test_a_lost_head_is_signed_again_without_a_replica(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    shutil.rmtree(workspace.archive / "log")
    assert check("--repair")[0] == 0
    newest = (replica / "log" / "checkpoint").read_bytes()
    signed = (workspace.archive / "log" / "checkpoint").read_bytes()
    assert _as_signed(signed) == _as_signed(newest)
    assert check()[0] == 0


def test_every_changed_file_of_the_log_is_made_again(
    workspace: Workspace, replica: Path, check: Check
) -> None:
    before = _published(workspace)
    for name in sorted(before):
        if not (workspace.archive / name).exists():
            continue  # details that a repair gathered in one file
        path = workspace.archive / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        rewrite(path, bytes(data))
        assert check()[0] == 1, name
        code, document = check("--repair", "--replica", str(replica))
        assert (code, document["problems"]) == (0, []), name
        assert _content(_published(workspace)) == _content(before), name


def _published(workspace: Workspace) -> dict[str, bytes]:
    return {
        str(path.relative_to(workspace.archive)): path.read_bytes()
        for folder in ("log", "details")
        for path in (workspace.archive / folder).rglob("*")
        if path.is_file()
    }


# ── row 4: the root at a signed size differs, or the table is smaller ───────────────────────────


@pytest.mark.parametrize(
    "statements",
    [
        (
            'DELETE FROM custody_leaf WHERE "index" = (SELECT max("index") FROM custody_leaf)',
            "UPDATE custody_head SET size = size - 1",
        ),
        ('UPDATE custody_leaf SET data = hash WHERE "index" = 4',),
        ('UPDATE custody_leaf SET hash = data WHERE "index" = 2',),
    ],
    ids=["smaller", "another leaf", "another digest"],
)
def test_another_history_is_refused_and_nothing_repaired(
    statements: tuple[str, ...], workspace: Workspace, replica: Path, check: Check
) -> None:
    place(workspace, digest_of()).unlink()
    shutil.rmtree(workspace.archive / "log" / "tile")
    _without_triggers(*statements)
    code, document = check("--repair", "--replica", str(replica))
    assert code == 1
    assert "repair.refused" in codes(document)
    assert document["repaired"] == []
    assert not (workspace.archive / "log" / "tile").exists()
    assert not place(workspace, digest_of()).exists()
    assert main(["-w", str(workspace.root), "add", str(replica / "log" / "checkpoint")]) == 1


@pytest.mark.parametrize("sizes", [(1, ()), (2, ()), (1, ("x",))], ids=["one", "two", "forged"])
def test_a_consistent_older_state_is_refused_by_the_memory_of_the_signer_alone(
    sizes: tuple[int, tuple[str, ...]], workspace: Workspace, replica: Path, check: Check
) -> None:
    from muniment.custody.leaf import leaf_hash
    from muniment.custody.merkle import Frontier
    from muniment_server.custody import queries

    lost, forged = sizes
    size = queries.custody_head().size - lost
    hashes = [digest for _, _, digest in queries.hashed_leaves(0, size)]
    hashes += [leaf_hash(b"forged") for _ in forged]
    frontier = Frontier().appended(hashes).to_bytes()
    _without_triggers(f'DELETE FROM custody_leaf WHERE "index" >= {size + len(forged)}')
    with connection.cursor() as cursor:
        if forged:
            cursor.execute(
                'UPDATE custody_leaf SET data = %s, hash = %s WHERE "index" = %s',
                [b"forged", hashes[-1], size],
            )
        cursor.execute(
            "UPDATE custody_head SET size = %s, frontier = %s", [size + len(forged), frontier]
        )
    shutil.rmtree(workspace.archive / "log")
    code, document = check("--repair", "--replica", str(replica))
    assert (code, document["repaired"]) == (1, [])
    assert {"repair.refused", "workspace.refused"} <= set(codes(document))
    assert not [name for name in _published(workspace) if name.startswith("log/")]


def _without_triggers(*statements: str) -> None:
    """Act as somebody who owns the database would."""
    with connection.cursor() as cursor:
        for table, word in (("leaf", "update"), ("leaf", "delete"), ("head", "update")):
            of = f" ON custody_{table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER refuse_{word}_custody_{table}{of}")
        for statement in statements:
            cursor.execute(statement)


# ── row 5: a row differs from the state in its last act ─────────────────────────────────────────


def test_an_edited_row_is_a_finding_that_repair_leaves_to_people(
    replica: Path, check: Check
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_item SET title = 'edited' WHERE number = 'M-00002'")
    for words in ((), ("--repair",)):
        code, document = check(*words)
        assert (code, codes(document)) == (1, ["row.differs"])
