"""Keys, heads, proofs and leaves changed: `included` and `append_only`.

Every change is made as a careful forger would: page and manifests are made again over it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from muniment.verify import verify
from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import read_bundle, refused
from tests.library.verify.second_writer import (
    LOG_KEY,
    ORIGIN,
    Bundle,
    Key,
    b64,
    key,
    leaf_hash,
    note,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

GOOD = exhibit()
CHECKPOINT = GOOD.files["custody/checkpoint"]
OLD = "custody/consistency/4-13"
PROOF = "custody/proofs/5.tlog-proof"


def everywhere(new: bytes) -> Bundle:
    """Another checkpoint, in its own file and at the end of every proof."""
    files = {
        path: data.replace(CHECKPOINT, new)
        for path, data in GOOD.files.items()
        if path.startswith("custody/proofs/") or path == "custody/checkpoint"
    }
    return GOOD.resealed(files)


def resigned(text: str, signer: Key = LOG_KEY) -> bytes:
    return note(text, [signer])


TEXT = CHECKPOINT.decode().split("\n\n")[0] + "\n"
ROOT = TEXT.split("\n")[2]

CHECKPOINTS: dict[str, bytes] = {
    "empty": b"",
    "carriage returns, signed": resigned(TEXT.replace("\n", "\r\n")),
    "a carriage return": CHECKPOINT.replace(b"\n", b"\r\n", 1),
    "not UTF-8": b"\xff" + CHECKPOINT,
    "a tab": CHECKPOINT.replace(b"13", b"\t13"),
    "a size with a leading zero, signed": resigned(TEXT.replace("\n13\n", "\n013\n")),
    "a size with a plus, signed": resigned(TEXT.replace("\n13\n", "\n+13\n")),
    "a size in other digits, signed": resigned(TEXT.replace("\n13\n", "\n١٣\n")),
    "a size that is negative, signed": resigned(TEXT.replace("\n13\n", "\n-13\n")),
    "a smaller size, signed": resigned(TEXT.replace("\n13\n", "\n11\n")),
    "a size of zero, signed": resigned(TEXT.replace("\n13\n", "\n0\n")),
    "an extension line, signed": resigned(TEXT + "extended\n"),
    "no root, signed": resigned("\n".join(TEXT.split("\n")[:2]) + "\n"),
    "a root of 31 bytes, signed": resigned(TEXT.replace(ROOT, b64(bytes(31)))),
    "a root without padding, signed": resigned(TEXT.replace(ROOT, ROOT.rstrip("="))),
    "another root, signed": resigned(TEXT.replace(ROOT, b64(bytes(32)))),
    "another origin, signed": resigned(TEXT.replace(ORIGIN, ORIGIN + "x")),
    "no origin, signed": resigned(TEXT.replace(ORIGIN, "")),
    "no signature": TEXT.encode() + b"\n",
    "no blank line": CHECKPOINT.replace(b"\n\n", b"\n"),
    "two blank lines": CHECKPOINT.replace(b"\n\n", b"\n\n\n"),
    "no end of line": CHECKPOINT[:-1],
    "an empty line at the end": CHECKPOINT + b"\n",
    "a line of nobody": CHECKPOINT + key("nobody.invalid").line(TEXT).encode(),
    "far too long": CHECKPOINT + b"\n" * (1 << 20),
    "65 signatures": CHECKPOINT
    + b"".join(key(f"w{n}.invalid").line(TEXT).encode() for n in range(64)),
    "a remark": CHECKPOINT + b"# seen and approved\n",
    "a hyphen for the dash": CHECKPOINT.replace("—".encode(), b"-"),
    "the signature twice": CHECKPOINT + CHECKPOINT.split(b"\n\n")[1],
    "a signature in other base64": CHECKPOINT[:-3] + b"=\n",
    "a signature of no bytes": TEXT.encode() + f"\n— {ORIGIN} {b64(LOG_KEY.key_id)}\n".encode(),
    "another key's signature": resigned(TEXT, key("another.invalid/log")),
    "a false key of that name": resigned(TEXT, key(ORIGIN, seed="false")),
    "a signature over another text": TEXT.encode()
    + resigned(TEXT.replace("13", "12"))[len(TEXT) :],
}


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_checkpoint_has_one_form_and_the_log_s_signature(tmp_path: Path, name: str) -> None:
    outcome = refused(everywhere(CHECKPOINTS[name]), tmp_path, "included")
    assert outcome.states["append_only"] != "proved"


@pytest.mark.parametrize("size", [14, 16])
def test_a_size_that_the_old_heads_do_not_lead_to_is_refused(tmp_path: Path, size: int) -> None:
    """In a tree of 14 these entries have the very same inclusion proofs."""
    bundle = everywhere(resigned(TEXT.replace("\n13\n", f"\n{size}\n")))
    refused(bundle, tmp_path, "append_only")


def test_each_bit_of_a_signature_counts(tmp_path: Path) -> None:
    line = CHECKPOINT.decode().split("\n\n")[1].split(" ")
    data = bytearray(base64.b64decode(line[2]))
    for at in range(4, len(data), 9):
        changed = bytearray(data)
        changed[at] ^= 1
        forged = TEXT.encode() + f"\n— {ORIGIN} {b64(bytes(changed))}\n".encode()
        folder = tmp_path / str(at)
        folder.mkdir()
        refused(everywhere(forged), folder, "included", "signature")


def test_a_checkpoint_that_the_proofs_do_not_end_in_is_refused(tmp_path: Path) -> None:
    other = exhibit(Plan(size=12)).files["custody/checkpoint"]
    refused(GOOD.resealed({"custody/checkpoint": other}), tmp_path, "included")


SECOND = key("second.invalid/log")
KEYS: dict[str, bytes] = {
    "none": b"",
    "an empty line": f"{LOG_KEY.text}\n\n".encode(),
    "a remark": f"# the log\n{LOG_KEY.text}\n".encode(),
    "no end of line": LOG_KEY.text.encode(),
    "a carriage return": f"{LOG_KEY.text}\r\n".encode(),
    "a space": f" {LOG_KEY.text}\n".encode(),
    "not UTF-8": b"\xff\n",
    "a key twice": f"{LOG_KEY.text}\n{LOG_KEY.text}\n".encode(),
    "a key that signs nothing": f"{LOG_KEY.text}\n{SECOND.text}\n".encode(),
    "far too many keys": (f"{LOG_KEY.text}\n" * 300).encode(),
    "another log's key": f"{SECOND.text}\n".encode(),
    "a witness first": f"{key(ORIGIN, 4).text}\n".encode(),
    "another id": LOG_KEY.text.replace(LOG_KEY.key_id.hex(), "00000000").encode() + b"\n",
    "an id in capitals": LOG_KEY.text.replace(
        LOG_KEY.key_id.hex(), LOG_KEY.key_id.hex().upper()
    ).encode()
    + b"\n",
    "no key": f"{ORIGIN}+00000000+\n".encode(),
    "a name with a direction mark": f"{key(ORIGIN + chr(0x202E)).text}\n".encode(),
    "a name with an escape": f"{key(ORIGIN + chr(0x1B)).text}\n".encode(),
    "a name with a space": f"{key(ORIGIN + chr(0xA0)).text}\n".encode(),
    "no name": LOG_KEY.text[len(ORIGIN) :].encode() + b"\n",
}


@pytest.mark.parametrize(
    "material",
    [
        LOG_KEY.material[:-1],
        LOG_KEY.material + b"x",
        b"\x09" + LOG_KEY.material[1:],
        b"\x01",
        b"\x06" + LOG_KEY.material[1:],
    ],
)
def test_a_key_has_the_length_of_its_kind(tmp_path: Path, material: bytes) -> None:
    bundle = GOOD.resealed({"custody/keys": with_own_id(material)})
    refused(bundle, tmp_path, "included", "not a verifier key")


@pytest.mark.parametrize("name", KEYS)
def test_the_key_file_has_one_form(tmp_path: Path, name: str) -> None:
    refused(GOOD.resealed({"custody/keys": KEYS[name]}), tmp_path, "included")


def weak(y: int) -> str:
    material = b"\x01" + y.to_bytes(32, "little")
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + material).digest()[:4]
    return f"{ORIGIN}+{key_id.hex()}+{b64(material)}"


PRIME = 2**255 - 19
ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
WEAK = [0, 1, PRIME - 1, ORDER_8, PRIME - ORDER_8, PRIME, PRIME + 1, 1 << 255, 1 | 1 << 255]


@pytest.mark.parametrize("y", WEAK)
def test_a_key_under_which_anyone_can_sign_is_refused(tmp_path: Path, y: int) -> None:
    line = f"{weak(y)}\n".encode()
    refused(GOOD.resealed({"custody/keys": line}), tmp_path, "included", "anyone could sign")


def after(letter: bytes) -> bytes:
    """The next letter of base64: the same byte, and a bit that belongs to none."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return letters[letters.index(letter) + 1 :][:1]


