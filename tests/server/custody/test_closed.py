"""Closed compartments end to end: sealed on disk, whole for the cleared, rebuilt row for row."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from muniment.archive.check import check_archive
from muniment.archive.keyring import Keyring
from muniment.capture.file import capture_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment
    from muniment_server.custody.policies import Actor

CANARY = b"canary-7f3a the witness lives behind the mill"
SOURCE = "canary-source-91"


@pytest.fixture
def closed(workspace: Workspace, machine: Actor) -> tuple[Actor, Compartment]:
    """A closed compartment, and this machine cleared for it."""
    from muniment_server.accounts import queries
    from muniment_server.custody import services
    from muniment_server.custody.models import Agent

    made = services.create_compartment(machine, name="witnesses", title="Witnesses")
    services.grant_clearance(machine, Agent.objects.get(pk=machine.agent), made)
    return queries.machine_actor(workspace.agent), made


def add(by: Actor, compartment: Compartment, *paths: Path) -> list[Item]:
    """Deposit files in a compartment."""
    from muniment.archive.outcome import Refused
    from muniment_server.catalogue.services import Provenance, receive_files

    found = [capture_file(os.fsencode(path)) for path in paths]
    said = Provenance(source=SOURCE, compartment=compartment.pk)
    with closing(receive_files(by, found, said)) as groups:
        received = [one for group in groups for one in group]
    assert not any(isinstance(one, Refused) for one in received)
    return [one.item for one in received if not isinstance(one, Refused)]


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A file nobody else may read."""
    path = tmp_path / "canary-name-55.txt"
    path.write_bytes(CANARY * 3)
    return path


