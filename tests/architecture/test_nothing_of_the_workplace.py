"""A commit names no package registry, no machine of ours and no tool that wrote it.

The words are put together here from pieces, so that this file passes its own test.
"""

from __future__ import annotations

import re
import subprocess

from tests.architecture.tree import ROOT, project_files, shown

REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "registry.yarnpkg" + ".com",
    "deb.debian" + ".org",
    "proxy.golang" + ".org",
    "index" + "-url",
    "find" + "-links",
]
WORKPLACE = [
    "/" + "work/",
    "clau" + "de",
    "anthro" + "pic",
    "chat" + "gpt",
    "cop" + "ilot",
]
# The options that keep addresses out of the locks begin so.
KEPT_OUT = "--no-emit-"


def found_in(text: str) -> set[str]:
    """The forbidden words that a text contains."""
    lowered = text.lower()
    for option in ("index" + "-url", "find" + "-links"):
        lowered = lowered.replace(KEPT_OUT + option, "")
    words = {word for word in REGISTRIES + WORKPLACE if word in lowered}
    # A folder of the project may end so (`framework/`): only an absolute path is ours.
    if "/" + "work/" in words and not re.search(r"(?<![\w.-])/" + "work/", lowered):
        words.discard("/" + "work/")
    return words


def test_no_file_names_a_registry_or_the_workplace() -> None:
    found = {}
    for path in project_files():
        words = found_in(path.read_bytes().decode("utf-8", errors="replace"))
        if words:
            found[shown(path)] = words
    assert found == {}


def test_no_commit_message_names_a_registry_or_the_workplace() -> None:
    messages = subprocess.run(
        ["git", "log", "--format=%h %B%x00"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    found = {message.split()[0]: found_in(message) for message in messages if found_in(message)}
    assert found == {}


def test_the_locks_hold_digests_for_every_package() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8"))
        packages = [entry for entry in entries if not entry.startswith("#")]
        assert packages, lock.name
        assert [entry for entry in packages if "--hash=sha256:" not in entry] == []
