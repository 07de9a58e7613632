"""The two-person epoch: a log that cannot go on is ended, and its successor says so first."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from muniment.archive.workspace import Workspace, read_settings, write_settings
from muniment.cli.main import main
from muniment.evidence.disclosure import open_disclosure
from muniment.verify import verify
from tests.server.conftest import enter
from tests.server.timekeeping import time_stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

REASON = "SPECIMEN: the disk of October was put back, and every copy of November is gone"
TOKENS = {"ilse": "MUNIMENT_TOKEN", "tam": "MUNIMENT_SECOND_TOKEN"}


@dataclass
class Office:
    """A workspace with two people, whose database went back in time."""

    workspace: Workspace
    tokens: dict[str, str]
    old_size: int
    size: int
    bundle: Path
    key: str


@pytest.fixture
def office(
    workspace: Workspace,
    machine: Actor,
    items: Callable[..., list[Item]],
    tmp_path: Path,
    engine: str,
    request: pytest.FixtureRequest,
) -> Iterator[Office]:
    """An office that exported a bundle, worked on, and got its disks of October back."""
    from django.db import connections

    from muniment_server.custody import queries
    from muniment_server.custody.ledger import publishing, sealing

    tokens = {handle: token_of(machine, handle) for handle in TOKENS}
    tokens["nora"] = token_of(machine, "nora", "analyst")
    items("a.txt", "b.txt")
    publishing.publish()
    bundle = tmp_path / "old.zip"
    export(workspace, bundle)
    key = sealing.sealer().signer.verifier.text
    before = queries.custody_head().size
    aside = copy(workspace, tmp_path / "october", engine, request)
    items("lost.txt")
    publishing.publish()
    size = queries.custody_head().size
    connections.close_all()
    # October comes back; the signer remembers November.
    shutil.rmtree(workspace.archive)
    shutil.copytree(aside.root / "archive", workspace.archive)
    if engine == "sqlite":
        for name in (aside.database_file, aside.access_file):
            shutil.copy(name, workspace.root / name.name)
            for ending in ("-wal", "-shm"):
                (workspace.root / f"{name.name}{ending}").unlink(missing_ok=True)
    else:
        workspace = replace(
            workspace, database=aside.database, access_database=aside.access_database
        )
        write_settings(workspace)
    anew(workspace)
    yield Office(workspace, tokens, before, size, bundle, key)
    if engine == "postgresql":
        connections.close_all()
        request.getfixturevalue("cluster").drop(aside)


def copy(
    workspace: Workspace, folder: Path, engine: str, request: pytest.FixtureRequest
) -> Workspace:
    """Copy a workspace as a backup of its disks and databases would."""
    from django.db import connections

    connections.close_all()
    shutil.copytree(workspace.root, folder)
    copied = read_settings(folder)
    if engine == "sqlite":
        return copied
    cluster = request.getfixturevalue("cluster")
    names = {}
    for part in ("database", "access_database"):
        name = getattr(workspace, part).rpartition("/")[2]
        cluster.sql(f"CREATE DATABASE october_{name} TEMPLATE {name}")
        names[part] = cluster.url(f"october_{name}")
    return replace(copied, **names)


def anew(workspace: Workspace) -> None:
    """Enter a workspace as a new process would."""
    from muniment_server.custody.ledger import sealing

    sealing._sealers.clear()
    enter(workspace)


def token_of(machine: Actor, handle: str, role: str = "administrator") -> str:
    from muniment_server.accounts import services

    person = services.add_person(
        machine, name=f"SPECIMEN {handle}", handle=handle, role=services.Role(role)
    )
    return services.new_token(person, "ceremony")[1]


def export(workspace: Workspace, to: Path) -> None:
    words = ["export", "M-00001", "--to", str(to), "--recipient", "the court", "--json"]
    assert main(["-w", str(workspace.root), *words]) == 0


Begin = "Callable[..., tuple[int, dict[str, Any]]]"


@pytest.fixture
def begin(
    office: Office,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., tuple[int, dict[str, Any]]]]:
    """Hold the ceremony; its exit code and its document."""
    made: list[Workspace] = []
    new = tmp_path / "new"

    def hold(
        first: str = "ilse", second: str = "tam", reason: str = REASON
    ) -> tuple[int, dict[str, Any]]:
        for variable, handle in zip(TOKENS.values(), (first, second), strict=True):
            monkeypatch.setenv(variable, office.tokens.get(handle, "nothing"))
        words = ["log", "epoch", str(new), "--with", second, "--reason", reason, "--json"]
        if engine == "postgresql":
            cluster = request.getfixturevalue("cluster")
            number = len(made)
            urls = {}
            for part in ("database", "access_database"):
                name = f"epoch_{part}_{os.getpid()}_{number}"
                cluster.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                cluster.sql(f"CREATE DATABASE {name}")
                urls[part] = cluster.url(name)
                words += [f"--{part.replace('_', '-')}", urls[part]]
            made.append(replace(office.workspace, **urls))
        capsys.readouterr()
        code = main(["-w", str(office.workspace.root), "--as", first, *words])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    yield hold
    from django.db import connections

    connections.close_all()
    for one in made:
        request.getfixturevalue("cluster").drop(one)


def test_the_old_copy_is_refused_and_cannot_be_worked_in(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-w", str(office.workspace.root), "list", "item", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "workspace.refused"


def test_two_people_begin_a_new_log_whose_first_leaf_says_what_was_lost(
    office: Office, begin: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    from muniment_server.custody import queries
    from muniment_server.custody.models import Leaf

    code, document = begin()
    assert code == 0, document
    holds = document["lost"]["first"]
    assert office.old_size <= holds < office.size
    assert document["lost"]["entries"] == office.size - holds
    assert document["earlier"]["origin"] == office.workspace.origin != document["origin"]
    first = Leaf.objects.get(index=0)
    opened = {one.name: one.value for one in map(open_disclosure, first.disclosures.split("\n"))}
    told: Any = opened["handling"]
    assert first.kind == "log.epoch"
    assert told["earlier"] == document["earlier"]
    assert told["earlier"]["size"] == office.size
    assert (told["holds"], told["lost"]) == (holds, office.size - holds)
    assert len(set(told["people"])) == 2
    assert opened["reason"] == {"reason": REASON}
    assert queries.custody_head().size == 1 + document["carried"]
    assert sorted(row.number for row in _items()) == ["M-00001", "M-00002"]
    assert (Path(document["workspace"]) / "archive/ended-1/log/checkpoint").is_file()


def _items() -> list[Item]:
    from muniment_server.catalogue.models import Item

    return list(Item.objects.all())


def test_the_new_log_checks_goes_on_and_is_rebuilt(
    office: Office,
    begin: Callable[..., tuple[int, dict[str, Any]]],
    items: Callable[..., list[Item]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    engine: str,
) -> None:
    from muniment_server.custody.ledger import publishing

    code, document = begin()
    assert code == 0, document
    new = document["workspace"]
    assert main(["-w", new, "check", "--json"]) == 0, capsys.readouterr().out
    (one,) = items("after.txt")
    assert one.number == "M-00003"
    publishing.publish()
    capsys.readouterr()
    assert main(["-w", new, "check", "--json"]) == 0, capsys.readouterr().out
    ended = Path(new) / "archive" / "ended-1"
    ended.rename(tmp_path / "away")
    capsys.readouterr()
    assert main(["-w", new, "check", "--json"]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [one["code"] for one in problems] == ["epoch.lost"]
    (tmp_path / "away").rename(ended)
    if engine == "postgresql":
        return
    rows = [(row.pk, row.title, row.number, row.seq) for row in _items()]
    words = ["--from", f"{new}/archive", "--keys", f"{new}/keys"]
    assert main(["rebuild", str(tmp_path / "rebuilt"), *words]) == 0
    assert [(row.pk, row.title, row.number, row.seq) for row in _items()] == rows


def test_old_bundles_verify_and_new_ones_name_both_origins(
    office: Office, begin: Callable[..., tuple[int, dict[str, Any]]], tmp_path: Path
) -> None:
    from muniment.verify import read_log_keys

    code, document = begin()
    assert code == 0, document
    new = tmp_path / "new.zip"
    export(read_settings(Path(document["workspace"])), new)
    for bundle, key in ((office.bundle, office.key), (new, document["log_key"])):
        report = verify(bundle, log_keys=read_log_keys(key), require=frozenset())
        assert report.verdict == "intact_anchored", report
    record = json.loads(_member(new, "data/record.json"))
    earlier = document["earlier"]
    told = {name: earlier[name] for name in ("origin", "root", "size")}
    assert record["earlier_logs"] == [told]
    entries = _member(new, "custody/entries.jsonl").decode().splitlines()
    carried = [open_disclosure(text) for text in json.loads(entries[0])["disclosures"]]
    handling: Any = next(one.value for one in carried if one.name == "handling")
    assert handling["earlier"] == earlier
    assert document["origin"] in _member(new, "custody/checkpoint").decode()
    assert "earlier_logs" not in json.loads(_member(office.bundle, "data/record.json"))


def _member(bundle: Path, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(bundle) as archive:
        (path,) = [one for one in archive.namelist() if one.endswith("/" + name)]
        return archive.read(path)


def test_witnesses_and_authorities_are_asked_for_the_new_log(
    office: Office, begin: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    from muniment.archive.signing import log_key
    from muniment.archive.time_tokens import tokens_over
    from muniment.archive.witnessing import read_policy
    from muniment.custody.keys import COSIGNATURE_V1, SigningKey
    from muniment_server.custody import queries
    from muniment_server.custody.services import stamping

    witness = SigningKey.generate("w1.example", COSIGNATURE_V1).verifier
    office.workspace.witness_policy.write_text(
        f"log {office.key}\nwitness w1 {witness.text}\nquorum w1\n"
    )
    with time_stamped(office.workspace) as authority:
        code, document = begin()
        assert code == 0, document
        new = read_settings(Path(document["workspace"]))
        anew(new)
        policy = read_policy(new.witness_policy, log_key(new))
        assert list(policy.witnesses) == [b"w1"]
        outcome = stamping.ask()
        assert (outcome.size, outcome.failed) == (queries.custody_head().size, {})
        assert len(tokens_over(new.archive, outcome.size)) == 1
        del authority


def test_a_leaf_that_was_changed_ends_the_log_below_the_last_head_that_fits(
    office: Office, begin: Callable[..., tuple[int, dict[str, Any]]]
) -> None:
    from django.db import connection

    drop = "DROP TRIGGER refuse_update_custody_leaf"
    with connection.cursor() as cursor:
        cursor.execute(drop + (" ON custody_leaf" if connection.vendor == "postgresql" else ""))
        cursor.execute(
            'UPDATE custody_leaf SET data = (SELECT data FROM custody_leaf WHERE "index" = 3)'
            ' WHERE "index" = %s',
            [office.old_size - 1],
        )
    connection.close()
    code, document = begin()
    assert code == 0, document
    assert document["lost"]["first"] < office.old_size
    assert document["lost"]["entries"] == office.size - document["lost"]["first"]


@pytest.mark.parametrize(
    ("first", "second", "reason", "code"),
    [
        ("ilse", "ilse", REASON, "epoch.people"),
        ("ilse", "", REASON, "epoch.people"),
        ("ilse", "tam", " ", "epoch.people"),
        ("ilse", "nobody", REASON, "token.invalid"),
        ("ilse", "nora", REASON, "act.not_permitted"),
    ],
)
def test_one_person_or_no_reason_begins_nothing(
    begin: Callable[..., tuple[int, dict[str, Any]]],
    first: str,
    second: str,
    reason: str,
    code: str,
    tmp_path: Path,
) -> None:
    exit_code, document = begin(first, second, reason)
    assert (exit_code, document["error"]["code"]) == (2, code)
    assert not (tmp_path / "new").exists()


def test_a_log_that_can_go_on_is_not_ended(
    workspace: Workspace,
    machine: Actor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from muniment_server.custody.ledger import publishing

    for handle, variable in TOKENS.items():
        monkeypatch.setenv(variable, token_of(machine, handle))
    publishing.publish()
    words = ["log", "epoch", str(tmp_path / "new"), "--with", "tam", "--reason", REASON, "--json"]
    assert main(["-w", str(workspace.root), "--as", "ilse", *words]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "epoch.heals"
    assert not (tmp_path / "new").exists()
