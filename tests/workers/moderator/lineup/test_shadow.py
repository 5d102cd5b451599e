"""A second model is compared with the one that judges, and changes nothing."""

from __future__ import annotations

import asyncio
from typing import Final

from aiokafka.errors import KafkaTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.scoring import ConstantScorer
from schemas import CATEGORIES, Action, Verdict
from tests.workers.moderator.lineup.making import Failing, house, model
from tests.workers.moderator.making import make_post
from workers.moderator.lineup import Lineup
from workers.moderator.lineup.shadow import QUEUE_POSTS

SURE: Final = 0.99
"""Above every threshold of the shipped policy."""


async def test_both_models_answers_stand_side_by_side() -> None:
    async with house(model(), model("next@2", spam=SURE)) as it:
        (verdict,) = await it.judge(make_post("p-1", language="en"))
        await it.reaches("compared", 1)
        (shadow,) = it.shadows
    assert verdict.action is Action.ALLOW
    assert verdict.versions.model == shadow.live_model == "live@1"
    assert shadow.versions.model == "next@2"
    assert shadow.versions.policy == verdict.versions.policy
    assert shadow.verdict_id == verdict.verdict_id
    assert (shadow.live_action, shadow.action) == (Action.ALLOW, shadow.model_action)
    assert shadow.action.severity > Action.ALLOW.severity
    assert (shadow.live_model_scores["spam"], shadow.model_scores["spam"]) == (0.01, SURE)
    assert (shadow.share, shadow.language) == (1.0, "en")


async def test_metrics_tell_where_they_differ() -> None:
    async with house(model(), model("next@2", spam=SURE)) as it:
        await it.judge(make_post("p-1"), make_post("p-2"))
        await it.reaches("compared", 2)
        action = it.shadows[0].action
        assert it.value("candidate_actions_total", {"live": "allow", "candidate": action}) == 2
        agreement = "candidate_agreement_total"
        assert it.value(agreement, {"category": "spam", "agrees": "no"}) == 2
        assert it.value(agreement, {"category": "hate", "agrees": "yes"}) == 2
        difference = "candidate_score_difference"
        assert it.value(f"{difference}_count", {"category": "spam"}) == 2
        assert round(it.value(f"{difference}_sum", {"category": "spam"}), 6) == 2 * (SURE - 0.01)
        assert it.value("shadow_seconds_count") >= 1
        assert it.value("candidate_info", {"version": "next@2"}) == 1
        series = [one for family in it.registry.collect() for one in family.samples]
    compared = [one for one in series if one.name.startswith("moderation_candidate_")]
    assert len(compared) <= len(CATEGORIES) * (2 + 12) + len(Action) ** 2 * 2 + 8


async def test_where_the_candidate_judges_the_old_model_is_the_shadow() -> None:
    async with house(model(), model("next@2", spam=SURE), candidate_share=1.0) as it:
        (verdict,) = await it.judge(make_post("p-1"))
        await it.reaches("compared", 1)
        (shadow,) = it.shadows
        assert (verdict.versions.model, shadow.versions.model) == ("next@2", "live@1")
        assert (shadow.live_action, shadow.action) == (verdict.action, Action.ALLOW)
        changes = {"live": "allow", "candidate": verdict.action}
        assert it.value("candidate_actions_total", changes) == 1


async def test_a_share_is_drawn_by_the_posts_id_and_a_growing_one_only_adds() -> None:
    posts = [make_post(f"p-{number}") for number in range(400)]
    drawn: list[set[str]] = []
    for share in (0.1, 0.3):
        async with house(model(), model("next@2"), compared_share=share) as it:
            await it.judge(*posts)
            await it.reaches("compared", 1)
            live = it.models.current
            want = {p.post_id for p in posts if live.shadow_of(p.post_id, "live@1")}
            await it.reaches("compared", len(want))
            drawn.append({one.post_id for one in it.shadows})
        assert drawn[-1] == want
        assert 0.5 * share < len(want) / len(posts) < 1.5 * share
    assert drawn[0] < drawn[1]


async def test_failures_are_counted_and_the_other_posts_compared() -> None:
    async with house(model(), Failing("next@2", "p-2")) as it:
        verdicts = await it.judge(*(make_post(f"p-{number}") for number in range(5)))
        await it.reaches("compared", 4)
        await it.reaches("failed", 1)
        assert {one.post_id for one in it.shadows} == {"p-0", "p-1", "p-3", "p-4"}
    assert [verdict.action for verdict in verdicts] == [Action.ALLOW] * 5


async def test_what_the_broker_does_not_take_is_counted() -> None:
    async with house(
        model(), model("next@2"), refuse=lambda _topic, _value: KafkaTimeoutError()
    ) as it:
        await it.judge(make_post("p-1"))
        await it.reaches("unsent", 1)
        assert it.fate("compared") == 1


async def test_posts_are_dropped_when_too_many_wait() -> None:
    async with house(model(), model("next@2"), compares=False) as it:
        await it.judge(*(make_post(f"p-{number}") for number in range(QUEUE_POSTS + 3)))
        assert it.fate("dropped") == 3


async def test_what_waits_for_a_model_that_is_let_go_is_dropped() -> None:
    async with house(model(), model("next@2"), compares=False) as it:
        await it.judge(make_post("p-1"))
        it.models.swap(Lineup(it.models.current.live))
        comparing = asyncio.create_task(it.shadow.run())
        await it.reaches("dropped", 1)
        comparing.cancel()
        await asyncio.wait([comparing])
        assert it.shadows == []


SCORES = st.fixed_dictionaries(
    dict.fromkeys(CATEGORIES, st.floats(0.0, 1.0, allow_nan=False, width=32))
)


@given(live=SCORES, other=SCORES, share=st.floats(0.0, 1.0), fails=st.booleans())
@settings(max_examples=25, deadline=None)
def test_a_shadow_never_changes_a_verdict(
    live: dict[str, float], other: dict[str, float], share: float, fails: bool
) -> None:
    posts = [make_post(f"p-{number}") for number in range(6)]

    async def verdicts(candidate: ConstantScorer | None) -> list[Verdict]:
        judge = ConstantScorer(live, version="live@1")
        async with house(judge, candidate, compared_share=share) as it:
            return [verdict for post in posts for verdict in await it.judge(post)]

    second = Failing("next@2") if fails else ConstantScorer(other, version="next@2")
    assert asyncio.run(verdicts(second)) == asyncio.run(verdicts(None))