def with_own_id(material: bytes) -> bytes:
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n" + material).digest()[:4]
    return f"{ORIGIN}+{key_id.hex()}+{b64(material)}\n".encode()


PROOFS: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "another version": lambda text: text.replace(b"@v1", b"@v2"),
    "another index": lambda text: text.replace(b"index 5", b"index 6"),
    "an index with a zero": lambda text: text.replace(b"index 5", b"index 05"),
    "extra": lambda text: text.replace(b"index", b"extra aGk=\nindex"),
    "a hash too few": lambda text: b"".join(
        line for at, line in enumerate(text.splitlines(keepends=True)) if at != 2
    ),
    "a hash too many": lambda text: text.replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1),
    "a hash twice": lambda text: b"".join(
        line * (2 if at == 2 else 1) for at, line in enumerate(text.splitlines(keepends=True))
    ),
    "hashes swapped": lambda text: b"".join(
        text.splitlines(keepends=True)[at] for at in (0, 1, 3, 2, *range(4, 12)) if at < 11
    ),
    "too many hashes": lambda text: text.replace(
        b"\n\n", b"\n" + (b"A" * 43 + b"=\n") * 65 + b"\n", 1
    ),
    "a hash with other bits": lambda text: text.replace(
        text.splitlines()[2], text.splitlines()[2][:-2] + after(text.splitlines()[2][-2:-1]) + b"="
    ),
    "a short hash": lambda text: text.replace(b"=\n", b"\n", 1),
    "a hash of 31 bytes": lambda text: text.replace(
        text.splitlines()[2], b64(bytes(31)).encode(), 1
    ),
    "no hash at all": lambda text: text.replace(
        text.split(b"\n\n")[0], b"\n".join(text.splitlines()[:2])
    ),
    "no checkpoint": lambda text: text.split(b"\n\n")[0] + b"\n",
    "something after it": lambda text: text + b"\n",
    "carriage returns": lambda text: text.replace(b"\n", b"\r\n"),
    "another entry's proof": lambda _: GOOD.files["custody/proofs/7.tlog-proof"],
    "another entry's hashes": lambda _: GOOD.files["custody/proofs/7.tlog-proof"].replace(
        b"index 7", b"index 5"
    ),
    "another bundle's proof": lambda _: exhibit(Plan(size=12)).files[PROOF],
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_has_one_form_and_leads_to_the_root(tmp_path: Path, name: str) -> None:
    changed = PROOFS[name](GOOD.files[PROOF])
    assert changed != GOOD.files[PROOF]
    outcome = refused(GOOD.resealed({PROOF: changed}), tmp_path, "included")
    assert "5" in outcome.details["included"]


