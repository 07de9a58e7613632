from __future__ import annotations

import ast
import inspect
import re

import pytest

from muniment.evidence import acts, oversight_acts
from muniment.evidence.acts import ACTS


def test_every_act_is_listed_under_its_name() -> None:
    assert all(name == kind.name for name, kind in ACTS.items())
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", name) for name in ACTS)


def test_each_act_has_one_permission_of_its_own() -> None:
    permissions = [kind.permission for kind in ACTS.values()]
    assert len(set(permissions)) == len(permissions)
    for kind in ACTS.values():
        assert re.fullmatch(r"[a-z]+\.[a-z]+", kind.permission)
        assert kind.permission.split(".")[0] == kind.name.split(".")[0]
        assert kind.permission != kind.name


def test_each_act_has_a_sentence_and_an_explanation() -> None:
    for kind in ACTS.values():
        assert re.fullmatch(r"[a-z].*[^.]", kind.sentence), kind
        assert re.fullmatch(r"[A-Z].*\.", kind.explanation), kind
    assert len({kind.sentence for kind in ACTS.values()}) == len(ACTS)
    assert len({kind.explanation for kind in ACTS.values()}) == len(ACTS)


def test_every_sentence_and_explanation_is_marked_for_translation() -> None:
    calls = [
        call
        for module in (acts, oversight_acts)
        for call in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "ActKind"
    ]
    assert len(calls) == len(ACTS)
    for call in calls:
        for argument in call.args[2:]:
            assert isinstance(argument, ast.Call)
            assert isinstance(argument.func, ast.Name)
            assert argument.func.id == "_"


def test_the_list_is_closed() -> None:
    with pytest.raises(TypeError):
        ACTS["item.deleted"] = ACTS["item.received"]  # type: ignore[index]  # the list cannot grow
