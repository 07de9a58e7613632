"""A workspace of its own for every server test, on SQLite and on PostgreSQL.

- One template is made the way a stranger makes it (`init`); each test gets a copy of the folder and
  of the database, because append-only triggers and flushing tables do not mix.
- PostgreSQL is real: a cluster of this test run in a temporary folder, on a Unix socket only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from muniment.archive.workspace import ENVIRONMENT, Workspace, read_settings, write_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Compartment, Root
    from muniment_server.custody.policies import Actor

AGENT = "test machine"
_BINARIES = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The template workspace on SQLite; from here on Django runs, in one after another."""
    from muniment_server.commands import session
    from muniment_server.commands.init import make

    folder = tmp_path_factory.mktemp("template") / "workspace"
    before = os.environ.get(ENVIRONMENT)
    workspace, _key, _secrets = make(folder, name="Test archive", agent=AGENT, specimen=True)
    session.start_django = enter  # a process starts Django once; entering is what is left of it
    _leave_databases()
    yield workspace
    os.environ.pop(ENVIRONMENT)
    if before is not None:
        os.environ[ENVIRONMENT] = before


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running PostgreSQL cluster."""

    folder: Path
    socket: Path

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://muniment@{str(self.socket).replace('/', '%2F')}/{database}"

    def sql(self, statement: str) -> None:
        """Run a statement as the cluster's owner."""
        subprocess.run(
            [
                _BINARIES / "psql",
                "-h",
                self.socket,
                "-U",
                "muniment",
                "-d",
                "postgres",
                "-qc",
                statement,
            ],
            check=True,
        )

    def drop(self, workspace: Workspace) -> None:
        """Remove the databases of a workspace."""
        for url in (workspace.database, workspace.access_database):
            self.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A cluster of this run: made, used over its socket, stopped, removed."""
    if not (_BINARIES / "initdb").exists():
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL 15 is not installed: apt-get install postgresql-15")
        pytest.skip("PostgreSQL 15 is not installed")
    folder = Path(tempfile.mkdtemp(prefix="muniment-pg-"))
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"

    def run(*words: str | Path) -> None:
        subprocess.run(words, check=True, user=owner, capture_output=True)

    run(_BINARIES / "initdb", "-D", data, "-U", "muniment", "-A", "trust", "-E", "UTF8", "-N")
    run(
        *(_BINARIES / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "start", "-o"),
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c max_connections=60",
    )
    try:
        yield Cluster(folder, folder)
    finally:
        run(_BINARIES / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_template(
    template: Workspace, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Workspace:
    """The template workspace on PostgreSQL: its databases are copied by the cluster."""
    from muniment_server.commands.init import make

    cluster.sql("CREATE DATABASE template_main")
    cluster.sql("CREATE DATABASE template_access")
    enter(
        replace(
            template,
            database=cluster.url("template_main"),
            access_database=cluster.url("template_access"),
        )
    )
    workspace, _key, _secrets = make(
        tmp_path_factory.mktemp("template") / "workspace",
        name="Test archive",
        agent=AGENT,
        specimen=True,
        database=cluster.url("template_main"),
        access_database=cluster.url("template_access"),
    )
    _leave_databases()
    return workspace


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The database a test runs on; every server test runs on both."""
    return str(request.param)


@pytest.fixture
def workspace(
    engine: str, template: Workspace, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Workspace]:
    """A fresh workspace, which Django works in for the length of the test."""
    if engine == "sqlite":
        shutil.copytree(template.root, tmp_path / "workspace")
        made = read_settings(tmp_path / "workspace")
    else:
        source: Workspace = request.getfixturevalue("postgres_template")
        cluster: Cluster = request.getfixturevalue("cluster")
        made = copy_on_postgresql(source, cluster, tmp_path / "workspace")
    enter(made)
    yield made
    _leave_databases()
    if engine == "postgresql":
        request.getfixturevalue("cluster").drop(made)


_copies = iter(range(10**6))


