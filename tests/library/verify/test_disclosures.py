"""Disclosures: where they stand, how they are written, which are missing (RFC 9901, §2)."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.library.verify.exhibits import EXPORT, Plan, exhibit
from tests.library.verify.readers import read_bundle, refused
from tests.library.verify.second_writer import b64url, jcs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

GOOD = exhibit()
# One group more in an earlier act: every later salt is another one.
OTHER_BUNDLE = exhibit(Plan(hooks={"groups agent": lambda groups: {**groups, "source": {}}}))
SALT = b64url(bytes(16))


def opened(text: str) -> Tree:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def written(*parts: Tree) -> str:
    return b64url(jcs(list(parts)))


TEXTS: dict[str, Callable[[list[str]], list[str]]] = {
    "one twice": lambda texts: [*texts, texts[-1]],
    "one of no digest": lambda texts: [*texts, written(SALT, "remark", "added later")],
    "one changed": lambda texts: [texts[0], written(SALT, *opened(texts[1])[1:]), *texts[2:]],
    "a child before its parent": lambda texts: [texts[0], texts[3], texts[1], texts[2]],
    "a grandchild before its parent": lambda texts: [texts[0], texts[1], texts[3], texts[2]],
    "padding": lambda texts: [texts[0] + "=", *texts[1:]],
    "other letters": lambda texts: [texts[0].replace("_", "/") + "+", *texts[1:]],
    "a line break": lambda texts: [texts[0] + "\n", *texts[1:]],
    "a letter beyond ASCII": lambda texts: [texts[0] + "é", *texts[1:]],
    "one letter": lambda texts: ["A", *texts[1:]],
    "nothing": lambda texts: ["", *texts[1:]],
    "an object": lambda texts: [b64url(b'{"a":1}'), *texts[1:]],
    "two parts": lambda texts: [written(SALT, "chain"), *texts[1:]],
    "four parts": lambda texts: [written(SALT, "chain", 1, 2), *texts[1:]],
    "a salt that is none": lambda texts: [written(1, "chain", 1), *texts[1:]],
    "a salt too short": lambda texts: [written(SALT[:20], "chain", 1), *texts[1:]],
    "a salt too long": lambda texts: [written(SALT + "AA", "chain", 1), *texts[1:]],
    "a salt with other bits": lambda texts: [written(SALT[:-1] + "B", "chain", 1), *texts[1:]],
    "a name that is none": lambda texts: [written(SALT, 1, 1), *texts[1:]],
    "a reserved name": lambda texts: [*texts, written(SALT, "_sd", [])],
    "another reserved name": lambda texts: [*texts, written(SALT, "...", "x")],
    "a third reserved name": lambda texts: [*texts, written(SALT, "_sd_alg", "sha-256")],
    "spaces": lambda texts: [b64url(json.dumps(opened(texts[0])).encode()), *texts[1:]],
    "no JSON": lambda texts: [b64url(b"["), *texts[1:]],
    "no UTF-8": lambda texts: [b64url(b'["\xff"]'), *texts[1:]],
    "a null": lambda texts: [b64url(b'["' + SALT.encode() + b'","chain",null]'), *texts[1:]],
    "too deep": lambda texts: [b64url(b"[" * 5000 + b"]" * 5000), *texts[1:]],
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_disclosure_that_may_not_stand_is_refused(tmp_path: Path, name: str) -> None:
    change = TEXTS[name]
    changed: list[bool] = []

    def hook(texts: list[str]) -> list[str]:
        changed.append(change(texts) != texts)
        return change(texts)

    bundle = exhibit(Plan(hooks={"disclosures a.described": hook}))
    outcome = refused(bundle, tmp_path, "disclosed", "entry 5")
    assert changed == [True]
    assert outcome.failed == {"disclosed"}


SINGLE: dict[str, str] = {
    "padding": written(SALT, "remark", "ab") + "=",
    "bits beyond the last byte": written(SALT, "remark", "a")[:-1] + "l",
    "a salt too short": written(SALT[:20], "remark", 1),
    "a salt too long": written(SALT + "AA", "remark", 1),
    "a salt with other bits": written(SALT[:-1] + "B", "remark", 1),
    "a salt that is none": written(1, "remark", 1),
    "a name that is none": written(SALT, 1, 1),
    "a reserved name": written(SALT, "_sd", 1),
    "another reserved name": written(SALT, "...", 1),
    "a third reserved name": written(SALT, "_sd_alg", 1),
    "two parts": written(SALT, "remark"),
    "four parts": written(SALT, "remark", 1, 2),
    "an object": b64url(b'{"a":1}'),
    "spaces": b64url(b'["' + SALT.encode() + b'", "remark", 1]'),
    "a null": b64url(b'["' + SALT.encode() + b'","remark",null]'),
    "a fraction": b64url(b'["' + SALT.encode() + b'","remark",1.5]'),
    "nothing": "",
    "plain text": "remark",
}


def with_one_more(text: str) -> Plan:
    """One more disclosure, whose digest stands in the leaf as it should."""
    digest = b64url(hashlib.sha256(text.encode()).digest())
    return Plan(
        hooks={
            "leaf a.described": lambda leaf: {**leaf, "_sd": sorted([*leaf["_sd"], digest])},
            "disclosures a.described": lambda texts: [*texts, text],
        }
    )


@pytest.mark.parametrize("name", SINGLE)
def test_a_disclosure_has_one_form_even_if_its_digest_is_logged(tmp_path: Path, name: str) -> None:
    outcome = refused(exhibit(with_one_more(SINGLE[name])), tmp_path, "disclosed", "entry 5")
    assert outcome.failed == {"disclosed"}


def test_a_group_that_readers_do_not_know_may_be_disclosed(tmp_path: Path) -> None:
    plan = with_one_more(written(SALT, "remark", {"of": ["later", 1, True]}))
    assert read_bundle(exhibit(plan), tmp_path).states["disclosed"] == "proved"


STATES: dict[str, Callable[[Tree], Tree]] = {
    "a reserved name inside": lambda value: {**value, "state": {"a": {"...": "x"}}},
    "an algorithm inside": lambda value: {**value, "state": {"_sd_alg": "sha-256"}},
    "an _sd that is no list": lambda value: {**value, "state": {"_sd": "x"}},
    "an empty _sd": lambda value: {**value, "state": [{"_sd": []}]},
    "an _sd of no digests": lambda value: {**value, "state": {"_sd": ["x"]}},
    "an _sd out of order": lambda value: {
        **value,
        "state": {"_sd": ["E" * 42 + "A", "A" * 42 + "A"]},
    },
    "a digest in two places": lambda value: {
        **value,
        "state": [{"_sd": ["A" * 42 + "A"]}, {"_sd": ["A" * 42 + "A"]}],
    },
    "a group named like a member in clear": lambda value: {**value, "eid": "x"},
    "a group named for the log": lambda value: {**value, "log": "x"},
}


@pytest.mark.parametrize("name", STATES)
def test_a_group_that_may_not_be_is_refused(tmp_path: Path, name: str) -> None:
    bundle = exhibit(Plan(hooks={"groups a.described": STATES[name]}))
    assert refused(bundle, tmp_path, "disclosed").failed == {"disclosed"}


def test_two_groups_of_one_name_are_refused(tmp_path: Path) -> None:
    """Which of them is meant? Two readers might each take another one."""
    extra = [written(SALT, "chain", {"n": 0})]
    digest = b64url(hashlib.sha256(extra[0].encode()).digest())
    hooks: dict[str, Callable[[Tree], Tree]] = {
        "leaf a.described": lambda leaf: {**leaf, "_sd": sorted([*leaf["_sd"], digest])},
        "disclosures a.described": lambda texts: [*texts, *extra],
    }
    refused(exhibit(Plan(hooks=hooks)), tmp_path, "disclosed", "stands twice")


def test_a_disclosure_beside_a_member_of_its_name_is_refused(tmp_path: Path) -> None:
    extra = written(SALT, "given", "in secret")
    digest = b64url(hashlib.sha256(extra.encode()).digest())
    hooks: dict[str, Callable[[Tree], Tree]] = {
        "groups a.described": lambda value: {
            **value,
            "source": {"_sd": [digest], "given": "in clear"},
        },
        "disclosures a.described": lambda texts: [*texts, extra],
    }
    refused(exhibit(Plan(hooks=hooks)), tmp_path, "disclosed", "stands twice")


def test_another_bundle_s_disclosure_is_refused(tmp_path: Path) -> None:
    theirs = json.loads(OTHER_BUNDLE.files["custody/entries.jsonl"].splitlines()[3])
    text = theirs["disclosures"][-1]
    bundle = exhibit(Plan(hooks={"disclosures a.described": lambda texts: [*texts[:-1], text]}))
    refused(bundle, tmp_path, "disclosed", "matches no digest")


MISSING: dict[str, tuple[str, int, set[str]]] = {
    "a state": ("a.described", 3, {"disclosed"}),
    "a source": ("a.received", 2, {"disclosed"}),
    "a reason": ("x.closed", 1, {"disclosed", "chain_complete"}),
    "an object": ("b.received", 1, {"disclosed", "bytes_intact"}),
    "a handling": ("b.exported", 1, {"disclosed", "chain_complete"}),
    "a chain": ("b.received", 0, {"disclosed", "chain_complete"}),
    "a selection": (EXPORT, 2, {"chain_complete"}),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_disclosure_left_out_in_silence_is_missed(tmp_path: Path, name: str) -> None:
    """The selection withholds nothing, so whatever is missing was taken out afterwards."""
    label, at, verdicts = MISSING[name]
    hook = {f"disclosures {label}": lambda texts: texts[:at] + texts[at + 1 :]}
    outcome = refused(exhibit(Plan(hooks=hook)), tmp_path, min(verdicts))
    assert outcome.failed >= verdicts - {"disclosed"}
    assert outcome.states["disclosed"] != "proved"


def test_files_withheld_do_not_excuse_a_missing_disclosure(tmp_path: Path) -> None:
    plan = Plan(
        withheld=("data/original/M-00871/002",),
        hooks={"disclosures a.described": lambda texts: texts[:-1]},
    )
    refused(exhibit(plan), tmp_path, "disclosed", "1 disclosures are missing")
