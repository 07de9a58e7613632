from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.checkpoint import Checkpoint
from muniment.custody.merkle import MAX_SIZE
from muniment.errors import InvalidInput, MunimentError, NotPermitted, TamperSuspected, Unavailable
from muniment.seal.signer_messages import (
    KEY,
    LAST,
    Request,
    format_done,
    format_refused,
    format_request,
    format_sign,
    parse_answer,
    parse_request,
)
from tests.library.seal.history import ORIGIN, growth, head

HASHES = st.binary(min_size=32, max_size=32)
HEADS = st.builds(Checkpoint, st.just(ORIGIN), st.integers(1, MAX_SIZE), HASHES)


@given(asked=HEADS, proof=st.lists(HASHES, max_size=128))
def test_a_request_says_what_it_was_made_of(asked: Checkpoint, proof: list[bytes]) -> None:
    data = format_sign(asked, proof)
    assert parse_request(data) == Request("sign", ORIGIN, asked, tuple(proof))


@pytest.mark.parametrize("what", [KEY, LAST])
def test_a_question_says_of_which_log(what: str) -> None:
    assert parse_request(format_request(what, ORIGIN)) == Request(what, ORIGIN)


def test_no_part_of_a_request_is_another_request_but_one_with_less_proof() -> None:
    whole = format_sign(head(300), growth(100, 300))
    for cut in range(len(whole)):
        try:
            found = parse_request(whole[:cut])
        except InvalidInput:
            continue
        assert found.head == head(300)  # the proof is short, and the signer refuses it
        assert len(found.consistency) < len(growth(100, 300))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"muniment signer 2\nkey\n" + ORIGIN.encode() + b"\n",
        b"muniment signer 1\nkey\n" + ORIGIN.encode(),
        b"muniment signer 1\nkey\n\n",
        b"muniment signer 1\nkey\nwith space\n",
        b"muniment signer 1\nkey\n" + ORIGIN.encode() + b"\nmore\n",
        b"muniment signer 1\nforget\n" + ORIGIN.encode() + b"\n",
        b"muniment signer 1\nkey\n\xff\n",
        format_sign(head(3), ()).replace(b"\n3\n", b"\n03\n"),
        format_sign(head(3), ()).replace(b"\n", b"\r\n"),
        format_sign(head(3), [b"short"]),
        format_sign(head(3), [bytes(32)] * 129),
        format_sign(head(3), ()).replace(b"=\n", b"\n"),
    ],
)
def test_anything_else_is_no_request(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse_request(data)


@pytest.mark.parametrize("payload", [b"", b"one\n", b"\n\n\xff", b"refused\n"])
def test_an_answer_gives_its_payload(payload: bytes) -> None:
    assert parse_answer(format_done(payload)) == payload


def test_a_refusal_is_raised_as_it_was_there() -> None:
    error = TamperSuspected("a fork\nover lines", code="signer.fork", hint="Stop.")
    with pytest.raises(TamperSuspected) as caught:
        parse_answer(format_refused(error))
    assert (caught.value.message, caught.value.code) == ("a fork over lines", "signer.fork")
    assert caught.value.hint == "Stop."


def test_a_refusal_of_no_kind_known_here_is_one_for_now() -> None:
    with pytest.raises(Unavailable):
        parse_answer(format_refused(NotPermitted("no", code="some.code")))


@given(st.binary(max_size=200))
def test_no_other_bytes_are_an_answer(data: bytes) -> None:
    try:
        parse_answer(data)
    except (ValueError, MunimentError):
        return
    assert data.startswith(b"muniment signer 1\ndone\n")
