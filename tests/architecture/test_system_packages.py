"""Set-up of a machine: what is missing is installed by root, and otherwise the line is printed.

Debian's programs are simulated by scripts that know which packages are there and write down what
they were asked.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tools import system_packages


class Debian:
    """A machine with some packages, on which apt-get works or does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = folder / "asked"
        self.asked.touch()

    def program(self, name: str, script: str) -> None:
        """Puts a program on the machine."""
        path = self.folder / name
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def has(self, *packages: str) -> None:
        """Makes the machine one that has these packages, and one left half-installed."""
        lines = [f"{package} installed" for package in packages] + ["ffmpeg half-installed"]
        self.program("dpkg-query", f"printf '%s\\n' {' '.join(map(repr, lines))}; exit 1")

    def apt_get(self, *, works: bool) -> None:
        """Gives the machine an apt-get."""
        self.program("apt-get", f'echo "$@" >> {self.asked}; exit {0 if works else 100}')


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Debian:
    """A machine without any of Debian's programs yet; nothing else is on its path."""
    machine = Debian(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: _found(tmp_path / name))
    return machine


def _found(path: Path) -> str | None:
    return str(path) if path.exists() else None


def user(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Makes the process one of this user."""
    monkeypatch.setattr(os, "geteuid", lambda: number)


ALL_BUT_FFMPEG = [package for package in system_packages.PACKAGES if package != "ffmpeg"]


def test_nothing_is_done_where_nothing_is_missing(
    debian: Debian, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    debian.program(
        "dpkg-query",
        "\n".join(f"echo {package} installed" for package in system_packages.PACKAGES),
    )
    debian.apt_get(works=True)
    user(monkeypatch, 0)
    system_packages.main()
    assert (capfd.readouterr().out, debian.asked.read_text()) == ("", "")


def test_root_installs_what_is_missing_and_nothing_else(
    debian: Debian, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    debian.has(*ALL_BUT_FFMPEG)
    debian.apt_get(works=True)
    user(monkeypatch, 0)
    system_packages.main()
    assert debian.asked.read_text().splitlines() == [
        "update -q",
        "install -q -y --no-install-recommends ffmpeg",
    ]
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(("who", "prefix"), [(0, ""), (1000, "sudo ")])
def test_whoever_cannot_install_is_told_the_line_and_the_loss(
    debian: Debian,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    who: int,
    prefix: str,
) -> None:
    debian.has(*ALL_BUT_FFMPEG)
    debian.apt_get(works=False)
    user(monkeypatch, who)
    system_packages.main()
    told = capfd.readouterr().out
    assert f"\n  {prefix}apt-get install --no-install-recommends ffmpeg\n" in told
    assert system_packages.PACKAGES["ffmpeg"] in told
    assert (debian.asked.read_text() == "") is (who != 0)


def test_another_system_is_told_what_to_look_for(
    debian: Debian, capfd: pytest.CaptureFixture[str]
) -> None:
    assert shutil.which("apt-get") is None
    system_packages.main()
    told = capfd.readouterr().out
    assert all(package in told for package in system_packages.PACKAGES)
