"""The page's own mathematics, in Chromium, against vectors of others and against Python's."""

from __future__ import annotations

import json
import random
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from muniment.export.exhibit.zipping import Member, end_records
from muniment.verify.archive_zip import ZipArchive
from tests.library.exhibit.browser import module_page


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page that has imported the modules one by one."""
    with module_page() as page:
        page.evaluate(
            """async () => {
              const names = ["bytes", "sha256", "sha512", "crc32", "ed25519", "merkle", "json",
                "policy", "words", "zip"];
              window.m = {};
              for (const name of names) Object.assign(m, await import(`/${name}.js`));
            }"""
        )
        yield page


def calls(page: Page, script: str, values: list[Any]) -> list[Any]:
    """The results of one expression over `x` for each value, an error's text for each refusal."""
    found: list[Any] = page.evaluate(
        f"""async (values) => Promise.all(values.map(async (x) => {{
          try {{ return await ({script}); }} catch (error) {{
            if (!(error instanceof m.Refusal)) throw error;
            return "refused: " + error.message;
          }}
        }}))""",
        values,
    )
    return found


def lengths() -> list[bytes]:
    chance = random.Random(2026)
    around = [0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 113, 127, 128, 129, 255, 256, 1000, 70_001]
    return [chance.randbytes(length) for length in around]


def test_digests_are_those_of_python(page: Page) -> None:
    hexes = [data.hex() for data in lengths()]
    for script, algorithm in (("sha256", sha256), ("sha512", sha512)):
        found = calls(page, f"m.toHex(m.{script}(m.fromHex(x)))", hexes)
        assert found == [algorithm(data).hexdigest() for data in lengths()]


def test_a_digest_is_the_same_however_the_bytes_are_cut(page: Page) -> None:
    data = random.Random(7).randbytes(5000)
    script = """(() => {
      const [kind, hex, cuts] = x;
      const bytes = m.fromHex(hex);
      const hash = new m[kind]();
      [0, ...cuts].forEach((cut, i, all) => hash.update(bytes.subarray(cut, all[i + 1])));
      return m.toHex(hash.digest());
    })()"""
    chance = random.Random(8)
    cuts = [sorted(chance.sample(range(5000), 9)) for _ in range(20)]
    for kind, algorithm in (("Sha256", sha256), ("Sha512", sha512)):
        found = calls(page, script, [[kind, data.hex(), each] for each in cuts])
        assert set(found) == {algorithm(data).hexdigest()}


def test_checksums_are_those_of_zlib(page: Page) -> None:
    script = """(() => {
      const bytes = m.fromHex(x);
      const cut = bytes.length >> 1;
      return m.crc32(m.crc32(0, bytes.subarray(0, cut)), bytes.subarray(cut));
    })()"""
    found = calls(page, script, [data.hex() for data in lengths()])
    assert found == [zlib.crc32(data) for data in lengths()]


def test_signatures_are_judged_as_wycheproof_says(page: Page, shared: Path) -> None:
    suite = json.loads(next((shared / "vectors" / "wycheproof").rglob("*ed25519*")).read_text())
    cases = [
        [group["publicKey"]["pk"], one["msg"], one["sig"], one["result"] == "valid"]
        for group in suite["testGroups"]
        for one in group["tests"]
    ]
    assert len(cases) > 100
    own = "m.ownEd25519(m.fromHex(x[0]), m.fromHex(x[1]), m.fromHex(x[2]))"
    assert calls(page, own, cases) == [case[3] for case in cases]
    browsers = (
        "m.signatureCheck().then((one) => [one.name, one.check(m.fromHex(x[0]), m.fromHex(x[1]), "
        "m.fromHex(x[2]))]).then(async ([name, holds]) => [name, await holds])"
    )
    found = calls(page, browsers, cases)
    assert {name for name, _ in found} == {"the browser's WebCrypto"}
    assert [holds for _, holds in found] == [case[3] for case in cases]


def test_keys_under_which_anyone_can_sign_are_known(page: Page) -> None:
    small = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ]
    honest = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    found = calls(page, "m.anyoneCanSign(m.fromHex(x))", [*small, honest])
    assert found == [True] * len(small) + [False]


def vectors(shared: Path, kind: str) -> list[dict[str, Any]]:
    files = sorted((shared / "vectors" / "merkle" / "testdata" / kind).rglob("*.json"))
    assert len(files) > 50
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def hex_of(text: str | None) -> str:
    return b64decode(text or "").hex()


def test_inclusion_is_judged_as_others_do(page: Page, shared: Path) -> None:
    cases = vectors(shared, "inclusion")
    script = (
        "m.inclusionHolds(m.fromHex(x.leaf), x.index, x.size, x.proof.map(m.fromHex), "
        "m.fromHex(x.root))"
    )
    inputs = [
        {
            "leaf": hex_of(case["leafHash"]),
            "index": case["leafIdx"],
            "size": case["treeSize"],
            "proof": [hex_of(one) for one in case["proof"] or []],
            "root": hex_of(case["root"]),
        }
        for case in cases
        # Beyond 2^53 a size is refused before it comes this far.
        if case["leafIdx"] < 2**53
    ]
    expected = [not case["wantErr"] for case in cases if case["leafIdx"] < 2**53]
    assert calls(page, script, inputs) == expected


