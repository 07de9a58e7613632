"""WACZ files (1.1.1), read by py-wacz: `wacz validate`.

Each file of the evidence is a record of one WARC. A WARC is its records' gzip members one after
another, so a record can be changed alone, its own digests made again.

Not tried: signed WACZ. The signature is checked by authsign, which needs a certificate for a domain
name from an authority that answers on the network; py-wacz alone passes over it and says so.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from zipfile import ZipFile

from wacz.main import main
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from muniment.testing.tampering.format import EVIDENCE, Claims, Files, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RECORD: Final = "record/"
_WARC: Final = "archive/data.warc.gz"
_PACKAGE, _DIGEST = "datapackage.json", "datapackage-digest.json"
_DATE: Final = "2026-03-09T15:00:00Z"


class WebArchives(Format):
    """A WACZ made by py-wacz of a WARC made by warcio.

    Its files are those in the ZIP, with the WARC as one member `record/<n>-<name>` a record.
    """

    name: ClassVar[str] = "wacz"
    claims: ClassVar[Claims] = Claims(
        detects=frozenset({"flip", "flip-record", "truncate", "swap", "drop", "add", "rename"}),
        words=(
            "A datapackage-digest.json file SHOULD be included in the root of the WACZ to verify "
            "the datapackage.json manifest with a hash and thus for the entire contents of the "
            "WACZ."
        ),
        source="https://specs.webrecorder.net/wacz/1.1.1/ (webrecorder/specs, 0e5bc37)",
        read="2026-11-21",
    )

    def __init__(self) -> None:
        """Make the archive once."""
        records = {f"{_RECORD}{n}": _record(f"{_RECORD}{n}", data) for n, data in EVIDENCE.items()}
        with tempfile.TemporaryDirectory() as name:
            warc, path = Path(name) / "data.warc.gz", Path(name) / "made.wacz"
            warc.write_bytes(b"".join(records.values()))
            _quietly(["create", "-o", str(path), str(warc)])
            with ZipFile(path) as archive:
                held = {one: archive.read(one) for one in archive.namelist()}
        self._whole = {**records, **{path: held[path] for path in held if path != _WARC}}

    @property
    def version(self) -> str:
        """The reader."""
        return f"py-wacz {version('wacz')}"

    def whole(self) -> Files:
        """The archive."""
        return self._whole

    def accepts(self, files: Files) -> bool:
        """Whether `wacz validate` ends with 0."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "tried.wacz"
            with ZipFile(path, "w") as archive:
                for member, data in _packed(files).items():
                    archive.writestr(member, data)
            return _quietly(["validate", "-f", str(path)]) == 0

    def contents(self, files: Files) -> dict[str, bytes]:
        """What the records hold."""
        return {path: _payload(data) for path, data in files.items() if path.startswith(_RECORD)}

    def with_contents(self, files: Files, contents: Files) -> Files:
        """Other records, each well made, under the old index and the old datapackage."""
        records = {path: _record(path, data) for path, data in contents.items()}
        return {**records, **{p: d for p, d in files.items() if not p.startswith(_RECORD)}}

    def resealed(self, files: Files) -> Files:
        """Datapackage and its digest made again for what there is; the index stays."""
        made = dict(files)
        packed = _packed(files)
        with contextlib.suppress(ValueError, KeyError, TypeError):
            package = json.loads(made[_PACKAGE])
            for one in package["resources"]:
                data = packed.get(one["path"], b"")
                one["hash"] = f"sha256:{sha256(data).hexdigest()}"
                one["bytes"] = len(data)
            package["resources"] = [one for one in package["resources"] if one["path"] in packed]
            made[_PACKAGE] = json.dumps(package, indent=2).encode()
        if _DIGEST in made and _PACKAGE in made:
            digest = f"sha256:{sha256(made[_PACKAGE]).hexdigest()}"
            made[_DIGEST] = json.dumps({"path": _PACKAGE, "hash": digest}).encode()
        return made

    def earlier(self, files: Files) -> Iterator[Files]:
        """When it was made, and when each record was taken."""
        package = json.loads(files[_PACKAGE])
        package["created"] = "2024-03-09T15:00:00Z"
        yield {**files, _PACKAGE: json.dumps(package, indent=2).encode()}
        yield {
            path: _record(path, _payload(data), 2024) if path.startswith(_RECORD) else data
            for path, data in files.items()
        }

    def digests(self, files: Files) -> Iterable[Iterable[str]]:
        """The digest of the datapackage, the datapackage, both, the indexes."""
        indexes = [path for path in files if path.startswith("indexes/")]
        return [[_DIGEST], [_PACKAGE], [_DIGEST, _PACKAGE], indexes]


def _packed(files: Files) -> dict[str, bytes]:
    """The members of the ZIP: records joined to their WARC."""
    records = [data for path, data in files.items() if path.startswith(_RECORD)]
    others = {path: data for path, data in files.items() if not path.startswith(_RECORD)}
    return {_WARC: b"".join(records), **others}


def _payload(record: bytes) -> bytes:
    payloads = [one.content_stream().read() for one in ArchiveIterator(io.BytesIO(record))]
    return b"".join(payloads)


def _record(path: str, data: bytes, year: int = 2026) -> bytes:
    """One response of a server, as a gzip member of a WARC; the path gives its address."""
    name = path.removeprefix(_RECORD)
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    record = writer.create_warc_record(
        f"https://specimen.invalid/{name}",
        "response",
        payload=io.BytesIO(data),
        http_headers=headers,
        warc_headers_dict={
            "WARC-Date": _DATE.replace("2026", str(year)),
            "WARC-Record-ID": f"<urn:uuid:{sha256(name.encode()).hexdigest()[:32]}>",
        },
    )
    writer.write_record(record)
    return out.getvalue()


def _quietly(words: list[str]) -> int:
    """Run py-wacz's program; what it prints is not kept. A failure of its own counts as 1."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return int(main(words) or 0)
        except (Exception, SystemExit):  # noqa: BLE001 - a reader that fails does not accept
            return 1
