"""How a contract says what it missed; unlike `assert`, it holds under every switch of Python."""

from __future__ import annotations


def expect(condition: object, sentence: str) -> None:
    """Raises AssertionError with `sentence` unless `condition` is true."""
    if not condition:
        raise AssertionError(sentence)