def test_a_proof_that_nothing_uses_is_refused(tmp_path: Path) -> None:
    more = GOOD.files[PROOF].replace(b"index 5", b"index 6")
    bundle = GOOD.resealed({"custody/proofs/6.tlog-proof": more})
    refused(bundle, tmp_path, "included", "6.tlog-proof proves no entry")


ENTRIES = GOOD.files["custody/entries.jsonl"]
LINES = ENTRIES.splitlines(keepends=True)
ENTRY_FILES: dict[str, bytes] = {
    "empty": b"",
    "no end of line": ENTRIES[:-1],
    "an empty line": ENTRIES + b"\n",
    "carriage returns": ENTRIES.replace(b"\n", b"\r\n"),
    "a space": ENTRIES.replace(b'"index":', b'"index": '),
    "members in another order": ENTRIES.replace(b'{"disclosures"', b'{"a":1,"disclosures"'),
    "an entry twice": b"".join([LINES[0], *LINES]),
    "entries swapped": b"".join([LINES[1], LINES[0], *LINES[2:]]),
    "an index as text": ENTRIES.replace(b'"index":1,', b'"index":"1",'),
    "an index below zero": ENTRIES.replace(b'"index":1,', b'"index":-1,'),
    "an index with a point": ENTRIES.replace(b'"index":1,', b'"index":1.0,'),
    "a leaf that is no text": ENTRIES.replace(b'"leaf":"', b'"leaf":["', 1).replace(
        b'"}', b'"]}', 1
    ),
    "a leaf in other base64": ENTRIES.replace(b'=="}', b'="}').replace(b'="}', b'"}'),
    "disclosures that are none": ENTRIES.replace(b'"disclosures":[', b'"disclosures":[1,', 1),
    "a mark before all": b"\xef\xbb\xbf" + ENTRIES,
    "not UTF-8": ENTRIES.replace(b'"index"', b'"\xff"', 1),
    "a null": ENTRIES.replace(b'"index":1,', b'"index":null,'),
    "an index of another entry": ENTRIES.replace(b'"index":5,', b'"index":6,'),
}


