"""One question about one item, answered by one person and confirmed by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server.refusals import not_permitted, unseen

if TYPE_CHECKING:
    from collections.abc import Callable

    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor
    from muniment_server.incidents.models import Assessment


def assess(by: Actor, item: Item) -> Assessment:
    from muniment_server.incidents import services

    return services.assess(
        by,
        item=item,
        question=services.Question.WHERE,
        result="the yard",
        working=services.Working("compared with a map", alternatives="the square"),
    )


def test_an_answer_waits_for_a_second_person(person: Callable[..., Actor], item: Item) -> None:
    from muniment_server.incidents import queries, services

    author, second = person("analyst"), person("lawyer")
    made = assess(author, item)
    assert (made.answer, made.author, made.reviewer) == ("proposed", author.agent, None)
    assert queries.waiting_for_review(author) == []
    assert queries.waiting_for_review(second) == [made]
    with not_permitted():
        services.review_assessment(author, made, answer=services.Answer.DISPUTED, reason="mine")
    services.review_assessment(second, made, answer=services.Answer.DISPUTED, reason="a gate")
    kept = queries.assessment(author, made.number)
    assert (kept.answer, kept.reviewer) == ("disputed", second.agent)
    assert queries.waiting_for_review(second) == []
    assert queries.assessments_of(author, item) == [kept]


def test_who_only_reads_answers_nothing(
    person: Callable[..., Actor], machine: Actor, item: Item
) -> None:
    from muniment_server.incidents import services

    made = assess(machine, item)
    for by in map(person, ("administrator", "reader", "auditor")):
        with not_permitted():
            assess(by, item)
        with not_permitted():
            services.review_assessment(by, made, answer=services.Answer.DISPUTED, reason="no")


def test_an_answer_about_a_hidden_item_is_hidden_with_it(
    machine: Actor, person: Callable[..., Actor], item: Item, close: Callable[[Root], None]
) -> None:
    from muniment_server.incidents import queries

    made = assess(machine, item)
    analyst = person("analyst")
    close(item)
    with unseen():
        assess(analyst, item)
    with unseen("assessment.not_found"):
        queries.assessment(analyst, made.number)
    assert queries.waiting_for_review(analyst) == []
