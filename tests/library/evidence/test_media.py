from __future__ import annotations

import mimetypes
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.evidence.media import _BY_EXTENSION, UNKNOWN, extension_of, media_type_of


@pytest.mark.parametrize(
    ("name", "extension", "media_type"),
    [
        ("bridge.jpg", "jpg", "image/jpeg"),
        (b"BRIDGE.JPEG", "jpeg", "image/jpeg"),
        ("a/b.c/clip.MP4", "mp4", "video/mp4"),
        ("page.warc.gz", "gz", "application/gzip"),
        ("site.wacz", "wacz", "application/wacz"),
        ("mail.eml", "eml", "message/rfc822"),
        ("заява.pdf", "pdf", "application/pdf"),
        (b"caf\xe9.txt", "txt", "text/plain"),
        ("\udce9.txt", "txt", "text/plain"),
        ("README", "", UNKNOWN),
        (".jpg", "", UNKNOWN),
        ("a/.jpg", "", UNKNOWN),
        ("folder.jpg/file", "", UNKNOWN),
        ("name.", "", UNKNOWN),
        ("name.toolongext", "", UNKNOWN),
        ("name.jpg ", "", UNKNOWN),
        ("name.jp\u0261", "", UNKNOWN),
        ("name.\u212a", "", UNKNOWN),  # the Kelvin sign, whose lower case is k
        ("name.zzz", "zzz", UNKNOWN),
        ("", "", UNKNOWN),
        ("name.jpg\0.exe", "exe", UNKNOWN),
    ],
)
def test_a_name_claims_a_type(name: bytes | str, extension: str, media_type: str) -> None:
    assert extension_of(name) == extension
    assert media_type_of(name) == media_type


@given(st.binary(max_size=40) | st.text(max_size=20))
def test_an_extension_is_safe_to_put_in_a_path(name: bytes | str) -> None:
    assert re.fullmatch(r"([a-z0-9]{1,8})?", extension_of(name))


def test_the_table_agrees_with_the_table_of_the_language_where_that_knows_better() -> None:
    registered = mimetypes.MimeTypes()  # the built-in table alone, no files of the machine
    differing = {
        extension: (ours, theirs)
        for extension, ours in _BY_EXTENSION.items()
        if (theirs := registered.types_map[True].get("." + extension)) and theirs != ours
    }
    # Each difference is on purpose: a registered type, or one of video for what cameras write.
    assert set(differing) <= {
        "3g2", "3gp", "aif", "aiff", "avi", "crt", "js", "mkv", "obj", "ogg", "rst", "rtf", "tsv",
        "wav", "xml", "zip", "bmp", "ico", "pst", "ts", "srt", "md", "vcf", "webm", "weba", "opus",
    }, differing  # fmt: skip