@pytest.mark.parametrize("name", ENTRY_FILES)
def test_the_entries_have_one_form(tmp_path: Path, name: str) -> None:
    assert ENTRY_FILES[name] != ENTRIES
    refused(GOOD.resealed({"custody/entries.jsonl": ENTRY_FILES[name]}), tmp_path, "included")


@pytest.mark.parametrize("path", ["keys", "policy", "checkpoint", "entries.jsonl"])
def test_a_missing_custody_file_is_refused(tmp_path: Path, path: str) -> None:
    verdict = "witnessed" if path == "policy" else "included"
    refused(GOOD.resealed({f"custody/{path}": None}), tmp_path, verdict, "missing")


def leaf_edit(**changes: Tree) -> Callable[[Tree], Tree]:
    return lambda leaf: {**leaf, **changes}


LEAVES: dict[str, dict[str, Callable[[Tree], Tree]]] = {
    "another log": {"leaf a.described": leaf_edit(log="another.invalid/log")},
    "another version": {"leaf a.described": leaf_edit(v=2)},
    "a version that is true": {"leaf a.described": leaf_edit(v=True)},
    "something in clear": {"leaf a.described": leaf_edit(act="item.described")},
    "an id in capitals": {"leaf a.described": leaf_edit(eid="A" * 32)},
    "an id too short": {"leaf a.described": leaf_edit(eid="a" * 31)},
    "an id that is a number": {"leaf a.described": leaf_edit(eid=1)},
    "the id of another act": {
        "leaf a.described": leaf_edit(eid=hashlib.sha256(b"a.received").hexdigest()[:32])
    },
    "no digests": {"leaf a.described": leaf_edit(_sd=[])},
    "a digest that is none": {"leaf a.described": leaf_edit(_sd=["x"])},
    "a digest with other bits": {"leaf a.described": leaf_edit(_sd=["A" * 42 + "B"])},
    "digests out of order": {"leaf a.described": lambda leaf: {**leaf, "_sd": leaf["_sd"][::-1]}},
    "a digest twice": {
        "leaf a.described": lambda leaf: {**leaf, "_sd": sorted([*leaf["_sd"], leaf["_sd"][0]])}
    },
    "17 digests": {
        "leaf a.described": leaf_edit(
            _sd=sorted(
                base64.urlsafe_b64encode(hashlib.sha256(bytes([n])).digest()).decode().rstrip("=")
                for n in range(17)
            )
        )
    },
    "a name of 5,000 letters": {"leaf a.described": leaf_edit(log="x" * 5000)},
    "too long": {"leaf bytes a.described": lambda _: b'{"_sd":["' + b"A" * 4096 + b'"]}'},
    "spaces": {"leaf bytes a.described": lambda data: data.replace(b":", b": ")},
    "names in another order": {
        "leaf bytes a.described": lambda data: b'{"v":1,' + data[1:].replace(b',"v":1', b"")
    },
    "a name twice": {"leaf bytes a.described": lambda data: b'{"_sd":[],' + data[1:]},
    "an escape": {"leaf bytes a.described": lambda data: data.replace(b'"eid"', b'"e\\u0069d"')},
    "a list": {"leaf bytes a.described": lambda data: b"[" + data + b"]"},
    "nothing": {"leaf bytes a.described": lambda _: b""},
    "no JSON": {"leaf bytes a.described": lambda _: b"{"},
    "too deep": {"leaf bytes a.described": lambda _: b"[" * 2000 + b"]" * 2000},
}


