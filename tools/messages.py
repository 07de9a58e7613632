"""Compiles the translations of the pages: each locale's .po file to the .mo file beside it.

- Fuzzy entries are left out: an unconfirmed translation is never shown.
- A file that is up to date is not written again.

Not its job: collecting strings from the source (Django's makemessages) and translating.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "src/muniment_server/locale"


def compile_messages(root: Path) -> list[Path]:
    """Compiles every catalogue under the locale folder; returns the .mo files in place."""
    compiled = []
    for source in sorted((root / FOLDER).rglob("*.po")):
        with source.open("rb") as text:
            catalogue = read_po(text)
        form = io.BytesIO()
        write_mo(form, catalogue)
        target = source.with_suffix(".mo")
        if not target.is_file() or target.read_bytes() != form.getvalue():
            target.write_bytes(form.getvalue())
        compiled.append(target)
    return compiled


if __name__ == "__main__":
    print(f"Translations compiled: {len(compile_messages(ROOT))}.")
