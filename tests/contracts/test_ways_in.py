"""Our ways in keep the contract, and are found like a stranger's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from muniment import plugins
from muniment.testing.capturer import CapturerContract, Laid

if TYPE_CHECKING:
    from pathlib import Path

    from muniment.capture.api import Capturer


class TestFile(CapturerContract):
    def capturer(self) -> Capturer:
        return plugins.capturers()["file"]

    def lay_out(self, folder: Path) -> Laid:
        (folder / "-rf свідчення.txt").write_bytes(b"evidence")
        return Laid(str(folder / "-rf свідчення.txt"), {"-rf свідчення.txt".encode(): b"evidence"})


class TestFolder(CapturerContract):
    def capturer(self) -> Capturer:
        return plugins.capturers()["folder"]

    def lay_out(self, folder: Path) -> Laid:
        root = folder / "depot"
        (root / "a" / "b").mkdir(parents=True)
        (root / "empty").mkdir()
        files = {b"one": b"1", b"a/two": b"", b"a/b/three\n": b"333", b"a/b/\xff\xfe": b"4"}
        for place, data in files.items():
            with open(os.fsencode(root) + b"/" + place, "wb") as file:  # noqa: PTH123  # bytes
                file.write(data)
        (root / "loop").symlink_to(root)
        (root / "a" / "link").symlink_to("../one")
        os.mkfifo(root / "pipe")
        return Laid(str(root), files, ("file.link", "file.link_loop", "file.special"))