@pytest.mark.parametrize("name", LEAVES)
def test_a_leaf_has_one_form_even_if_it_is_in_the_log(tmp_path: Path, name: str) -> None:
    refused(exhibit(Plan(hooks=LEAVES[name])), tmp_path, "included")


def test_a_leaf_changed_after_it_was_logged_is_refused(tmp_path: Path) -> None:
    line = LINES[3]
    leaf = base64.b64decode(line.split(b'"leaf":"')[1].split(b'"')[0])
    other = leaf.replace(b'"eid":"', b'"eid":"0')[:-1]
    other = leaf[: leaf.index(b'"eid":"') + 7] + b"0" * 32 + leaf[leaf.index(b'"eid":"') + 39 :]
    assert leaf_hash(other) != leaf_hash(leaf)
    changed = ENTRIES.replace(b64(leaf).encode(), b64(other).encode())
    bundle = GOOD.resealed({"custody/entries.jsonl": changed})
    refused(bundle, tmp_path, "included", "does not lead to the root")


HISTORIES: dict[str, Callable[[bytes], dict[str, bytes | None]]] = {
    "missing": lambda _: {OLD: None},
    "empty": lambda _: {OLD: b""},
    "named for another old size": lambda text: {OLD: None, "custody/consistency/3-13": text},
    "named for another new size": lambda text: {OLD: None, "custody/consistency/4-12": text},
    "a hash too few": lambda text: {OLD: text[: text.rindex(b"\n", 0, -1) + 1]},
    "a hash too many": lambda text: {OLD: text + b"A" * 43 + b"=\n"},
    "no hash": lambda text: {OLD: b"\n\n".join(text.split(b"\n\n")[:2]) + b"\n\n"},
    "no end of line": lambda text: {OLD: text[:-1]},
    "an empty line": lambda text: {OLD: text + b"\n"},
    "another hash": lambda text: {OLD: text[:-45] + b"A" * 43 + b"=\n"},
    "no blank line": lambda text: {OLD: text.replace(b"\n\n", b"\n")},
    "a carriage return": lambda text: {OLD: text.replace(b"\n", b"\r\n", 1)},
    "not signed": lambda text: {OLD: text.replace(b"+", b"/")},
    "a head too many": lambda text: {
        "custody/consistency/7-13": exhibit(Plan(heads=(7,))).files["custody/consistency/7-13"]
    },
    "a head from a larger log": lambda text: {
        OLD: None,
        "custody/consistency/14-13": text.replace(b"\n4\n", b"\n14\n"),
    },
}