def holding(folder: Path, *needles: bytes) -> list[str]:
    """The files below a folder that hold one of the texts."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(one in path.read_bytes() for one in needles)
    )


def test_the_archive_holds_nothing_in_clear(
    workspace: Workspace, closed: tuple[Actor, Compartment], note: Path
) -> None:
    """Neither bytes, nor names, nor sources; an open copy of the same shows that one would see."""
    from muniment_server.catalogue.models import Item
    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing

    by, compartment = closed
    digest = sha256(note.read_bytes()).hexdigest()
    needles = (CANARY, b"canary-name", SOURCE.encode(), digest.encode())
    [item] = add(by, compartment, note)
    publishing.publish()
    assert holding(workspace.root, *needles) == []
    [row] = Item.objects.filter(pk=item.pk)
    assert (row.title, row.source) == (note.name, SOURCE)
    assert not Item.objects.filter(title_folded__contains="canary").exists()
    with queries.open_object(item.pk, "", item.parts.get().stored_sha256) as stream:
        assert stream.read() == note.read_bytes()
    home = queries.compartment_named(by, "open")
    add(by, home, note)
    publishing.publish()
    assert holding(workspace.archive / "objects", *needles)


def test_a_reader_who_is_cleared_gets_the_bytes(
    closed: tuple[Actor, Compartment], note: Path
) -> None:
    """And another reader is told that there is no such record."""
    from muniment.errors import NotFound
    from muniment_server.catalogue import queries

    by, compartment = closed
    [item] = add(by, compartment, note)
    _part, stream = queries.open_part(by, item.number, "1")
    with stream:
        assert stream.read() == note.read_bytes()
    assert queries.bytes_checked(item)[0] == "proved"
    with pytest.raises(NotFound):
        queries.open_part(
            replace(by, compartments=by.compartments - {compartment.pk}), item.number, "1"
        )


def test_the_same_bytes_under_the_same_source_stay_one_item(
    workspace: Workspace, closed: tuple[Actor, Compartment], note: Path
) -> None:
    """What was sealed a second time for nothing is gone again, and its key with it."""
    by, compartment = closed
    [first] = add(by, compartment, note)
    before = holding(workspace.archive / "objects", b"age-encryption.org/v1")
    [second] = add(by, compartment, note)
    assert first.pk == second.pk
    assert holding(workspace.archive / "objects", b"age-encryption.org/v1") == before


def test_check_without_keys_says_what_it_did_not_look_into(
    workspace: Workspace, closed: tuple[Actor, Compartment], note: Path
) -> None:
    """Objects and sealed details at their digests; a flipped bit or a lost object is found."""
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.ledger.checking import check_rows

    by, compartment = closed
    [item] = add(by, compartment, note)
    publishing.publish()
    report = check_archive(workspace.archive)
    assert report.ok
    assert any("closed" in one for one in report.not_checked)
    assert check_rows(lambda _: None) == []
    name = item.parts.get().stored_sha256 or ""
    stored = workspace.archive / "objects" / name[:2] / name[2:]
    content = stored.read_bytes()
    stored.chmod(0o644)
    stored.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert {one.code for one in check_archive(workspace.archive).problems} == {"object.damaged"}
    stored.unlink()
    assert {one.code for one in check_archive(workspace.archive).problems} == {"object.missing"}
    stored.write_bytes(content)
    details = list((workspace.archive / "details").rglob("*.jsonl"))
    [holder] = [path for path in details if name.encode() in path.read_bytes()]
    holder.chmod(0o644)
    text = holder.read_text()
    start = text.rindex('"age":"', 0, text.index(name)) + 400
    other = "A" if text[start] != "A" else "B"
    holder.write_text(text[:start] + other + text[start + 1 :])
    assert {one.code for one in check_archive(workspace.archive).problems} == {"details.damaged"}


def test_an_export_holds_the_plain_bytes_and_checks(
    closed: tuple[Actor, Compartment], note: Path, tmp_path: Path, workspace: Workspace
) -> None:
    """The reader of a bundle needs no key, and the second copy of the act has the same bytes."""
    from muniment.plugins import exporters
    from muniment.verify import Overall, verify
    from muniment_server.disclosure.services import Order, export, export_again

    by, compartment = closed
    items = add(by, compartment, note)
    exporter = exporters()["exhibit"]
    package, written = export(by, items, Order("the court"), exporter, tmp_path / "one.zip")
    again = export_again(by, package, exporter, tmp_path / "two.zip")
    assert written.sha256 == again.sha256
    assert CANARY in written.path.read_bytes()
    report = verify(written.path, log_keys=(), require=frozenset())
    assert report.verdict is Overall.INTACT_SELF_ATTESTED
    assert holding(workspace.archive, CANARY, SOURCE.encode(), b"the court") == []


def test_a_workspace_is_rebuilt_row_for_row_with_its_keys(
    workspace: Workspace, closed: tuple[Actor, Compartment], note: Path, tmp_path: Path
) -> None:
    """From archive and keys alone; without the keys of the subjects it is refused."""
    from muniment_server.custody.ledger import publishing, state
    from muniment_server.custody.ledger.checking import check_rows
    from muniment_server.custody.models import Leaf

    by, compartment = closed
    [item] = add(by, compartment, note)
    publishing.publish()
    assert Keyring(workspace.keys).home_of(item.pk.hex) == compartment.pk.hex

    def rows() -> dict[str, object]:
        found: dict[str, object] = {
            f"{state.label(model)}/{row.pk.hex}": state.encode(row)
            for model in state.recorded_models()
            for row in model._default_manager.all()
        }
        sealed = {
            f"{state.label(model)}/{row.pk.hex} sealed": bytes(row.closed_text or b"")
            for model in state.recorded_models()
            for row in model._default_manager.all()
        }
        return found | sealed | {f"#{leaf.index}": leaf.disclosures for leaf in Leaf.objects.all()}

    before = rows()
    if workspace.database:
        return
    from muniment_server.commands.rebuild import rebuild

    rebuild(workspace.archive, workspace.keys, tmp_path / "again")
    assert rows() == before
    assert check_rows(lambda _: None) == []


def test_names_of_people_are_sealed_to_the_vault_in_open_compartments_too(
    workspace: Workspace, machine: Actor, person: Callable[..., Actor]
) -> None:
    """The archive shows none; where the vault's key is missing, that is said."""
    from muniment_server.custody.ledger import publishing
    from muniment_server.custody.ledger.checking import check_rows

    name = person("analyst", "canary-person").name
    publishing.publish()
    assert name
    assert holding(workspace.archive, name.encode()) == []
    report = check_archive(workspace.archive)
    assert report.ok
    assert report.not_checked
    keys = Keyring(workspace.keys)
    assert check_archive(workspace.archive, keys=keys.key_named).ok
    assert check_rows(lambda _: None) == []

    (workspace.keys / "vault.key").unlink()
    assert {one.code for one in check_rows(lambda _: None)} == {"key.missing"}