def test_consistency_is_judged_as_others_do(page: Page, shared: Path) -> None:
    # From an empty log there is nothing to prove, and this page accepts no such proof.
    cases = [case for case in vectors(shared, "consistency") if 0 < case["size1"] < 2**53]
    script = (
        "m.consistencyHolds(x.old, m.fromHex(x.oldRoot), x.size, m.fromHex(x.root), "
        "x.proof.map(m.fromHex))"
    )
    inputs = [
        {
            "old": case["size1"],
            "oldRoot": hex_of(case["root1"]),
            "size": case["size2"],
            "root": hex_of(case["root2"]),
            "proof": [hex_of(one) for one in case["proof"] or []],
        }
        for case in cases
    ]
    found = calls(page, script, inputs)
    wrong = [
        (case["desc"], case["size1"], case["size2"])
        for case, holds in zip(cases, found, strict=True)
        if holds == case["wantErr"]
    ]
    assert wrong == []


def test_canonical_json_is_that_of_the_vectors(page: Page, shared: Path) -> None:
    folder = shared / "vectors" / "jcs" / "testdata"
    for name in ("arrays", "french", "structures", "unicode", "weird"):
        value = (folder / "input" / f"{name}.json").read_text(encoding="utf-8")
        (found,) = calls(page, "m.canonicalJson(JSON.parse(x))", [value])
        expected = (folder / "output" / f"{name}.json").read_text(encoding="utf-8")
        # The log's JSON has no null.
        assert found == ("refused: a value is null" if "null" in value else expected)


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"b":1,"a":2}', '{"a": 1}', "[1.0]", "[1e2]", "[-0]", "[null]",
     "[9007199254740993]", '["\\u0041"]', '["\\ud800"]', "[1]\n", "", "\ufeff[1]", '{"a":1.5}'],
)  # fmt: skip
def test_other_spellings_are_refused(page: Page, text: str) -> None:
    (found,) = calls(page, "m.parseCanonical(m.toUtf8(x), 'it')", [text])
    assert str(found).startswith("refused")


@pytest.mark.parametrize("text", ["QQ==", "", "AAEC"])
def test_base64_has_one_spelling(page: Page, text: str) -> None:
    script = "m.toBase64(m.fromBase64(x, 'it'))"
    assert calls(page, script, [text]) == [text]
    for other in (text + "=", text + "\n", " " + text, text.replace("QQ", "QR"), text + "A"):
        if other != text:
            (found,) = calls(page, script, [other])
            assert found.startswith("refused"), other


def test_what_would_hide_or_reorder_text_is_shown(page: Page) -> None:
    texts = ["a\u202eb", "a\u200bb", "a\x1b[31m", "нормально", "a\u200db", "x\ny", "\u2066", "😀"]
    shown = ["a\\u{202e}b", "a\\u{200b}b", "a\\u{1b}[31m", "нормально", "a\u200db", "x\\u{a}y"]
    assert calls(page, "m.plain(x)", texts) == [*shown, "\\u{2066}", "😀"]


def test_a_zip_above_four_gigabytes_is_read_by_all(page: Page, tmp_path: Path) -> None:
    """Headers as the exporter writes them around files of holes, which take no room on the disk."""
    members: list[Member] = []
    position = 0
    with (tmp_path / "big.zip").open("wb") as out:
        for name, size in (("a", 5), ("big", 2**32 + 12_345), ("far", 5)):
            members.append(Member(f"exhibit-1/{name}.bin".encode(), 0, size, position))
            out.seek(position)
            out.write(members[-1].local)
            position += len(members[-1].local) + size
        out.seek(position)
        directory = b"".join(member.central for member in members)
        out.write(directory + end_records(len(members), len(directory), position))
    page.evaluate("document.body.innerHTML = '<input type=file>'")
    page.set_input_files("input", tmp_path / "big.zip")
    (found,) = calls(
        page,
        """m.readZip(document.querySelector("input").files[0]).then(({ name, files }) =>
          [name, ...[...files].map(([path, { blob }]) => [path, blob.size])])""",
        [0],
    )
    sizes = {"a.bin": 5, "big.bin": 2**32 + 12_345, "far.bin": 5}
    assert found == ["exhibit-1", *([path, size] for path, size in sizes.items())]
    with (tmp_path / "big.zip").open("rb") as file:
        assert ZipArchive(file).sizes == sizes
    with zipfile.ZipFile(tmp_path / "big.zip") as archive:
        assert [info.file_size for info in archive.infolist()] == list(sizes.values())
        assert [info.header_offset for info in archive.infolist()] == [m.start for m in members]


def test_policies_are_read_as_c2sp_says(page: Page) -> None:
    key = "example.com/log+0+AQ=="
    texts = [
        "quorum none\n",
        "quorum x\n",
        "",
        "quorum none",
        "quorum none\nquorum none\n",
        "group g 1 x\nquorum g\n",
        "nonsense\nquorum none\n",
        f"log {key}\nquorum none\n",
    ]
    found = calls(page, "m.parsePolicy(x).quorum", texts)
    assert found[0] == "none"
    assert all(str(one).startswith("refused") for one in found[1:])