@pytest.mark.parametrize("name", HISTORIES)
def test_a_consistency_file_has_one_form_and_leads_on(tmp_path: Path, name: str) -> None:
    refused(GOOD.resealed(HISTORIES[name](GOOD.files[OLD])), tmp_path, "append_only")


def test_another_history_of_the_same_log_is_refused(tmp_path: Path) -> None:
    """The log's keeper rewrote an act and signed again; the older head shows it."""
    text = GOOD.files[OLD].decode()
    other = note(f"{ORIGIN}\n4\n{b64(hashlib.sha256(b'other').digest())}\n", [LOG_KEY])
    forged = other + b"\n" + text.split("\n\n")[2].encode()
    outcome = refused(GOOD.resealed({OLD: forged}), tmp_path, "append_only")
    assert outcome.failed == {"append_only"}


def test_an_old_head_by_another_key_is_refused(tmp_path: Path) -> None:
    stranger = key(ORIGIN, seed="false")
    refused(exhibit(Plan(old_signers=(stranger,))), tmp_path, "append_only", "not signed")


WITNESS = key("witness.invalid/w", 4)
WATCHED = f"log {LOG_KEY.text}\nwitness w {WITNESS.text}\nquorum w\n"


def test_a_head_that_only_a_witness_signed_is_refused(tmp_path: Path) -> None:
    for verdict, plan in (
        ("included", Plan(policy=WATCHED, signers=(WITNESS,))),
        ("append_only", Plan(policy=WATCHED, old_signers=(WITNESS,))),
    ):
        (tmp_path / verdict).mkdir()
        refused(exhibit(plan), tmp_path / verdict, verdict, "not signed by the log key")


def test_a_key_of_another_name_does_not_anchor_though_it_signed(tmp_path: Path) -> None:
    both = (LOG_KEY, SECOND)
    bundle = exhibit(Plan(signers=both, old_signers=both, keys=both))
    assert read_bundle(bundle, tmp_path).verdict == "intact_self_attested"
    (tmp_path / "brought").mkdir()
    refused(bundle, tmp_path / "brought", "included", "that you brought", keys=[SECOND.text])


def test_an_old_head_of_another_log_is_refused(tmp_path: Path) -> None:
    other = "another.invalid/log"

    def elsewhere(text: str) -> str:
        return text.replace(ORIGIN, other)

    refused(exhibit(Plan(hooks={"head 4": elsewhere})), tmp_path, "append_only", "another log")


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        ((1, 4), "no item rests"),  # the first item's first leaf is at index 1: 1 covers nothing
        ((2,), "no old head covers entry 2"),
        ((2, 4, 7), "no item rests"),
        ((), "no old head"),
    ],
)
def test_heads_are_those_that_the_items_rest_on(
    tmp_path: Path, heads: tuple[int, ...], reason: str
) -> None:
    refused(exhibit(Plan(heads=heads)), tmp_path, "append_only", reason)


def test_heads_are_those_that_the_selection_names(tmp_path: Path) -> None:
    def other(selection: Tree) -> Tree:
        return {**selection, "heads": [2, 5]}

    bundle = exhibit(Plan(hooks={"selection": other}))
    refused(bundle, tmp_path, "append_only", "selection names")


def test_a_second_signature_of_the_log_must_hold_too(tmp_path: Path) -> None:
    second = key(ORIGIN, seed="a second key of the log")
    plan = Plan(signers=(LOG_KEY, second), old_signers=(LOG_KEY, second), keys=(LOG_KEY, second))
    good = exhibit(plan)
    (tmp_path / "good").mkdir()
    assert read_bundle(good, tmp_path / "good").verdict == "intact_self_attested"
    anchored = read_bundle(good, tmp_path / "good", keys=[second.text])
    assert (anchored.verdict, anchored.log_key) == ("intact_anchored", second.text)
    text = good.files["custody/checkpoint"]
    line = text.splitlines(keepends=True)[-1]
    wrong = second.line(TEXT.replace("13", "12")).encode()
    files = {path: data.replace(line, wrong) for path, data in good.files.items()}
    bad = replace(good, files=files).resealed()
    (tmp_path / "bad").mkdir()
    refused(bad, tmp_path / "bad", "included", "signature")