def test_the_vaults_key_comes_back_with_the_recovery_key(tmp_path: Path) -> None:
    """And with no other."""
    from muniment.archive.age_format import Identity
    from muniment.errors import TamperSuspected

    keys = Keyring(tmp_path)
    founded = keys.found()
    before = keys.vault
    assert not keys.recover_vault(founded.recovery)
    (tmp_path / "vault.key").unlink()
    with pytest.raises(TamperSuspected):
        keys.recover_vault(Identity.generate())
    assert keys.recover_vault(founded.recovery)
    assert keys.vault == before


def test_what_was_examined_is_sealed_and_never_on_a_disk(
    workspace: Workspace, closed: tuple[Actor, Compartment], tmp_path: Path
) -> None:
    """Findings and the thumbnail of a closed picture, and the plain bytes only in memory."""
    from PIL import Image

    from muniment_server.catalogue import queries
    from muniment_server.catalogue.services import examine_items

    by, compartment = closed
    picture = tmp_path / "canary-picture.png"
    Image.new("RGB", (640, 480), (200, 30, 30)).save(picture)
    [item] = add(by, compartment, picture)
    found = [one for group in examine_items(by, [item]) for one in group]
    assert found
    [thumbnail] = queries.renditions_of(item)
    assert thumbnail.stored_sha256
    _row, stream = queries.open_rendition(by, item.number, thumbnail.pk.hex)
    with stream:
        small = stream.read()
    assert sha256(small).hexdigest() == thumbnail.sha256
    assert holding(workspace.root, small[:64], thumbnail.sha256.encode(), b"canary-picture") == []


def test_a_shredded_closed_item_opens_for_nobody_and_the_rest_stays(
    workspace: Workspace, closed: tuple[Actor, Compartment], tmp_path: Path
) -> None:
    """With the key gone what is left of it on any disk is noise; its neighbour still opens."""
    from muniment.errors import NotFound
    from muniment_server.catalogue import queries

    by, compartment = closed
    paths = [tmp_path / "gone.txt", tmp_path / "stays.txt"]
    for path in paths:
        path.write_bytes(CANARY + path.name.encode())
    gone, stays = add(by, compartment, *paths)
    Keyring(workspace.keys).destroy(gone.pk.hex)
    with pytest.raises(NotFound) as refused:
        queries.open_part(by, gone.number, "1")
    assert refused.value.code == "key.destroyed"
    assert queries.item(by, gone.number).title == ""
    assert queries.bytes_checked(queries.item(by, gone.number))[0] == "absent"
    assert queries.item(by, stays.number).title == "stays.txt"
    assert queries.bytes_checked(stays)[0] == "proved"


def test_whoever_is_not_cleared_for_the_usual_compartment_adds_nothing_there(
    workspace: Workspace, closed: tuple[Actor, Compartment], note: Path
) -> None:
    """Neither by name nor by leaving the name away."""
    from muniment.errors import NotFound
    from muniment_server.custody import queries

    by, compartment = closed
    assert workspace.root.is_dir()
    stranger = replace(by, compartments=frozenset())
    for name in (compartment.name, ""):
        with pytest.raises(NotFound):
            queries.compartment_named(stranger, name)
    with pytest.raises(NotFound):
        add(stranger, compartment, note)


def test_a_damaged_closed_object_is_named_with_its_item(
    closed: tuple[Actor, Compartment], note: Path
) -> None:
    """Mending knows objects by what is stored, which of a closed item is not its content."""
    from muniment_server.catalogue.services.mending import _holders

    by, compartment = closed
    [item] = add(by, compartment, note)
    part = item.parts.get()
    assert [one.item.pk for one in _holders(by, part.stored_sha256 or "")] == [item.pk]
    assert _holders(by, part.sha256) == []
