"""No setting, no line of muniment.toml and no variable of the environment turns a log off."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test.utils import override_settings

from muniment.archive.workspace import SETTINGS, read_settings
from muniment.errors import InvalidInput, MunimentError
from tests.architecture.tree import SRC, python_files
from tests.server.conftest import enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.policies import Actor

#: what else a recorded act and reading need: where they go, and their tables
_PLACES = {"DATABASES", "WORKSPACE", "DATABASE_ROUTERS", "INSTALLED_APPS"}
#: only to be touched with a warning of Django's own, and about forms
_WARNS = {"FORMS_URLFIELD_ASSUME_HTTPS"}
#: without time zones an instant cannot be stored: what cannot be recorded fails
_FAILS = {"USE_TZ"}
_OFF = ("0", "off", "false", "no", "")


def sizes() -> tuple[int, int]:
    from muniment_server.custody import queries

    return queries.custody_log().head().size, queries.access_log().head().size


def both_go_on(machine: Actor, item: Item) -> None:
    """Act once and read once, and see both logs grow by one."""
    from muniment_server.catalogue import queries, services

    acts, readings = sizes()
    services.make_collection(machine, title="a")
    queries.item(machine, item.number)
    assert sizes() == (acts + 1, readings + 1)


def flipped(value: object) -> list[object]:
    """Other values that somebody could give a setting."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [0]
    if isinstance(value, list | tuple):
        return [type(value)()]
    if isinstance(value, str):
        return [""]
    return [None] if value is None else []


def test_no_setting_of_the_application_does(
    machine: Actor, items: Callable[..., list[Item]]
) -> None:
    (item,) = items("a")
    tried = 0
    for name in dir(settings):
        if not name.isupper() or name in _PLACES | _WARNS:
            continue
        for other in flipped(getattr(settings, name)):
            with override_settings(**{name: other}):
                if name in _FAILS:
                    with pytest.raises(Exception, match=r"timezone|offset"):
                        both_go_on(machine, item)
                    continue
                both_go_on(machine, item)
            tried += 1
    assert tried > 100


def test_no_line_of_the_workspace_does(
    workspace: Workspace, machine: Actor, items: Callable[..., list[Item]]
) -> None:
    (item,) = items("a")
    path = workspace.root / SETTINGS
    usual = path.read_text()
    for section in ("access", "log", "workspace.log", "custody", "audit"):
        for name in ("log", "enabled", "record", "off", "disabled", "keep_days"):
            for value in ("false", "true", "0", '"off"'):
                text = f"{usual}\n[{section}]\n{name} = {value}\n"
                path.write_text(text)
                try:
                    enter(read_settings(workspace.root))
                except MunimentError:
                    continue  # refused, not passed over
                finally:
                    path.write_text(usual)
                both_go_on(machine, item)


@pytest.mark.parametrize(
    "lines",
    [
        "keep_days = 0",
        "keep_days = 89",
        "keep_days = true",
        "per_hour = { views = 0 }",
        "per_day = { view = 10 }",
        "off = true",
    ],
)
def test_what_would_weaken_it_is_refused(lines: str, workspace: Workspace) -> None:
    with (workspace.root / SETTINGS).open("a") as file:
        file.write(f"\n[access]\n{lines}\n")
    with pytest.raises(InvalidInput) as raised:
        read_settings(workspace.root)
    assert raised.value.code == "workspace.access"


def test_no_variable_of_the_environment_does(
    machine: Actor, items: Callable[..., list[Item]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (item,) = items("a")
    text = "\n".join(path.read_text() for path in python_files(SRC))
    named = set(re.findall(r"\bMUNIMENT_[A-Z_]+\b", text)) - {"MUNIMENT_WORKSPACE"}
    made_up = {f"MUNIMENT_{word}" for word in ("LOG", "ACCESS", "NO_LOG", "AUDIT", "DEBUG")}
    assert named
    for name in sorted(named | made_up | {"DEBUG", "DJANGO_DEBUG"}):
        for value in _OFF:
            monkeypatch.setenv(name, value)
            both_go_on(machine, item)
            monkeypatch.delenv(name)


def test_what_records_asks_no_setting() -> None:
    """The code that records reads where the workspace is, and nothing else of any settings."""
    asked = set()
    for path in (*_of("custody/acting"), *_of("custody/ledger"), *_of("custody/queries")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {
                "settings",
                "os.environ",
            }:
                asked.add(node.attr)
    assert asked <= {"WORKSPACE", "DATABASES"}


def _of(folder: str) -> list[Path]:
    found = sorted((SRC / "muniment_server" / folder).rglob("*.py"))
    assert found
    return found
