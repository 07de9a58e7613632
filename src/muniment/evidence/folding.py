"""Folded text: what words are matched and sorted by, the same on every database.

SQLite folds ASCII only, PostgreSQL by locale; so text is folded before it is stored, and queries
are folded the same way (blueprint §5).
"""

from __future__ import annotations

import unicodedata

# Letters that decomposition would take apart although readers tell them apart.
_KEPT = {ord("\N{COMBINING BREVE}"), ord("\N{COMBINING DIAERESIS}")}


def fold(text: str) -> str:
    """Return text in the form in which it is matched: compatible, without case or accents.

    Cyrillic letters that Unicode decomposes (such as i with breve, i with diaeresis) stay
    themselves, because they are letters of their own.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept: list[str] = []
    for character in decomposed:
        if not unicodedata.combining(character) or (
            ord(character) in _KEPT and kept and "\u0400" <= kept[-1] <= "\u04ff"
        ):
            kept.append(character)
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
