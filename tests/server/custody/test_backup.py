"""Encrypted copies: what goes in comes back, and what is damaged never replaces what is not."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.cli.main import main
from tests.golden.rows import recorded_rows
from tests.server.conftest import enter

if TYPE_CHECKING:
    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The embedded database, but for tests that ask for both: a copy is made of files alone."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def run(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as a new process would; its exit code and its document."""

    def command(*words: object) -> tuple[int, dict[str, Any]]:
        from muniment_server.custody.ledger import sealing

        sealing._sealers.clear()
        capsys.readouterr()
        code = main(["-w", str(workspace.root), "--json", *map(str, words)])
        return code, json.loads(capsys.readouterr().out)

    return command


@pytest.fixture
def dest(items: Callable[..., list[Item]], run: Run, tmp_path: Path) -> Path:
    """A folder with a first copy of a workspace of three items."""
    items("a.txt", "b.txt", "c.txt")
    code, document = run("backup", tmp_path / "copies")
    assert (code, document["objects"]) == (0, 3)
    return tmp_path / "copies"


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rewrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def a_sealed_object(workspace: Workspace, dest: Path) -> Path:
    """Where the copy of an object is."""
    from muniment.archive.age import read_age_key
    from muniment.archive.backup_folder import BackupFolder

    folder = BackupFolder(dest, read_age_key(workspace.keys / "backup.key"))
    entries = folder.read_set(folder.sets()[-1]).entries
    one = next(one for one in entries if one.path.startswith("archive/objects/"))
    return dest / "sealed" / one.sealed


