"""A confinement is used only where it was seen to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.sandbox import NoSandbox, find_confinement, trial, working_confinements
from muniment.sandbox.syscalls import Filters, filters

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _fresh_filters() -> Iterator[None]:
    filters.cache_clear()
    yield
    filters.cache_clear()


def test_something_works_here_and_the_strongest_is_found() -> None:
    working = working_confinements()
    assert working, "neither bubblewrap nor Landlock confines on this machine"
    assert find_confinement() == working[0]


def test_without_bubblewrap_it_is_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_BWRAP", ("/nonexistent/bwrap",))
    assert find_confinement().name == "landlock"


def test_without_either_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_BWRAP", ("/nonexistent/bwrap",))
    monkeypatch.setattr(trial, "landlock_abi", lambda: 0)
    found = find_confinement()
    assert isinstance(found, NoSandbox)
    assert "Neither" in found.reason


def test_without_seccomp_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyseccomp", None)
    found = find_confinement()
    assert isinstance(found, NoSandbox)
    assert "filter of system calls" in found.reason


def test_one_that_starts_but_does_not_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "muniment.sandbox.confinement.SYSTEM_FOLDERS",
        ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc"),
    )
    found = find_confinement()
    assert isinstance(found, NoSandbox)
    assert "it let through: a file outside" in found.reason


def test_one_without_its_filter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_all = (0x06).to_bytes(2, "little") + bytes(2) + (0x7FFF0000).to_bytes(4, "little")
    monkeypatch.setattr(trial, "filters", lambda: Filters(allow_all, allow_all, allow_all))
    found = find_confinement()
    assert isinstance(found, NoSandbox)
    assert "a network socket" in found.reason
    assert "a new process" in found.reason
