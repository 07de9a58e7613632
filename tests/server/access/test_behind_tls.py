"""Pages that are reached from elsewhere are reached through TLS, or not at all."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client, override_settings

from muniment.archive.workspace import ENVIRONMENT, read_settings, write_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from muniment.archive.workspace import Workspace

SETTINGS = Path(__file__).resolve().parents[3] / "src" / "muniment_server" / "settings.py"
ADDRESS = "https://evidence.example"
#: they speak of other hosts of the same name, which are not ours to bind
OF_OTHER_HOSTS = {"security.W005", "security.W021"}
OVER_TLS = {
    "host": "evidence.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "192.0.2.7",
}


@pytest.fixture
def behind_proxy(template: Workspace, tmp_path: Path) -> Workspace:
    """A workspace whose settings name an address."""
    shutil.copytree(template.root, tmp_path / "proxied")
    write_settings(replace(read_settings(tmp_path / "proxied"), address=ADDRESS))
    return read_settings(tmp_path / "proxied")


def check_deploy(workspace: Workspace) -> set[str]:
    """Return what Django finds wanting in the settings of a workspace."""
    environment = {**os.environ, ENVIRONMENT: str(workspace.root)}
    environment["DJANGO_SETTINGS_MODULE"] = "muniment_server.settings"
    command = [sys.executable, "-m", "django", "check", "--deploy"]
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return set(re.findall(r"\((\w+\.[WE]\d+)\)", told.stderr))


def test_a_workspace_with_an_address_is_ready_for_it(behind_proxy: Workspace) -> None:
    assert check_deploy(behind_proxy) == OF_OTHER_HOSTS


def test_without_an_address_only_tls_is_missing(template: Workspace) -> None:
    # HSTS, the redirect to TLS, and both cookies: none of them can be where there is no TLS
    assert check_deploy(template) == {f"security.W0{n}" for n in ("04", "08", "12", "16")}


@pytest.fixture
def served(
    behind_proxy: Workspace, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Serve the test's workspace with the settings of one that has an address."""
    monkeypatch.setenv(ENVIRONMENT, str(behind_proxy.root))
    found = runpy.run_path(str(SETTINGS))
    own = {"WORKSPACE", "DATABASES", "SECRET_KEY", "INSTALLED_APPS"}
    changed = {
        name: value
        for name, value in found.items()
        if re.fullmatch(r"(SECURE|CSRF|SESSION|LANGUAGE_COOKIE|ALLAUTH|MFA|ALLOWED)_\w+", name)
        and name not in own
    }
    with override_settings(**changed):
        yield found


def test_every_answer_is_bound_to_tls(served: dict[str, Any]) -> None:
    answer = Client().get("/log-in/login/", headers=OVER_TLS)
    assert answer.status_code == 200
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    cookies = answer.cookies.values()
    assert cookies
    assert all(one["secure"] for one in cookies)
    assert not served["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"]


def test_without_tls_a_reader_is_led_to_it(served: dict[str, Any]) -> None:
    answer = Client().get("/items/", headers={"host": "evidence.example"})
    assert (answer.status_code, answer["Location"]) == (301, f"{ADDRESS}/items/")


def test_another_name_is_not_answered(served: dict[str, Any]) -> None:
    for host in ("localhost", "evil.example"):
        answer = Client(raise_request_exception=False).get(
            "/log-in/login/", headers={**OVER_TLS, "host": host}
        )
        assert answer.status_code == 400


def test_without_an_address_a_proxy_is_not_believed(workspace: Workspace) -> None:
    answer = Client().get("/log-in/login/", headers={**OVER_TLS, "host": "localhost"})
    assert answer.status_code == 200
    assert not answer.wsgi_request.is_secure()
    refused = Client(raise_request_exception=False).get("/log-in/login/", headers=OVER_TLS)
    assert refused.status_code == 400
