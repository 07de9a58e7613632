"""From the file to the court with a time that somebody else vouches for, by commands alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.testing.simulated_authority import NAME, SimulatedAuthority
from tests.journeys.serving import muniment

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "have-time-stamped.md"
SECTION = re.compile(r"^```toml\n(\[\[time\.authority\]\].*?)^```$", re.MULTILINE | re.DOTALL)


def name_authorities(
    workspace: Path, first: SimulatedAuthority, second: SimulatedAuthority
) -> None:
    """Follow the page: its own lines, with the addresses and names of the two demonstrations."""
    assert first.urls
    assert second.urls
    (workspace / "time").mkdir()
    for name, one in (("first", first), ("second", second)):
        pem = one.root.certificate.public_bytes(Encoding.PEM)
        (workspace / "time" / f"{name}-root.pem").write_bytes(pem)
    [text] = SECTION.findall(PAGE.read_text(encoding="utf-8"))
    text = text.replace("https://tsa.first.example/", first.urls.stamps)
    text = text.replace("http://stamps.second.example/", second.urls.stamps)
    text = text.replace('"First authority"', f'"{NAME} (first)"')
    text = text.replace('"Second authority"', f'"{NAME} (second)"')
    settings = workspace / "muniment.toml"
    before = settings.read_text(encoding="utf-8")
    reached = '\n[egress]\nnetworks = ["127.0.0.0/8"]\n\n'
    settings.write_text(f"{before}{reached}{text}", encoding="utf-8")


def asked(workspace: Path, *words: str) -> dict[str, Any]:
    """What a command says with --json."""
    return dict(json.loads(muniment(workspace, *words, "--json").stdout))


@pytest.mark.slow
def test_added_stamped_exported_and_read_by_three(tmp_path: Path) -> None:
    workspace, bundle = tmp_path / "workspace", tmp_path / "exhibit.zip"
    muniment(workspace, "init", str(workspace), "--name", "SPECIMEN archive")
    (tmp_path / "film.txt").write_text("SPECIMEN\n", encoding="utf-8")
    with SimulatedAuthority.serving() as first, SimulatedAuthority.serving() as second:
        name_authorities(workspace, first, second)
        muniment(workspace, "add", str(tmp_path / "film.txt"))
        done = asked(workspace, "work", "--once")
    assert [one["failures"] for one in done["time"]] == [0, 0]
    assert {one["authority"] for one in done["time"]} == {f"{NAME} (first)", f"{NAME} (second)"}
    [size] = {one["size"] for one in done["time"]}
    assert asked(workspace, "check")["ok"]
    muniment(workspace, "export", "M-00001", "--to", str(bundle), "--recipient", "a court")

    # Nobody is asked any more: what is checked lies in the bundle, and the roots came another way.
    for name in ("first", "second"):
        root = workspace / "time" / f"{name}-root.pem"
        words = ["verify", str(bundle), "--time-root", str(root), "--require", "existed_before"]
        assert asked(workspace, *words)["verdicts"]["existed_before"]["state"] == "proved"
    assert (
        asked(workspace, "verify", str(bundle))["verdicts"]["existed_before"]["state"] == "absent"
    )
    with zipfile.ZipFile(bundle) as bag:
        bag.extractall(tmp_path / "bag")
    [folder] = (tmp_path / "bag").iterdir()
    read = subprocess.run(
        [sys.executable, "-I", folder / "verify.py", "--json"], capture_output=True, check=True
    )
    told = json.loads(read.stdout)["verdicts"]["existed_before"]
    assert (told["state"], f"custody/tsa/{size}-2.tsr states" in told["detail"]) == ("absent", True)
