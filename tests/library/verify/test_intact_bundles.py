"""What an untouched bundle is told: the verdicts, under whose key, what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import read_bundle
from tests.library.verify.second_writer import LOG_KEY, ORIGIN, key, sha

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

PROVED = {"bytes_intact", "included", "append_only", "chain_complete"}


def test_a_bundle_under_its_own_key_is_self_attested(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(), tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.log_key == LOG_KEY.text
    assert "ML-DSA" not in outcome.details["included"] + outcome.stand_alone["included"]
    proved = {name for name, state in outcome.states.items() if state == "proved"}
    assert proved == PROVED | {"disclosed"}
    assert outcome.states["witnessed"] == outcome.states["existed_before"] == "absent"


def test_a_key_from_elsewhere_anchors_it(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(), tmp_path, keys=[LOG_KEY.text])
    assert outcome.verdict == "intact_anchored"


def test_keys_may_come_in_a_file_with_remarks(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    stranger = key("another.invalid/log").text
    file.write_text(f"# given at the hearing\n\n{stranger}\n  {LOG_KEY.text}\n")
    outcome = read_bundle(exhibit(), tmp_path, keys=[str(file)])
    assert outcome.verdict == "intact_anchored"


@pytest.mark.parametrize(
    "stranger", [key("another.invalid/log"), key(ORIGIN, seed="another key of that name")]
)
def test_a_key_that_did_not_sign_refuses_it(tmp_path: Path, stranger: object) -> None:
    outcome = read_bundle(exhibit(), tmp_path, keys=[stranger.text])  # type: ignore[attr-defined]  # a Key, as a parameter
    assert outcome.verdict == "refused"
    assert outcome.failed == {"included"}
    assert outcome.log_key is None


def test_a_verdict_that_is_required_and_absent_refuses_it(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(), tmp_path, require=["witnessed", "existed_before"])
    assert outcome.verdict == "refused"
    assert outcome.failed == set()


def test_a_verdict_that_is_required_and_proved_does_not(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(), tmp_path, require=["disclosed", "included"])
    assert outcome.verdict == "intact_self_attested"


def test_what_is_withheld_by_name_is_absent_and_counted(tmp_path: Path) -> None:
    plan = Plan(withhold=frozenset({"source", "state"}), withheld=("source", "state"))
    outcome = read_bundle(exhibit(plan), tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.states["disclosed"] == "absent"
    for words in (outcome.details["disclosed"], outcome.stand_alone["disclosed"]):
        assert "3 disclosures" in words
        assert "source, state" in words


def test_a_file_that_is_withheld_by_name_may_be_missing(tmp_path: Path) -> None:
    plan = Plan(withheld=("data/original/M-00871/002",))
    outcome = read_bundle(exhibit(plan), tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.states["disclosed"] == "absent"
    assert "data/original/M-00871/002" in outcome.details["disclosed"]


def test_a_withheld_part_may_come_with_its_path_alone(tmp_path: Path) -> None:
    path = "data/original/M-00871/002"

    def quiet(record: dict[str, object]) -> dict[str, object]:
        record["items"][0]["parts"][1] = {"path": path}  # type: ignore[index]  # JSON
        return record

    outcome = read_bundle(exhibit(Plan(withheld=(path,), hooks={"record": quiet})), tmp_path)
    assert outcome.verdict == "intact_self_attested"


def test_a_withheld_file_may_be_named_with_its_digest(tmp_path: Path) -> None:
    path = "data/original/M-00871/002"
    data = exhibit().files[path]

    def named(selection: Tree) -> Tree:
        file = {"path": path, "sha256": sha(data), "size": len(data)}
        files = sorted([*selection["files"], file], key=lambda one: str(one["path"]))
        return {**selection, "files": files}

    outcome = read_bundle(exhibit(Plan(withheld=(path,), hooks={"selection": named})), tmp_path)
    assert outcome.verdict == "intact_self_attested"


def test_a_head_may_be_the_checkpoint_itself(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(Plan(heads=(13,))), tmp_path)
    assert outcome.states["append_only"] == "proved"


def test_one_old_head_may_serve_all_items(tmp_path: Path) -> None:
    outcome = read_bundle(exhibit(Plan(heads=(7,))), tmp_path)
    assert outcome.states["append_only"] == "proved"


def test_a_second_manifest_is_checked_too(tmp_path: Path) -> None:
    bundle = exhibit(Plan(sha512=True))
    assert read_bundle(bundle, tmp_path).verdict == "intact_self_attested"


@pytest.mark.parametrize("size", [12, 13])
def test_the_checkpoint_may_end_with_the_export_or_later(tmp_path: Path, size: int) -> None:
    assert read_bundle(exhibit(Plan(size=size)), tmp_path).verdict == "intact_self_attested"


def test_a_log_of_evidence_is_not_marked_as_a_specimen(tmp_path: Path) -> None:
    origin = "muniment.invalid/real-0123abcd"
    own = key(origin)

    def earnest(record: dict[str, object]) -> dict[str, object]:
        return {**record, "specimen": False}

    plan = Plan(
        origin=origin,
        signers=(own,),
        old_signers=(own,),
        keys=(own,),
        policy=f"log {own.text}\nquorum none\n",
        hooks={"record": earnest},
    )
    assert read_bundle(exhibit(plan), tmp_path).verdict == "intact_self_attested"
