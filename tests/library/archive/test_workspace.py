"""The settings of a workspace: what is written is read again; what cannot be used is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from muniment.archive.workspace import SETTINGS, Workspace, read_settings, write_settings
from muniment.errors import InvalidInput

PLAIN = Workspace(Path(), 'An "archive"', "muniment.invalid/archive-1f2e3d4c", "0" * 32)


@pytest.mark.parametrize("address", ["", "https://evidence.example", "https://10.0.0.7:8443"])
def test_what_is_written_is_read_again(tmp_path: Path, address: str) -> None:
    made = replace(PLAIN, root=tmp_path, address=address)
    write_settings(made)
    assert read_settings(tmp_path) == made


def test_an_address_is_kept_without_its_last_stroke(tmp_path: Path) -> None:
    write_settings(replace(PLAIN, root=tmp_path, address="https://Evidence.example/"))
    assert read_settings(tmp_path).address == "https://evidence.example"


@pytest.mark.parametrize(
    "address",
    [
        "http://evidence.example",
        "evidence.example",
        "https://",
        "https://evidence.example/below",
        "https://evidence.example, https://other.example",
        "https://*",
        "https://.example",
        "https://user@evidence.example",
        "https://evidence.example\n",
    ],
)
def test_an_address_without_tls_or_with_more_than_a_host_is_refused(
    tmp_path: Path, address: str
) -> None:
    write_settings(replace(PLAIN, root=tmp_path, address=address))
    assert (tmp_path / SETTINGS).exists()
    with pytest.raises(InvalidInput) as refused:
        read_settings(tmp_path)
    assert refused.value.code == "workspace.address"
