"""Outside observers: the policy's form, and who has to have signed which head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from muniment.custody.keys import VerifierKey
from muniment.custody.note import NoteSignature, parse_note
from muniment.custody.policy import parse_policy
from muniment.custody.quorum import bundle_policy
from muniment.export.verifier import fault as stand_alone
from muniment.export.verifier.notes import read_head
from muniment.export.verifier.policy import read_policy, witnesses_of
from muniment.seal.witness import Cosigned, Witness
from muniment.seal.witness_request import submission
from muniment.seal.witness_state import WitnessState
from muniment.verify import witnesses
from muniment.verify.fault import Fault
from muniment.verify.note import parse_head
from tests.library.custody.test_policy import PUBLIC, PUBLIC_POLICY
from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import read_bundle, refused
from tests.library.verify.second_writer import LOG_KEY, Bundle, Key, b64, key

if TYPE_CHECKING:
    from pathlib import Path

W1, W2, W3 = (key(f"witness{n}.invalid/w", 4) for n in (1, 2, 3))
WITNESSES = "".join(f"witness w{n} {one.text}\n" for n, one in enumerate((W1, W2, W3), 1))
TWO_OF_THREE = f"log {LOG_KEY.text}\n{WITNESSES}group all-of-us 2 w1 w2 w3\nquorum all-of-us\n"


def signed(policy: str, now: tuple[Key, ...] = (), before: tuple[Key, ...] = ()) -> Bundle:
    return exhibit(Plan(policy=policy, signers=(LOG_KEY, *now), old_signers=(LOG_KEY, *before)))


@pytest.mark.parametrize(
    ("now", "before", "state", "words"),
    [
        ((W1, W2, W3), (), "proved", "3 of 3"),
        ((W1, W3), (), "proved", "2 of 3"),
        ((W2,), (), "absent", "1 of 3"),
        ((), (), "absent", "0 of 3"),
        ((), (W1, W2), "proved", "old head"),
        ((), (W1,), "absent", "0 of 3"),
        ((W1,), (W2,), "absent", "1 of 3"),
    ],
)
def test_a_quorum_on_the_checkpoint_or_on_each_old_head(
    tmp_path: Path, now: tuple[Key, ...], before: tuple[Key, ...], state: str, words: str
) -> None:
    outcome = read_bundle(signed(TWO_OF_THREE, now, before), tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.states["witnessed"] == state
    assert words in outcome.details["witnessed"]
    assert words in outcome.stand_alone["witnessed"]


RULES: dict[str, tuple[str, tuple[Key, ...], str]] = {
    "any": ("group g any w1 w2\nquorum g\n", (W2,), "proved"),
    "all, of all": ("group g all w1 w2\nquorum g\n", (W1, W2), "proved"),
    "all, of one": ("group g all w1 w2\nquorum g\n", (W1,), "absent"),
    "one witness": ("quorum w3\n", (W3,), "proved"),
    "another witness": ("quorum w3\n", (W1, W2), "absent"),
    "groups of groups": (
        "group g any w1 w2\ngroup h all g w3\nquorum h\n",
        (W2, W3),
        "proved",
    ),
    "half of a group of groups": (
        "group g any w1 w2\ngroup h all g w3\nquorum h\n",
        (W1, W2),
        "absent",
    ),
    "nobody asked": ("quorum none\n", (W1, W2, W3), "absent"),
    "more spaces": ("group  g\tany w1 w2 \n\t quorum g\n", (W2,), "proved"),
}


@pytest.mark.parametrize("name", RULES)
def test_the_quorum_decides(tmp_path: Path, name: str) -> None:
    rule, signers, state = RULES[name]
    bundle = signed(f"log {LOG_KEY.text} https://log.invalid/\n{WITNESSES}{rule}", signers)
    outcome = read_bundle(bundle, tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.states["witnessed"] == state


def test_a_required_quorum_that_is_not_met_refuses(tmp_path: Path) -> None:
    outcome = read_bundle(signed(TWO_OF_THREE, (W1,)), tmp_path, require=["witnessed"])
    assert (outcome.verdict, outcome.failed) == ("refused", set())


def test_a_cosignature_that_does_not_hold_is_fatal(tmp_path: Path) -> None:
    false = key(W3.name, 4, seed="false")
    good = signed(TWO_OF_THREE, (W1, W2, W3))
    text = good.files["custody/checkpoint"].decode().split("\n\n")[0] + "\n"
    true_line = W3.line(text).encode()
    payload = false.line(text).split(" ")[2].strip()
    wrong = f"— {W3.name} {_with_id(payload, W3)}\n".encode()
    files = {path: data.replace(true_line, wrong) for path, data in good.files.items()}
    bundle = Bundle(good.name, files).resealed()
    outcome = refused(bundle, tmp_path, "witnessed", "cosignature")
    assert outcome.failed == {"witnessed"}


@pytest.mark.parametrize("time", [1 << 63, 1 << 53])
def test_a_time_beyond_what_can_be_is_refused(tmp_path: Path, time: int) -> None:
    good = signed(TWO_OF_THREE, (W1, W2, W3))
    text = good.files["custody/checkpoint"].decode().split("\n\n")[0] + "\n"
    signature = W3.private.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    data = b64(W3.key_id + time.to_bytes(8, "big") + signature)
    wrong = f"— {W3.name} {data}\n".encode()
    true_line = W3.line(text).encode()
    files = {path: data.replace(true_line, wrong) for path, data in good.files.items()}
    refused(Bundle(good.name, files).resealed(), tmp_path, "witnessed", "cosignature")


def _with_id(payload: str, owner: Key) -> str:
    import base64

    return b64(owner.key_id + base64.b64decode(payload)[4:])


def test_a_witness_whom_the_policy_does_not_name_is_a_line_too_many(tmp_path: Path) -> None:
    stranger = key("witness9.invalid/w", 4)
    refused(signed(TWO_OF_THREE, (W1, W2, stranger)), tmp_path, "included", "no known key")
    (tmp_path / "listed").mkdir()
    plan = Plan(policy=TWO_OF_THREE, signers=(LOG_KEY, stranger), keys=(LOG_KEY, stranger))
    refused(exhibit(plan), tmp_path / "listed", "included", "does not name")


def test_a_witness_in_the_key_file_is_allowed_where_the_policy_names_it(tmp_path: Path) -> None:
    plan = Plan(policy=TWO_OF_THREE, signers=(LOG_KEY, W1), keys=(LOG_KEY, W1))
    assert read_bundle(exhibit(plan), tmp_path).verdict == "intact_self_attested"


LOG = f"log {LOG_KEY.text}\n"
POLICIES: dict[str, str | bytes] = {
    "empty": "",
    "no quorum": LOG,
    "two quorums": f"{LOG}quorum none\nquorum none\n",
    "no log": "quorum none\n",
    "two logs": f"{LOG}log {key('other.invalid/log').text}\nquorum none\n",
    "another log": f"log {key('other.invalid/log').text}\nquorum none\n",
    "a remark": f"{LOG}# seen by all\nquorum none\n",
    "an empty line": f"{LOG}\nquorum none\n",
    "no end of line": f"{LOG}quorum none",
    "a carriage return": f"{LOG}quorum none\r\n",
    "not UTF-8": b"\xff" + LOG.encode() + b"quorum none\n",
    "a word unknown": f"{LOG}approved yes\nquorum none\n",
    "a log without a key": f"{LOG}log\nquorum none\n",
    "a log with too much": f"log {LOG_KEY.text} a b\nquorum none\n",
    "a log that is no key": "log nothing\nquorum none\n",
    "a witness without a key": f"{LOG}witness w1\nquorum none\n",
    "a witness with too much": f"{LOG}witness w1 {W1.text} a b\nquorum none\n",
    "a witness with a log's key": f"{LOG}witness w1 {key('w.invalid').text}\nquorum none\n",
    "a witness twice": f"{LOG}witness w1 {W1.text}\nwitness w2 {W1.text}\nquorum none\n",
    "a name twice": f"{LOG}witness w1 {W1.text}\nwitness w1 {W2.text}\nquorum none\n",
    "a witness named none": f"{LOG}witness none {W1.text}\nquorum none\n",
    "a group without members": f"{LOG}{WITNESSES}group g all\nquorum none\n",
    "a group of strangers": f"{LOG}{WITNESSES}group g all w4\nquorum none\n",
    "a group of none": f"{LOG}{WITNESSES}group g all none\nquorum none\n",
    "a group that asks for none": f"{LOG}{WITNESSES}group g 0 w1\nquorum none\n",
    "a group that asks for too many": f"{LOG}{WITNESSES}group g 3 w1 w2\nquorum none\n",
    "a group that asks for a word": f"{LOG}{WITNESSES}group g most w1 w2\nquorum none\n",
    "a member twice": f"{LOG}{WITNESSES}group g any w1 w1\nquorum none\n",
    "a member of two groups": f"{LOG}{WITNESSES}group g any w1\ngroup h any w1\nquorum none\n",
    "a group of itself": f"{LOG}{WITNESSES}group g any g\nquorum g\n",
    "a group twice": f"{LOG}{WITNESSES}group g any w1\ngroup g any w2\nquorum g\n",
    "a witness named like a group": f"{LOG}witness w1 {W1.text}\ngroup g any w1\n"
    f"witness g {W2.text}\nquorum none\n",
    "a bell": f"{LOG}witness w\x07 {W1.text}\nquorum none\n",
    "a quorum not defined": f"{LOG}{WITNESSES}quorum g\n",
    "a quorum defined after": f"{LOG}quorum w1\n{WITNESSES}",
    "a quorum of two": f"{LOG}{WITNESSES}quorum w1 w2\n",
    "too many lines": LOG + "log\n" * 300,
}


@pytest.mark.parametrize("name", POLICIES)
def test_the_policy_has_one_form(tmp_path: Path, name: str) -> None:
    policy = POLICIES[name]
    data = policy.encode() if isinstance(policy, str) else policy
    bundle = exhibit().resealed({"custody/policy": data})
    outcome = refused(bundle, tmp_path, "witnessed")
    assert outcome.failed == {"witnessed"}


# Cosignatures by witnesses as they are, not by the second writer's hand


THREE_OF_FOUR = 3, 4


def watched(folder: Path, bundle: Bundle, policy: bytes, count: int) -> Bundle:
    """The bundle, its checkpoint brought to so many of the witnesses in the folder."""
    old = bundle.files["custody/checkpoint"]
    note = parse_note(old)
    log = VerifierKey.parse(LOG_KEY.text)
    for number in range(count):
        witness = Witness(WitnessState(folder / f"w{number}"), [log])
        found = witness.add_checkpoint(submission(0, (), parse_note(old)))
        assert isinstance(found, Cosigned)
        note = note.with_signature(found.cosignature)
    files = {path: data.replace(old, note.to_bytes()) for path, data in bundle.files.items()}
    return Bundle(bundle.name, files).resealed({"custody/policy": policy})


def three_of_four(folder: Path) -> bytes:
    """A policy of new witnesses, in the form that bundles hold."""
    names = [f"w{number}" for number in range(THREE_OF_FOUR[1])]
    lines = [
        f"witness {name} {WitnessState.create(folder / name, f'{name}.example').text} https://{name}"
        for name in names
    ]
    text = "\n".join([*lines, f"group g {THREE_OF_FOUR[0]} {' '.join(names)}", "quorum g", ""])
    return bundle_policy(parse_policy(text.encode()), VerifierKey.parse(LOG_KEY.text))


@pytest.mark.parametrize(
    ("count", "state", "words"),
    [
        (0, "absent", "0 of 4"),
        (2, "absent", "2 of 4"),
        (3, "proved", "3 of 4"),
        (4, "proved", "4 of 4"),
    ],
)
def test_readers_count_what_real_witnesses_cosigned(
    tmp_path: Path, count: int, state: str, words: str
) -> None:
    policy = three_of_four(tmp_path / "witnesses")
    bundle = watched(tmp_path / "witnesses", exhibit(), policy, count)
    outcome = read_bundle(bundle, tmp_path)
    assert outcome.verdict == "intact_self_attested"
    assert outcome.states["witnessed"] == state
    assert words in outcome.details["witnessed"]
    assert words in outcome.stand_alone["witnessed"]


def test_a_changed_cosignature_of_a_real_witness_is_fatal(tmp_path: Path) -> None:
    policy = three_of_four(tmp_path / "witnesses")
    bundle = watched(tmp_path / "witnesses", exhibit(), policy, 3)
    checkpoint = bundle.files["custody/checkpoint"]
    line = parse_note(checkpoint).signatures[-1]
    later = NoteSignature(line.name, line.key_id, b"\0\0\0\0\x7f" + line.signature[5:])
    wrong = checkpoint.replace(line.line.encode(), later.line.encode())
    files = {path: data.replace(checkpoint, wrong) for path, data in bundle.files.items()}
    refused(Bundle(bundle.name, files).resealed(), tmp_path, "witnessed", "cosignature")


def test_both_readers_count_a_witness_of_the_public_network() -> None:
    data = PUBLIC.encode()
    ours = witnesses.witnessed(witnesses.parse_policy(PUBLIC_POLICY), parse_head(data), [], [])
    theirs = witnesses_of(read_policy(PUBLIC_POLICY), read_head(data, "the head"), [], [])
    assert (ours[0], theirs[0]) == (True, True)
    assert "1 of 2" in ours[1]
    assert "1 of 2" in theirs[1]
    changed = data.replace(b"1432088532", b"1432088533")
    with pytest.raises(Fault):
        witnesses.witnessed(witnesses.parse_policy(PUBLIC_POLICY), parse_head(changed), [], [])
    with pytest.raises(stand_alone.Fault):
        witnesses_of(read_policy(PUBLIC_POLICY), read_head(changed, "the head"), [], [])