def an_object(workspace: Workspace) -> Path:
    return next(path for path in (workspace.archive / "objects").rglob("*") if path.is_file())


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_what_was_lost_comes_back_row_for_row_and_goes_on(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    from muniment.archive.workspace import read_settings
    from muniment_server.accounts import queries as accounts
    from muniment_server.catalogue import services
    from muniment_server.custody import queries

    before = recorded_rows()
    archive = {
        name: data for name, data in files(workspace.archive).items() if not name.startswith("tmp/")
    }
    (workspace.root / "witnesses.policy").write_text("quorum none\n")
    run("backup", dest)
    size = queries.custody_head().size
    key = tmp_path / "backup.key"
    shutil.copy(workspace.keys / "backup.key", key)
    shutil.rmtree(workspace.root)

    again = tmp_path / "again"
    code, document = run("restore", dest, again, "--key", key)
    assert (code, document["entries"], document["objects"]) == (0, size, 3)
    assert document["problems"] == []
    assert files(again / "archive") == archive
    restored = read_settings(again)
    assert (restored.name, restored.agent) == (workspace.name, workspace.agent)
    enter(restored)
    assert recorded_rows() == before
    made = services.make_collection(accounts.machine_actor(workspace.agent), title="After")
    assert made.seq == size
    assert not (again / "keys" / "backup.key").exists()
    assert (again / "witnesses.policy").read_text() == "quorum none\n"
    assert {path.stat().st_mode & 0o077 for path in (again / "keys").iterdir()} == {0}


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_the_access_log_comes_back_and_goes_on(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    from muniment.archive.workspace import read_settings
    from muniment_server.accounts import queries as accounts
    from muniment_server.catalogue import queries
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import startup
    from muniment_server.custody.models import Access

    for _ in range(300):
        queries.item(accounts.machine_actor(workspace.agent), "M-00001")
    before = list(Access.objects.order_by("pk").values_list("pk", "eid", "kind", "obj", "by", "at"))
    code, _document = run("backup", dest)
    assert code == 0
    code, document = run("restore", dest, tmp_path / "again")
    assert (code, document["problems"]) == (0, [])
    enter(read_settings(tmp_path / "again"))
    after = list(Access.objects.order_by("pk").values_list("pk", "eid", "kind", "obj", "by", "at"))
    assert after == before != []
    startup.check()
    queries.item(accounts.machine_actor(workspace.agent), "M-00001")
    assert custody.access_log().head().size == len(before) + 1


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_readings_that_the_archive_lacks_are_told_and_a_new_log_begins(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from muniment.archive.workspace import read_settings
    from muniment_server.accounts import queries as accounts
    from muniment_server.catalogue import queries
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody import queries as custody
    from muniment_server.custody.ledger import publishing, sealing, startup

    queries.item(accounts.machine_actor(workspace.agent), "M-00001")
    run("backup", dest)  # which publishes
    queries.item(accounts.machine_actor(workspace.agent), "M-00001")
    sealing.seal_readings()
    publishing.publish()
    capsys.readouterr()
    rebuild(workspace.archive, workspace.keys, tmp_path / "again")
    assert "readings were signed and the archive has" in capsys.readouterr().err
    enter(read_settings(tmp_path / "again"))
    startup.check()
    head = custody.access_log().head()
    assert (head.origin, head.size) == (f"{workspace.origin}/access-2", 0)
    assert (tmp_path / "again" / "archive" / "access-ended-1" / "log" / "checkpoint").exists()
    assert (tmp_path / "again" / "keys" / "access-ended-1.key").exists()
    assert run("check")[0] == 0


def test_a_copy_tells_nothing_in_clear(workspace: Workspace, dest: Path) -> None:
    known: set[bytes] = {b"SPECIMEN", b"PRIVATE+KEY", b"a.txt", workspace.origin.encode()}
    for path in (workspace.archive / "objects").rglob("*"):
        if path.is_file():
            digest = path.parent.name + path.name
            known |= {digest.encode(), digest[2:].encode(), bytes.fromhex(digest)}
            known.add(base64.b64encode(bytes.fromhex(digest)))
    for path in workspace.keys.iterdir():
        known.add(path.read_bytes().strip()[-40:])
    for name, data in files(dest).items():
        for secret in known:
            assert secret not in data, name
            assert secret.decode("latin-1") not in name


def test_a_second_copy_takes_only_what_is_new(
    workspace: Workspace, dest: Path, run: Run, items: Callable[..., list[Item]]
) -> None:
    before = files(dest)
    first = run("backup", dest)[1]["copied"]
    assert first <= 1, "at most the access record"
    items("d.txt")
    document = run("backup", dest)[1]
    assert document["objects"] == 4
    after = files(dest)
    assert {name: after[name] for name in before} == before
    assert len(list((dest / "sets").iterdir())) == 3


def test_a_damaged_copy_is_noticed_and_made_again(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    sealed = a_sealed_object(workspace, dest)
    data = bytearray(sealed.read_bytes())
    data[-1] ^= 1
    rewrite(sealed, bytes(data))
    code, document = run("restore", dest, tmp_path / "again")
    assert (code, document["error"]["code"]) == (1, "backup.copy_damaged")
    assert not (tmp_path / "again").exists()
    assert run("backup", dest, "--quick")[0] == 0
    assert run("restore", dest, tmp_path / "again")[0] == 1, "--quick does not look"
    assert run("backup", dest)[0] == 0
    assert run("restore", dest, tmp_path / "again")[0] == 0


@pytest.mark.parametrize("harm", ["cut", "lost", "swapped"])
def test_no_damage_to_a_copy_is_restored(
    harm: str, workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    sealed = a_sealed_object(workspace, dest)
    data = sealed.read_bytes()
    sealed.unlink()
    if harm == "cut":
        sealed.write_bytes(data[:-20])
    if harm == "swapped":
        other = next(path for path in (dest / "sealed").rglob("*") if path.is_file())
        sealed.write_bytes(other.read_bytes())
    code, document = run("restore", dest, tmp_path / "again")
    assert (code, document["error"]["code"]) == (1, "backup.copy_damaged")
    assert not (tmp_path / "again").exists()


def test_nothing_older_goes_before_the_new_copy_was_checked(
    workspace: Workspace, dest: Path, run: Run, items: Callable[..., list[Item]]
) -> None:
    before = files(dest)
    items("d.txt")
    rewrite(an_object(workspace), b"rot")
    sealed = a_sealed_object(workspace, dest)
    rewrite(sealed, b"rot as well")
    places = [path for path in (workspace.archive / "objects").rglob("*") if path.is_file()]
    for path in places:
        rewrite(path, b"rot")
    code, document = run("backup", dest, "--keep", 1)
    assert (code, document["error"]["code"]) == (1, "backup.damaged")
    assert sorted(files(dest / "sets")) == sorted(
        name.removeprefix("sets/") for name in before if name.startswith("sets/")
    )


@pytest.mark.parametrize("harm", ["rotten", "lost", "a link"])
def test_a_good_copy_outlives_the_rot_of_its_source(
    harm: str, workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    path = an_object(workspace)
    path.unlink()
    if harm == "rotten":
        path.write_bytes(b"rot")
    if harm == "a link":
        path.symlink_to("/etc/hostname")
    assert run("backup", dest, "--keep", 1)[0] == 0
    code, document = run("restore", dest, tmp_path / "again")
    assert (code, document["objects"]) == (0, 3)


@pytest.mark.parametrize("lost", ["an object", "details", "a tile"])
def test_a_workspace_that_is_not_whole_makes_no_set(
    lost: str, workspace: Workspace, dest: Path, run: Run, items: Callable[..., list[Item]]
) -> None:
    from muniment_server.custody.ledger import publishing

    known = set((workspace.archive / "objects").rglob("*"))
    items("d.txt")
    publishing.publish()
    if lost == "an object":
        (path,) = {
            path for path in (workspace.archive / "objects").rglob("*") if path.is_file()
        } - known
        path.unlink()
    elif lost == "details":
        recent = next((workspace.archive / "details" / "recent").iterdir())
        rewrite(recent, recent.read_bytes().replace(b'"leaf":"ey', b'"leaf":"fy', 1))
    else:
        shutil.rmtree(workspace.archive / "log" / "tile")
    code, _document = run("backup", dest, "--keep", 1)
    assert code != 0
    assert len(files(dest / "sets")) == 1


def test_older_sets_go_when_they_are_not_to_be_kept(
    dest: Path, run: Run, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    items("d.txt")
    document = run("backup", dest, "--keep", 1)[1]
    assert (document["removed"], len(files(dest / "sets"))) == (1, 1)
    assert run("restore", dest, tmp_path / "again")[1]["objects"] == 4


def test_an_older_set_can_be_restored(
    dest: Path, run: Run, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    (oldest,) = files(dest / "sets")
    items("d.txt")
    run("backup", dest)
    assert run("restore", dest, tmp_path / "again", "--set", oldest)[1]["objects"] == 3


def test_a_workspace_that_is_older_than_its_copy_does_not_replace_it(
    workspace: Workspace, dest: Path, run: Run, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    (oldest,) = files(dest / "sets")
    items("d.txt")
    run("backup", dest)
    run("restore", dest, tmp_path / "old", "--set", oldest)
    shutil.copy(workspace.keys / "backup.key", tmp_path / "old" / "keys")
    before = files(dest)
    code, document = run("-w", tmp_path / "old", "backup", dest)
    assert (code, document["error"]["code"]) == (1, "backup.older")
    assert files(dest) == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("backup", "{tmp}/deposited"), "backup.folder"),
        (("backup", "{workspace}/copies"), "backup.inside"),
        (("backup", "{tmp}"), "backup.inside"),
        (("backup", "{dest}", "--keep", "0"), "backup.keep"),
        (("backup", "{tmp}/new", "--recipient", "age1nobody"), "age.recipient"),
        (("restore", "{dest}", "{workspace}"), "workspace.not_empty"),
        (("restore", "{tmp}/deposited", "{tmp}/again"), "backup.no_set"),
        (("restore", "{dest}", "{tmp}/again", "--set", "x"), "backup.no_set"),
        (("restore", "{dest}", "{tmp}/again", "--key", "{tmp}/none"), "key.missing"),
    ],
)
def test_what_cannot_be_used_is_refused(
    words: tuple[str, ...],
    code: str,
    workspace: Workspace,
    dest: Path,
    run: Run,
    items: Callable[..., list[Item]],
    tmp_path: Path,
) -> None:
    items("something.txt")
    before = files(dest)
    found, document = run(
        *(one.format(tmp=tmp_path, dest=dest, workspace=workspace.root) for one in words)
    )
    assert (found, document["error"]["code"]) == (2, code)
    assert {name for name in files(dest) if "sets" in name} == {
        name for name in before if "sets" in name
    }


def test_another_key_opens_nothing_and_makes_no_copy(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    from muniment.archive.age import create_age_key

    (workspace.keys / "backup.key").rename(tmp_path / "right.key")
    create_age_key(tmp_path / "wrong.key")
    code, document = run("restore", dest, tmp_path / "again", "--key", tmp_path / "wrong.key")
    assert (code, document["error"]["code"]) == (1, "age.damaged")
    assert run("backup", dest)[1]["error"]["code"] == "backup.other"
    assert run("restore", dest, tmp_path / "again", "--key", tmp_path / "right.key")[0] == 0


def test_a_key_kept_offline_opens_a_copy(
    workspace: Workspace, dest: Path, run: Run, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    from muniment.archive.age import create_age_key

    offline = create_age_key(tmp_path / "offline.key")
    assert run("backup", tmp_path / "other", "--recipient", offline.recipient)[0] == 0
    items("d.txt")
    assert run("backup", tmp_path / "other")[0] == 0, "it goes on with the same keys"
    key = tmp_path / "offline.key"
    assert run("restore", tmp_path / "other", tmp_path / "again", "--key", key)[0] == 0
    code, document = run("backup", dest, "--recipient", offline.recipient)
    assert (code, document["error"]["code"]) == (2, "backup.recipients")


def test_a_set_that_leads_outside_is_refused(
    workspace: Workspace, dest: Path, run: Run, tmp_path: Path
) -> None:
    from dataclasses import replace

    from muniment.archive.age import read_age_key
    from muniment.archive.backup_folder import BackupFolder

    key = read_age_key(workspace.keys / "backup.key")
    folder = BackupFolder(dest, key)
    one = folder.read_set(folder.sets()[-1])
    for path in (
        "../out",
        "archive/../../out",
        "/etc/out",
        "archive//x",
        "keys/..",
        "database.sqlite3",
    ):
        bad = replace(one, size=one.size + 1, entries=(replace(one.entries[0], path=path),))
        name = folder.add_set(bad, [key.recipient])
        code, document = run("restore", dest, tmp_path / "again", "--set", name)
        assert (code, document["error"]["code"]) == (1, "backup.path"), path
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "out").exists()