def copy_on_postgresql(source: Workspace, cluster: Cluster, folder: Path) -> Workspace:
    """Copy the template on PostgreSQL: its folder, and both its databases."""
    shutil.copytree(source.root, folder)
    number = next(_copies)
    for part in ("main", "access"):
        cluster.sql(f"CREATE DATABASE {part}_{number} TEMPLATE template_{part}")
    made = replace(
        read_settings(folder),
        database=cluster.url(f"main_{number}"),
        access_database=cluster.url(f"access_{number}"),
    )
    write_settings(made)
    return made


def enter(workspace: Workspace) -> None:
    """Let Django work in a workspace."""
    from django.conf import settings
    from django.db import connections

    from muniment_server.custody import queries
    from muniment_server.settings import databases_of

    _leave_databases()
    os.environ[ENVIRONMENT] = str(workspace.root)
    settings.WORKSPACE = workspace
    settings.DATABASES = databases_of(workspace)
    connections.settings = connections.configure_settings(settings.DATABASES)
    for alias in ("default", "access"):
        with suppress(AttributeError):  # a thread that has not connected yet
            del connections[alias]
    queries.compartment_name.cache_clear()


def _leave_databases() -> None:
    from django.db import connections

    connections.close_all()


@pytest.fixture
def machine(workspace: Workspace) -> Actor:
    """This machine's agent, who may do everything the command line may."""
    from muniment_server.accounts import queries

    return queries.machine_actor(workspace.agent)


@pytest.fixture
def person(machine: Actor) -> Callable[..., Actor]:
    """Make a person of a role and return them as an actor."""
    from muniment_server.accounts import queries, services
    from muniment_server.custody.policies import Door

    def make(role: str, handle: str = "") -> Actor:
        made = services.add_person(
            machine, name=f"SPECIMEN {role}", handle=handle or role, role=services.Role(role)
        )
        return queries.actor_of(made, Door.WEB)

    return make


@pytest.fixture
def browser(machine: Actor) -> Iterator[Callable[..., Client]]:
    """Make a person of a role and return a browser in which they are logged in."""
    from django.test import Client
    from django.test.utils import setup_test_environment, teardown_test_environment

    from muniment_server.accounts import queries, services

    def open_for(role: str, handle: str = "") -> Client:
        made = services.add_person(
            machine, name=f"SPECIMEN {role}", handle=handle or role, role=services.Role(role)
        )
        enrolment = queries.open_enrolment(services.new_enrolment(made))
        assert enrolment is not None
        user = services.enrol(enrolment, "a long phrase that nobody guesses")
        client = Client(SERVER_NAME="localhost")
        client.force_login(user)
        return client

    setup_test_environment()  # answers keep the context that their page was made with
    yield open_for
    teardown_test_environment()


@pytest.fixture
def items(machine: Actor, tmp_path: Path) -> Callable[..., list[Item]]:
    """Deposit small files, one for each name, and return the items."""
    from contextlib import closing

    from muniment.capture.file import capture_file
    from muniment_server.catalogue.services import Provenance, receive_files

    def deposit(*names: str) -> list[Item]:
        folder = tmp_path / "deposited"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_bytes(b"SPECIMEN " + name.encode())
        found = [capture_file(os.fsencode(folder / name)) for name in names]
        with closing(receive_files(machine, found, Provenance("tests"))) as groups:
            return [one.item for group in groups for one in group]  # type: ignore[union-attr]  # nothing is refused

    return deposit


@pytest.fixture
def close(machine: Actor) -> Callable[[Root], None]:
    """Move a record into a compartment for which nobody who acts in the test is cleared.

    Only tests can: closed compartments are not written to until they are encrypted.
    """
    from muniment_server.custody import services

    made: list[Compartment] = []

    def hide(record: Root) -> None:
        if not made:
            made.append(services.create_compartment(machine, name="team-b", title="Team B"))
        type(record)._default_manager.filter(pk=record.pk).update(compartment=made[0])
        record.refresh_from_db()

    return hide