ML_DSA = MLDSA44PrivateKey.from_seed_bytes(bytes(range(32)))
MATERIAL = b"\x06" + ML_DSA.public_key().public_bytes_raw()
LATER_ID = hashlib.sha256(ORIGIN.encode() + b"\n" + MATERIAL).digest()[:4]
LATER_KEY = f"{ORIGIN}+{LATER_ID.hex()}+{b64(MATERIAL)}"


def signed_later(signature: bytes) -> Bundle:
    """The good bundle, its checkpoint bearing a second signature of the log, its key file both."""
    line = f"— {ORIGIN} {b64(LATER_ID + signature)}\n".encode()
    files = {
        path: data.replace(CHECKPOINT, CHECKPOINT + line)
        for path, data in GOOD.files.items()
        if path.startswith("custody/proofs/") or path == "custody/checkpoint"
    }
    return GOOD.resealed({**files, "custody/keys": f"{LOG_KEY.text}\n{LATER_KEY}\n".encode()})


def later_signature(size: int, time: int = 0) -> bytes:
    """As C2SP tlog-cosignature writes it: of the whole tree, by the log itself."""
    name = bytes([len(ORIGIN)]) + ORIGIN.encode()
    root = base64.b64decode(CHECKPOINT.split(b"\n")[2])
    stamp = time.to_bytes(8, "big")
    message = b"subtree/v1\n\0" + name + stamp + name + bytes(8) + size.to_bytes(8, "big") + root
    return stamp + ML_DSA.sign(message)


def test_an_ml_dsa_signature_is_checked_here_and_reported_by_the_stand_alone_reader(
    tmp_path: Path,
) -> None:
    good = signed_later(later_signature(13))
    for number, keys in enumerate(
        ([], [LOG_KEY.text], [f"{LOG_KEY.text}\n{LATER_KEY}"], [f"{LATER_KEY}\n{LOG_KEY.text}\n"])
    ):
        (tmp_path / str(number)).mkdir()
        outcome = read_bundle(good, tmp_path / str(number), keys=keys)
        assert outcome.verdict == ("intact_anchored" if keys else "intact_self_attested")
        assert outcome.log_key == LOG_KEY.text
        assert outcome.details["included"].endswith("; signed with ML-DSA-44 as well")
        assert outcome.stand_alone["included"].count("ML-DSA-44 signature is present") == 1
    (tmp_path / "alone").mkdir()
    only = GOOD.resealed({"custody/keys": f"{LATER_KEY}\n".encode()})
    refused(only, tmp_path / "alone", "included")


@pytest.mark.parametrize(
    "wrong",
    [later_signature(12), later_signature(13, time=1), bytes(2428), later_signature(13)[:-1], b"x"],
    ids=["of another size", "with a time", "zeros", "cut", "short"],
)
def test_an_ml_dsa_signature_of_a_known_key_must_hold(tmp_path: Path, wrong: bytes) -> None:
    (tmp_path / "exhibit.zip").write_bytes(signed_later(wrong).zipped())
    report = verify(tmp_path / "exhibit.zip", log_keys=(), require=frozenset())
    assert report.verdict == "refused"
    assert "ML-DSA-44" in report.verdicts["included"].detail


def test_an_old_bundle_is_anchored_by_a_file_with_both_keys(tmp_path: Path) -> None:
    outcome = read_bundle(GOOD, tmp_path, keys=[f"{LOG_KEY.text}\n{LATER_KEY}"])
    assert outcome.verdict == "intact_anchored"
