"""A parser with one bad habit, named by its second argument."""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time


def main() -> None:
    """Answers, or misbehaves."""
    source, behaviour = sys.argv[1:3]
    if behaviour == "sleeps":
        time.sleep(3600)
    if behaviour == "crashes":
        ctypes.string_at(0)
    if behaviour == "floods":
        while True:
            sys.stdout.write("x" * 65536)
    if behaviour == "lies":
        sys.stdout.buffer.write(b'{"said": "\xff"')
        return
    said = "nothing"
    if behaviour == "steals":
        try:
            said = os.read(os.open("/etc/passwd", os.O_RDONLY), 20).decode()
        except OSError as error:
            said = f"refused: {error.errno}"
    with open(source, "rb") as file:  # noqa: PTH123  # one call
        size = len(file.read())
    json.dump({"said": said, "size": size}, sys.stdout)


main()
