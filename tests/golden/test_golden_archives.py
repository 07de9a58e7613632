"""Archives of every released version are rebuilt, and give the rows they always gave."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.golden.rows import recorded_rows
from tests.server.conftest import template

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.iterdir() if (path / "rows.json").exists())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_golden_archive_gives_its_rows(version: str, template: object, tmp_path: Path) -> None:
    from muniment_server.commands.rebuild import rebuild
    from muniment_server.custody.ledger import checking

    shutil.copytree(HERE / version, tmp_path / "golden")
    golden = tmp_path / "golden"
    for key in (golden / "keys").iterdir():
        key.chmod(0o600)  # which a checkout does not keep
    rebuild(golden / "archive", golden / "keys", tmp_path / "workspace")
    gave = json.loads((HERE / version / "rows.json").read_text("utf-8"))
    later = {model: rows for model, rows in recorded_rows().items() if model not in gave}
    assert recorded_rows() == {**gave, **{model: [] for model in later}}
    assert checking.check_rows(lambda _done: None) == []


def test_there_is_a_golden_archive() -> None:
    assert VERSIONS


__all__ = ["template"]
