"""The pages about the law say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from muniment.cli.law_text import opinion_text
from muniment.law.facts import INPUTS, Concern, Outcome, Stage, Trigger
from muniment.law.jurisdiction import opinion, read_case
from muniment.law.rules import RuleOutcome, rule_book
from muniment.law.sources import sources
from muniment.law.states import FactKind
from muniment.law.taxonomy import taxonomy
from tests.library.law.samples import DATA

DOCS = Path(__file__).resolve().parents[3] / "docs"
HOW_TO = (DOCS / "how-to" / "check-jurisdiction.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "law.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The code blocks of a kind in the how-to."""
    return re.findall(rf"^```{kind}\n(.*?)^```", HOW_TO, flags=re.MULTILINE | re.DOTALL)


def shown(facts: str) -> str:
    """The text that the command prints for facts."""
    return "\n".join(opinion_text(opinion(read_case(facts.encode(), "facts.yaml"))))


def test_the_how_to_shows_what_is_printed() -> None:
    first, more = blocks("yaml")
    (printed,) = blocks("text")
    assert printed.strip() in shown(first)
    filled = shown(first + more)
    assert re.search(r"Admissibility +YES +J36", filled)
    assert re.search(r"Arrest +NEEDS_STEP +J43", filled)


def test_the_reference_lists_every_input_and_value() -> None:
    words = set(re.findall(r"`([a-z0-9_+]+)`", REFERENCE))
    listed = {
        *INPUTS,
        "as_of",
        "states",
        *FactKind,
        *RuleOutcome,
        *Stage,
        *Outcome,
        *Concern,
        *Trigger,
    }
    assert listed - words == set()


def test_the_reference_explains_every_basis() -> None:
    words = set(sources())
    for name in ("rome_statute.yaml", "jurisdiction_rules.yaml"):
        raw = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
        words |= set(raw["meta"]["basis_values"])
    rows = re.findall(r"^\| `([^`]+)` \| (checked|unchecked) \|", REFERENCE, flags=re.MULTILINE)
    assert dict(rows) == {word: "checked" if word in sources() else "unchecked" for word in words}


def test_the_reference_counts_right() -> None:
    law, book = taxonomy(), rule_book()
    for number, what in (
        (len(law.crimes), "crimes of Articles"),
        (len(law.families), "families"),
        (len(law.contexts), "contexts"),
        (len(law.modes), "modes of liability"),
        (len(law.grounds), "grounds"),
        (len(law.standards), "standards of proof"),
        (len(law.aggression_acts), "acts of aggression"),
        (len(law.offences_against_justice), "offences against justice"),
        (len(book.rules), "rules with article"),
        (len(book.worked), "worked cases"),
    ):
        assert f"{number} {what}" in REFERENCE
    named = {"UA": "Ukraine", "RU": "Russia", "GB": "United Kingdom", "HU": "Hungary"}
    assert set(book.states.facts) == set(named)
