"""A workspace: the folder that holds a database, an archive and keys, and its `muniment.toml`.

- The archive is complete without the database; the keys are needed for private details only.
- The file names what the folder is; it holds no secret and no setting that weakens a check.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from muniment.archive.access_rules import AccessRules, access_lines, read_access_rules
from muniment.archive.outside import Outside, outside_lines, read_outside
from muniment.archive.reserve import USUAL, read_reserve
from muniment.errors import InvalidInput, NotFound

SETTINGS = "muniment.toml"
ENVIRONMENT = "MUNIMENT_WORKSPACE"
SPECIMEN = "specimen.muniment.invalid/"
ORDINARY = "muniment.invalid/"
_ADDRESS = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/?")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where things are, and who this machine is in the log."""

    root: Path
    name: str
    origin: str
    agent: str
    database: str = ""
    access_database: str = ""
    address: str = ""
    closed: bool = False
    replicas: tuple[Path, ...] = ()
    reserve_mib: int = USUAL
    signer: Path | None = None
    outside: Outside = field(default_factory=Outside)
    access_rules: AccessRules = field(default_factory=AccessRules)

    @property
    def archive(self) -> Path:
        """The folder of objects, log and details."""
        return self.root / "archive"

    @property
    def keys(self) -> Path:
        """The folder of private keys, readable by its owner only."""
        return self.root / "keys"

    @property
    def log_key(self) -> Path:
        """The private key that signs heads (custody-log §6)."""
        return self.keys / "log.key"

    @property
    def signed_heads(self) -> Path:
        """The signer's own durable memory of what it signed."""
        return self.keys / "signed-heads"

    @property
    def access_archive(self) -> Path:
        """The archive of the access log: its tiles, heads and details, and no objects."""
        return self.archive / "access"

    @property
    def access_origin(self) -> str:
        """The name of the access log, whose key is its own."""
        return f"{self.origin}/access"

    @property
    def access_key(self) -> Path:
        """The private key that signs heads of the access log."""
        return self.keys / "access.key"

    @property
    def signed_access_heads(self) -> Path:
        """The durable memory of what was signed of the access log."""
        return self.keys / "signed-access-heads"

    @property
    def witness_policy(self) -> Path:
        """Who watches this log, and how many must have seen a head (C2SP tlog-policy)."""
        return self.root / "witnesses.policy"

    @property
    def witness_state(self) -> Path:
        """How asking the witnesses goes; no evidence, and may go at any time."""
        return self.root / "witnesses.state"

    @property
    def database_file(self) -> Path:
        """The embedded database."""
        return self.root / "database.sqlite3"

    @property
    def access_file(self) -> Path:
        """The embedded database of the access log."""
        return self.root / "access.sqlite3"

    @property
    def check_state(self) -> Path:
        """How far a check of every object has come; no evidence, and may go at any time."""
        return self.root / "check.state"

    @property
    def time_state(self) -> Path:
        """How asking for time tokens goes; no evidence, and may go at any time."""
        return self.root / "time.state"

    @property
    def specimen(self) -> bool:
        """Whether everything here is fictional."""
        return self.origin.startswith(SPECIMEN)


def slug(name: str) -> str:
    """Return the part of a name that may stand in an origin: `[a-z0-9-]`, never empty."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return cleaned[:40].strip("-") or "workspace"


def new_origin(name: str, *, specimen: bool = False) -> str:
    """Return a fresh origin, such as `muniment.invalid/archive-1f2e3d4c` (custody-log §6)."""
    return f"{SPECIMEN if specimen else ORDINARY}{slug(name)}-{os.urandom(4).hex()}"


def write_settings(workspace: Workspace) -> None:
    """Write `muniment.toml`, which makes a folder a workspace."""
    lines = [
        "# A Muniment workspace. The archive folder is complete without the database.",
        "[workspace]",
        f"name = {json.dumps(workspace.name, ensure_ascii=False)}",
        f"origin = {json.dumps(workspace.origin)}",
        f"agent = {json.dumps(workspace.agent)}",
    ]
    if workspace.closed:
        lines.append("closed = true")
    if workspace.database:
        lines += [
            "",
            "[database]",
            f"url = {json.dumps(workspace.database)}",
            f"access_url = {json.dumps(workspace.access_database)}",
        ]
    lines += _archive_lines(workspace)
    if workspace.address:
        lines += ["", "[web]", f"address = {json.dumps(workspace.address)}"]
    if workspace.signer is not None:
        lines += ["", "[signer]", f"socket = {json.dumps(str(workspace.signer))}"]
    lines += access_lines(workspace.access_rules)
    lines += outside_lines(workspace.outside)
    (workspace.root / SETTINGS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _archive_lines(workspace: Workspace) -> list[str]:
    lines: list[str] = []
    if workspace.replicas:
        named = json.dumps([str(one) for one in workspace.replicas], ensure_ascii=False)
        lines.append(f"replicas = {named}")
    if workspace.reserve_mib != USUAL:
        lines.append(f"reserve_mib = {workspace.reserve_mib}")
    return ["", "[archive]", *lines] if lines else []


def read_settings(root: Path) -> Workspace:
    """Read the workspace in a folder.

    Raises `NotFound` where the folder is none, `InvalidInput` where its settings cannot be read.
    """
    try:
        text = (root / SETTINGS).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(
            f"{root} is not a workspace",
            code="workspace.not_found",
            hint="Make one with `muniment init DIR`, or name one with -w DIR.",
        ) from None
    try:
        settings = tomllib.loads(text)
        section = settings["workspace"]
        database = settings.get("database", {})
        web = settings.get("web", {})
        archive = settings.get("archive", {})
        copies = archive.get("replicas", [])
        socket = str(settings.get("signer", {}).get("socket", ""))
        return Workspace(
            root=root.resolve(),
            name=str(section["name"]),
            origin=str(section["origin"]),
            agent=str(section["agent"]),
            closed=section.get("closed") is True,
            database=str(database.get("url", "")),
            access_database=str(database.get("access_url", "")),
            address=web_address(str(web.get("address", ""))),
            replicas=tuple([root.resolve() / str(one) for one in copies]),
            reserve_mib=read_reserve(archive.get("reserve_mib")),
            signer=root.resolve() / socket if socket else None,
            outside=read_outside(settings.get("egress", {}), settings.get("time", {})),
            access_rules=read_access_rules(settings.get("access", {})),
        )
    except (KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(
            f"{root / SETTINGS} cannot be read: {error}",
            code="workspace.settings",
            hint="It needs [workspace] with name, origin and agent.",
        ) from None


def web_address(text: str) -> str:
    """Return the address at which people reach the pages from elsewhere, or nothing.

    Raises `InvalidInput` for anything but `https://` with a host and perhaps a port: the pages are
    never offered to a network without TLS.
    """
    if not text:
        return ""
    found = _ADDRESS.fullmatch(text.lower())
    if found is None:
        raise InvalidInput(
            f"the address {text!r} cannot be used",
            code="workspace.address",
            hint="Give https:// and a host, such as https://evidence.example.org, and no path.",
        )
    return found[0].removesuffix("/")


def find_workspace(named: str | None) -> Workspace:
    """Return the workspace named, else the one of the environment, else the nearest above.

    Raises `NotFound` where there is none.
    """
    chosen = named or os.environ.get(ENVIRONMENT)
    if chosen:
        return read_settings(Path(chosen))
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return read_settings(folder)
    raise NotFound(
        "no workspace here",
        code="workspace.not_found",
        hint="Make one with `muniment init DIR`, or name one with -w DIR.",
    )
