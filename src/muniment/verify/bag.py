"""The bag's own files, remade (BagIt 1.0, RFC 8493; custody-log §7).

- `bagit.txt` and the manifests have exactly one form; they are compared with it byte for byte.
- `bag-info.txt` may say more, but its date, its size and its identifier are those of the export.
- There is no `fetch.txt`: the layout has no place for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from muniment.verify.fault import Fault, shown
from muniment.verify.layout import (
    BAG_DECLARATION,
    BAG_INFO,
    MANIFEST,
    SECOND_MANIFEST,
    TAG_MANIFEST,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from muniment.verify.acts import Act
    from muniment.verify.contents import Contents

_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_INFO_LINE = re.compile(r"([A-Za-z0-9-]+): (\S(?:.*\S)?)")


def check_manifests(contents: Contents) -> None:
    """`Fault` unless the bag's declaration and manifests are what the files make them."""
    if contents.text(BAG_DECLARATION) != _DECLARATION:
        raise Fault(f"{BAG_DECLARATION} does not declare BagIt 1.0 in UTF-8")
    payload = {path for path in contents.measured if path.startswith("data/")}
    tags = contents.measured.keys() - payload - {TAG_MANIFEST}
    digests = {path: one.sha256 for path, one in contents.measured.items()}
    _compare(contents, MANIFEST, ((path, digests[path]) for path in payload))
    _compare(contents, TAG_MANIFEST, ((path, digests[path]) for path in tags))
    if SECOND_MANIFEST in contents.measured:
        longer = ((path, contents.measured[path].sha512) for path in payload)
        _compare(contents, SECOND_MANIFEST, longer)


def _compare(contents: Contents, manifest: str, digests: Iterable[tuple[str, str]]) -> None:
    expected = "".join(f"{digest}  {path}\n" for path, digest in sorted(digests)).encode()
    actual = contents.text(manifest)
    if actual == expected:
        return
    lines = set(expected.split(b"\n")) ^ set(actual.split(b"\n"))
    paths = sorted({line.partition(b"  ")[2].decode("utf-8", "replace") for line in lines})
    about = ", ".join(shown(path) for path in paths[:3] if path) or "its order"
    raise Fault(f"{manifest} is not what the files give; see {about}")


def check_info(contents: Contents, export: Act) -> None:
    """`Fault` unless `bag-info.txt` gives the export's date, its id and the payload's size."""
    try:
        lines = contents.text(BAG_INFO).decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Fault(f"{BAG_INFO} is not UTF-8") from error
    given: dict[str, str] = {}
    for line in lines[:-1]:
        match = _INFO_LINE.fullmatch(line)
        if not match or match[1].lower() in given:
            raise Fault(f"{BAG_INFO} has a line that is no label, or one twice: {shown(line)}")
        given[match[1].lower()] = match[2]
    payload = [one.size for path, one in contents.measured.items() if path.startswith("data/")]
    expected = {
        "bagging-date": export.time[:10],
        "external-identifier": export.entry.eid,
        "payload-oxum": f"{sum(payload)}.{len(payload)}",
    }
    for label, value in expected.items():
        if given.get(label) != value:
            raise Fault(f"{BAG_INFO} does not give {value} as {label}")
    if lines[-1]:
        raise Fault(f"the last line of {BAG_INFO} is not ended")
