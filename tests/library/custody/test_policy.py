from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.cosignature import cosign
from muniment.custody.keys import COSIGNATURE_V1, ED25519, SigningKey
from muniment.custody.note import Note, NoteSignature, parse_note, sign_note
from muniment.custody.policy import Group, parse_policy, witnessed
from muniment.errors import InvalidInput, TamperSuspected

ORIGIN = "example.com/log"
LOG = SigningKey(ORIGIN, ED25519, b"L" * 32)
OTHER_LOG = SigningKey("example.com/other", ED25519, b"O" * 32)
WITNESSES = [
    SigningKey(f"witness{number}.example", COSIGNATURE_V1, bytes([number]) * 32)
    for number in range(6)
]
X1, X2, X3, Y1, Y2, Y3 = (key.verifier.text for key in WITNESSES)
TIME = datetime(2026, 11, 21, 8, 40, 12, tzinfo=UTC)
NOTE = sign_note(Checkpoint(ORIGIN, 5, b"r" * 32).text, LOG)

# C2SP tlog-policy, the example
EXAMPLE = f"""
log {LOG.verifier.text}

witness X1 {X1}
witness X2 {X2}
witness X3 {X3}
group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def lines(*text: str) -> bytes:
    return "".join(line + "\n" for line in text).encode()


def cosigned(*numbers: int) -> Note:
    note = NOTE
    for number in numbers:
        note = note.with_signature(cosign(note, WITNESSES[number], TIME))
    return note


def test_the_example_of_the_specification_is_read() -> None:
    policy = parse_policy(EXAMPLE)
    assert [line.key for line in policy.logs] == [LOG.verifier]
    assert list(policy.witnesses) == [b"X1", b"X2", b"X3", b"Y1", b"Y2", b"Y3"]
    assert policy.groups[b"X-witnesses"] == Group(2, (b"X1", b"X2", b"X3"))
    assert policy.groups[b"Y-witnesses"].threshold == 1
    assert policy.groups[b"X-and-Y"].threshold == 2
    assert policy.quorum == b"X-and-Y"


@given(st.sets(st.integers(0, 5)))
def test_the_example_is_met_by_two_of_one_group_and_one_of_the_other(numbers: set[int]) -> None:
    found = witnessed(cosigned(*numbers), parse_policy(EXAMPLE))
    assert found.log == LOG.verifier
    assert {one.witness.name for one in found.cosignatures} == {
        WITNESSES[number].name for number in numbers
    }
    met = len(numbers & {0, 1, 2}) >= 2 and bool(numbers & {3, 4, 5})
    assert found.quorum_met is met
    assert found.admitted is met


def test_a_policy_may_ask_for_nobody() -> None:
    policy = parse_policy(f"log {LOG.verifier.text}\nquorum none\n".encode())
    assert witnessed(NOTE, policy).admitted
    assert witnessed(NOTE, policy).cosignatures == ()


def test_a_policy_may_ask_for_one_witness() -> None:
    policy = parse_policy(f"log {LOG.verifier.text}\nwitness w {X1}\nquorum w\n".encode())
    assert not witnessed(NOTE, policy).admitted
    assert witnessed(cosigned(0), policy).admitted
    assert not witnessed(cosigned(1), policy).admitted


def test_a_head_that_no_log_of_the_policy_signed_is_not_admitted() -> None:
    policy = parse_policy(f"log {OTHER_LOG.verifier.text}\nquorum none\n".encode())
    found = witnessed(NOTE, policy)
    assert found.log is None
    assert found.quorum_met
    assert not found.admitted
    # the right key, signing a head of another origin
    foreign = sign_note(Checkpoint("example.com/foreign", 5, b"r" * 32).text, LOG)
    assert witnessed(foreign, parse_policy(EXAMPLE)).log is None


def test_words_may_be_apart_by_any_spaces_and_lines_may_be_comments() -> None:
    log = f"\t log \t{LOG.verifier.text}  https://log.example/\t"
    policy = parse_policy(lines("# ours", log, " ", "#quorum x", " quorum none "))
    assert policy.logs[0].url == "https://log.example/"


def test_names_are_bytes_and_nothing_else() -> None:
    text = (
        b"witness K %s\nwitness \xe2\x84\xaa %s\nwitness \xff %s https://w.example\nquorum \xff\n"
    )
    policy = parse_policy(text % (X1.encode(), X2.encode(), X3.encode()))
    assert set(policy.witnesses) == {b"K", b"\xe2\x84\xaa", b"\xff"}
    assert policy.witnesses[b"\xff"].url == "https://w.example"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "quorum"),
        (lines("log " + LOG.verifier.text), "quorum"),
        (b"quorum none", "newline"),
        (b"quorum none\r\n", "control"),
        (b"quorum none\n\x00\n", "control"),
        (b"# \x7f\nquorum none\n", "control"),
        (lines("quorum none", "quorum none"), "line 2"),
        (lines("quorum"), "line 1"),
        (lines("quorum X1"), "line 1"),
        (lines("quorum none none"), "line 1"),
        (lines("quorum w", f"witness w {X1}"), "line 1"),
        (lines("Quorum none"), "line 1"),
        (lines("trust everybody", "quorum none"), "line 1"),
        (lines("log", "quorum none"), "line 1"),
        (lines(f"log {LOG.verifier.text} a b", "quorum none"), "line 1"),
        (lines(f"log {X1}", "quorum none"), "0x01"),
        (lines(f"log {LOG.verifier.text}x", "quorum none"), "line 1"),
        (lines(f"log {LOG.verifier.text}", f"log {LOG.verifier.text}", "quorum none"), "line 2"),
        (
            lines(
                f"log {LOG.verifier.text}",
                f"log {SigningKey('renamed', ED25519, LOG.seed).verifier.text}",
                "quorum none",
            ),
            "earlier line",
        ),
        (lines(f"witness w {LOG.verifier.text}", "quorum none"), "0x04"),
        (lines(f"witness {X1}", "quorum none"), "line 1"),
        (lines(f"witness none {X1}", "quorum none"), "taken"),
        (lines(f"witness w {X1}", f"witness w {X2}", "quorum none"), "taken"),
        (lines(f"witness v {X1}", f"witness w {X1}", "quorum none"), "earlier line"),
        (lines(f"witness w {X1}", "group w all w", "quorum none"), "taken"),
        (lines("group g all", "quorum none"), "line 1"),
        (lines("group g all g", "quorum none"), "not defined"),
        (lines("group g all none", "quorum none"), "not defined"),
        (lines(f"witness w {X1}", "group g 0 w", "quorum none"), "threshold"),
        (lines(f"witness w {X1}", "group g 2 w", "quorum none"), "threshold"),
        (lines(f"witness w {X1}", "group g 01 w", "quorum none"), "threshold"),
        (lines(f"witness w {X1}", "group g +1 w", "quorum none"), "threshold"),
        (lines(f"witness w {X1}", "group g 1 w w", "quorum none"), "listed before"),
        (lines(f"witness w {X1}", "group g 1 w", "group h 1 w", "quorum none"), "listed before"),
        (b"log \xff\xfe+00000000+AAAA\nquorum none\n", "line 1"),
    ],
)
def test_a_policy_with_a_fault_is_refused_and_the_line_is_named(data: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_policy(data)


# ── cosignatures ────────────────────────────────────────────────────────────────────────────────


def test_a_cosignature_signs_the_message_of_the_specification() -> None:
    line = cosign(NOTE, WITNESSES[0], TIME)
    assert line.signature[:8] == int(TIME.timestamp()).to_bytes(8, "big")
    message = b"cosignature/v1\ntime 1795250412\n" + NOTE.text.encode()
    assert line.signature[8:] == WITNESSES[0].sign(message)
    assert line.key_id == WITNESSES[0].verifier.key_id


def test_the_time_of_a_cosignature_is_read_in_utc_and_the_earliest_counts() -> None:
    note = NOTE
    for hours in (3, 1, 2):
        line = cosign(note, WITNESSES[0], TIME + timedelta(hours=hours, microseconds=5))
        note = note.with_signature(line)
    policy = parse_policy(lines(f"witness w {X1}", "quorum w"))
    (found,) = witnessed(note, policy).cosignatures
    assert found.time == TIME + timedelta(hours=1)


def test_a_known_witness_that_fails_is_an_alarm() -> None:
    line = cosign(NOTE, WITNESSES[0], TIME)
    later = (int(TIME.timestamp()) + 1).to_bytes(8, "big") + line.signature[8:]
    elsewhere = sign_note(Checkpoint(ORIGIN, 6, b"r" * 32).text, LOG)
    for note in (
        NOTE.with_signature(NoteSignature(line.name, line.key_id, later)),
        NOTE.with_signature(NoteSignature(line.name, line.key_id, line.signature[:-1])),
        NOTE.with_signature(NoteSignature(line.name, line.key_id, b"short")),
        elsewhere.with_signature(line),
    ):
        with pytest.raises(TamperSuspected) as caught:
            witnessed(note, parse_policy(EXAMPLE))
        assert caught.value.code == "cosignature.signature"


def test_a_time_beyond_all_years_is_an_alarm() -> None:
    seconds = 2**62
    message = f"cosignature/v1\ntime {seconds}\n{NOTE.text}".encode()
    signature = seconds.to_bytes(8, "big") + WITNESSES[0].sign(message)
    line = NoteSignature(WITNESSES[0].name, WITNESSES[0].verifier.key_id, signature)
    with pytest.raises(TamperSuspected):
        witnessed(NOTE.with_signature(line), parse_policy(EXAMPLE))


def test_only_witness_keys_cosign_and_only_checkpoints_at_an_instant() -> None:
    with pytest.raises(InvalidInput):
        cosign(NOTE, LOG, TIME)
    with pytest.raises(InvalidInput):
        cosign(Note("some text\n", NOTE.signatures), WITNESSES[0], TIME)
    with pytest.raises(InvalidInput):
        cosign(NOTE, WITNESSES[0], TIME.replace(tzinfo=None))
    with pytest.raises(InvalidInput):
        cosign(NOTE, WITNESSES[0], datetime(1969, 12, 31, tzinfo=UTC))


# A head of a public log, cosigned by witnesses of the public network (fetched in 2026).
PUBLIC = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""  # noqa: E501 - as it was served
PUBLIC_LOG = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
PUBLIC_WITNESS = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
PUBLIC_POLICY = lines(
    f"log {PUBLIC_LOG}", f"witness remora {PUBLIC_WITNESS}", f"witness w {X1}", "quorum remora"
)


def test_a_head_cosigned_in_the_public_network_is_admitted() -> None:
    found = witnessed(parse_note(PUBLIC.encode()), parse_policy(PUBLIC_POLICY))
    assert found.admitted
    assert (found.names, found.of) == ((b"remora",), 2)
    assert [one.time for one in found.cosignatures] == [
        datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "change", [("1432088532", "1432088533"), ("AAAABqEiEgPlf", "AAAABqEiEhPlf")]
)
def test_a_changed_head_or_time_of_the_public_network_is_not(change: tuple[str, str]) -> None:
    assert change[0] in PUBLIC
    with pytest.raises(TamperSuspected):
        witnessed(parse_note(PUBLIC.replace(*change).encode()), parse_policy(PUBLIC_POLICY))


def test_the_verdict_names_who_cosigned_of_how_many() -> None:
    found = witnessed(cosigned(4, 1), parse_policy(EXAMPLE))
    assert (found.names, found.of, found.quorum_met) == ((b"X2", b"Y2"), 6, False)
