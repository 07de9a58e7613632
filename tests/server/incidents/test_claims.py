"""Sources and what they say: numbers, denials, what was checked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from muniment.errors import InvalidInput
from tests.server.refusals import not_permitted, refused, unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Claim, Incident, Source


@pytest.fixture
def claim(machine: Actor, source: Source) -> Callable[..., Claim]:
    """Record what the source says."""
    from muniment_server.incidents import services

    def make(
        kind: str = "event",
        by: Actor = machine,
        **more: Any,  # noqa: ANN401 - what each test says
    ) -> Claim:
        said = services.Said("It was said.", language="uk", original="Було сказано.")
        whole: dict[str, Any] = {"source": source, "said": said, **more}
        return services.record_claim(by, kind=services.ClaimKind(kind), **whole)

    return make


def test_a_source_that_nobody_can_judge_yet_is_f(source: Source) -> None:
    assert source.reliability == "F"
    assert source.number == "SRC-00001"


def test_a_claim_keeps_the_words_and_nothing_is_checked_of_it(
    machine: Actor, claim: Callable[..., Claim], incident: Incident, item: Item
) -> None:
    from muniment_server.incidents import queries

    made = claim(incident=incident, item=item, reason="heard")
    kept = queries.claim(machine, made.number)
    assert (kept.text, kept.original, kept.language) == ("It was said.", "Було сказано.", "uk")
    assert (kept.attribution, kept.content) == ("unchecked", "unverified")
    assert (kept.incident, kept.item) == (incident, item)
    assert queries.claims_of_item(machine, item) == [kept]


def test_a_count_has_a_number_and_a_denial_its_object(claim: Callable[..., Claim]) -> None:
    from muniment_server.incidents import services

    with refused(InvalidInput, "claim.count"):
        claim("count")
    with refused(InvalidInput, "claim.count"):
        claim("event", count=services.Count(5, "people"))
    with refused(InvalidInput, "claim.denial"):
        claim("denial")


def test_a_range_has_two_numbers_in_order_and_nothing_else_has(
    claim: Callable[..., Claim],
) -> None:
    from muniment_server.incidents import services

    known = services.Operator
    for operator, value_to in (
        *((known.EXACTLY, 7), (known.AT_LEAST, 7)),
        *((known.BETWEEN, None), (known.BETWEEN, 4)),
    ):
        with refused(InvalidInput, "claim.range"):
            claim("count", count=services.Count(5, "people", operator, value_to))


def test_a_range_is_kept_as_it_was_given(machine: Actor, claim: Callable[..., Claim]) -> None:
    from muniment_server.incidents import queries, services

    between = services.Operator.BETWEEN
    made = claim("count", count=services.Count(5, "people", between, 9, population="staff"))
    kept = queries.claim(machine, made.number)
    assert (kept.value, kept.value_to, kept.operator) == (5, 9, between)
    assert (kept.unit, kept.population) == ("people", "staff")
    same = claim("count", count=services.Count(5, "people", between, 5))
    assert (same.value, same.value_to) == (5, 5)


def test_a_denial_belongs_to_the_incident_of_what_it_denies(
    machine: Actor, claim: Callable[..., Claim], incident: Incident
) -> None:
    from muniment_server.incidents import queries

    first = claim(incident=incident)
    denial = claim("denial", denies=first)
    assert denial.incident == incident
    assert queries.denials_of(machine, first) == [denial]
    assert queries.disputed(machine) == [incident]
    assert claim("denial", incident=incident).denies is None


def test_different_numbers_are_a_dispute_and_equal_ones_are_none(
    machine: Actor, claim: Callable[..., Claim], incident: Incident
) -> None:
    from muniment_server.incidents import queries, services

    for value, disputed in ((5, []), (5, []), (6, [incident])):
        claim("count", incident=incident, count=services.Count(value, "people"))
        assert queries.disputed(machine) == disputed


def test_that_they_said_it_and_that_it_is_so_are_graded_apart(
    machine: Actor, claim: Callable[..., Claim]
) -> None:
    from muniment_server.custody import queries as custody
    from muniment_server.incidents import queries, services

    made = claim()
    services.grade_claim(
        machine,
        made,
        credibility=services.Credibility("2"),
        attribution=services.Attribution.CHECKED,
        content=services.ContentStatus.UNVERIFIED,
        reason="their own site",
    )
    kept = queries.claim(machine, made.number)
    assert (kept.credibility, kept.attribution, kept.content) == ("2", "checked", "unverified")
    recorded, graded = custody.acts_of(machine, made.pk)
    assert (recorded.kind, graded.kind) == ("claim.recorded", "claim.graded")
    assert graded.reason == "their own site"


def test_a_claim_is_tied_to_its_incident_later(
    machine: Actor, claim: Callable[..., Claim], incident: Incident
) -> None:
    from muniment_server.incidents import queries, services

    made = claim()
    assert queries.incident_view(machine, incident).claims == []
    services.link_claim(machine, made, incident=incident)
    assert queries.incident_view(machine, incident).claims == [made]


def test_who_only_reads_records_and_grades_nothing(
    person: Callable[..., Actor], claim: Callable[..., Claim], incident: Incident
) -> None:
    made = claim()
    for role in ("administrator", "reader", "auditor"):
        by = person(role)
        with not_permitted():
            claim(by=by)
        _grades_nothing(by, made, incident)


def _grades_nothing(by: Actor, made: Claim, incident: Incident) -> None:
    from muniment_server.incidents import services

    with not_permitted():
        services.record_source(by, name="X", kind=services.SourceKind.OFFICIAL)
    with not_permitted():
        services.link_claim(by, made, incident=incident)
    with not_permitted():
        services.grade_claim(
            by,
            made,
            credibility=services.Credibility.UNJUDGED,
            attribution=services.Attribution.CHECKED,
            content=services.ContentStatus.UNVERIFIED,
            reason="no",
        )


@pytest.mark.parametrize("end", ["source", "incident", "item", "denies"])
def test_what_a_claim_points_to_hides_it(
    machine: Actor,
    claim: Callable[..., Claim],
    incident: Incident,
    item: Item,
    source: Source,
    close: Callable[[Root], None],
    end: str,
) -> None:
    from muniment_server.incidents import queries

    ends: dict[str, Any] = {"incident": incident, "item": item, "denies": claim()}
    made = claim("denial", **ends)
    hidden: Root = {**ends, "source": source}[end]
    close(hidden)
    with unseen("claim.not_found"):
        queries.claim(machine, made.number)
    assert made not in queries.claims(machine, queries.ClaimFilter()).rows
    with unseen():
        claim("denial", **{**ends, "source": source})


def test_claims_are_narrowed_and_found_by_their_words(
    machine: Actor, claim: Callable[..., Claim], source: Source
) -> None:
    from muniment_server.incidents import queries, services

    first = claim(said=services.Said("Ніхто не загинув у ЛІКАРНІ."))
    second = claim("count", count=services.Count(5, "people"))
    for wanted, found in (
        (queries.ClaimFilter(words="лікарні"), [first]),
        (queries.ClaimFilter(words="лікарні загинув"), [first]),
        (queries.ClaimFilter(words="лікарні ніде"), []),
        (queries.ClaimFilter(kind="count"), [second]),
        (queries.ClaimFilter(source=source.number.lower()), [first, second]),
        (queries.ClaimFilter(source="SRC-99999"), []),
    ):
        assert queries.claims(machine, wanted).rows == found, wanted
    assert queries.claim_counts(machine, [source]) == {source.pk: 2}
