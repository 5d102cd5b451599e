"""Modes, roll-outs, quotas, the kill switch, and the alarm on hit rates."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import HitRateWatch, PolicyEngine, Quota, TokenBuckets, bands_of, quotas_of
from schemas import QUOTA_SLICES, Action, ReasonKind
from tests.rules.making import NOW, case, engine, policy, rule

HOUR = timedelta(hours=1)
SLICE = HOUR / QUOTA_SLICES


def removing(name: str = "removes", **settings: Any) -> dict[str, Any]:
    return {**rule(name, action="remove", labels=["seen"]), **settings}


def test_a_rule_out_of_the_draw_is_as_shadow(tmp_path: Path) -> None:
    judge = engine(tmp_path, rules=[removing(rollout=0)])
    decision = judge.decide(case())
    assert decision.action is Action.ALLOW
    assert [hit.mode for hit in decision.rule_hits] == ["shadow"]


def test_a_roll_out_takes_its_share_and_growing_only_adds(tmp_path: Path) -> None:
    def removed(percent: float) -> set[str]:
        judge = engine(tmp_path, rules=[removing(rollout=percent)])
        ids = [f"p-{n}" for n in range(400)]
        return {i for i in ids if judge.decide(case(post_id=i)).action is Action.REMOVE}

    few, more = removed(10), removed(50)
    assert few < more
    assert 20 <= len(few) <= 65  # binomial of 400 at 0.1: within four deviations
    assert 160 <= len(more) <= 240


def test_a_rule_over_its_quota_asks_a_person_until_somebody_resets_it(tmp_path: Path) -> None:
    loaded = policy(tmp_path, rules=[removing(quota={"posts": 2, "per": "1h"})])
    buckets = TokenBuckets(quotas_of(loaded.document))
    judge = PolicyEngine(loaded, buckets)
    assert [judge.decide(case()).action for _ in range(2)] == [Action.REMOVE] * 2

    over = judge.decide(case())

    assert over.action is Action.REVIEW
    assert over.labels == ("seen",)
    assert over.trace.rules[0].held_back == "quota"
    assert "over its quota of 2 posts" in (over.reasons[0].detail or "")
    assert buckets.tripped == {"removes"}
    buckets.reset("removes")
    assert judge.decide(case()).action is Action.REMOVE


def test_a_quota_on_an_action_counts_only_posts_with_that_outcome(tmp_path: Path) -> None:
    quota = {"posts": 1, "per": "1h", "outcome": "remove"}
    judge = engine(tmp_path, rules=[{**rule("up", shift={"spam": 2.0}), "quota": quota}])
    harmless, harmful = case(), case(scores={"spam": 0.9})
    assert {judge.decide(harmless).action for _ in range(5)} == {Action.ALLOW}
    assert [judge.decide(harmful).action for _ in range(2)] == [Action.REMOVE, Action.REVIEW]


def buckets_of(folder: Path, posts: int) -> TokenBuckets:
    quota = {"posts": posts, "per": "1h"}
    return TokenBuckets(quotas_of(policy(folder, rules=[removing(quota=quota)]).document))


def test_a_token_comes_back_when_its_time_has_passed(tmp_path: Path) -> None:
    buckets = buckets_of(tmp_path, posts=2)
    assert buckets.take("removes", NOW)
    assert buckets.take("removes", NOW + HOUR / 2)
    assert buckets.take("removes", NOW + HOUR + SLICE)
    assert not buckets.take("removes", NOW + HOUR + SLICE)


def test_a_tripped_bucket_stays_shut_however_much_time_goes_by(tmp_path: Path) -> None:
    buckets = buckets_of(tmp_path, posts=1)
    assert [buckets.take("removes", NOW) for _ in range(2)] == [True, False]
    assert not buckets.take("removes", NOW + 100 * HOUR)


@given(gaps=st.lists(st.floats(0, 5_000), max_size=60), posts=st.integers(1, 10))
def test_no_hour_sees_more_than_the_quota(gaps: list[float], posts: int) -> None:
    buckets = TokenBuckets({"any": Quota.model_validate({"posts": posts, "per": "1h"})})
    taken: list[datetime] = []
    now = NOW
    for gap in gaps:
        now += timedelta(seconds=gap)
        if buckets.take("any", now):
            taken.append(now)
        assert sum(now - HOUR < moment <= now for moment in taken) <= posts
        if buckets.tripped:
            return


def test_a_clock_that_goes_back_fills_no_bucket(tmp_path: Path) -> None:
    buckets = buckets_of(tmp_path, posts=2)
    assert all(buckets.take("removes", moment) for moment in (NOW, NOW - HOUR))
    assert not buckets.take("removes", NOW)


def test_the_kill_switch_turns_every_automatic_removal_into_a_review(tmp_path: Path) -> None:
    judge = engine(tmp_path, brakes={"removals": "off"})
    decision = judge.decide(case(scores={"spam": 0.99}))
    assert (decision.action, decision.model_action) == (Action.REVIEW, Action.REMOVE)
    assert decision.trace.held_back == "removals_off"
    assert decision.reasons[0].kind is ReasonKind.FAIL_SETTING


def test_the_quota_of_all_removals_counts_those_of_the_model_too(tmp_path: Path) -> None:
    judge = engine(tmp_path, brakes={"removal_quota": {"posts": 1, "per": "1h"}})
    asked = case(scores={"spam": 0.99})
    assert [judge.decide(asked).action for _ in range(2)] == [Action.REMOVE, Action.REVIEW]
    assert judge.decide(asked).trace.held_back == "removal_quota"


@pytest.mark.parametrize("then", [{"action": "remove"}, {"floor": {"spam": 0.96}}])
def test_no_brake_holds_an_exempt_rule_back(tmp_path: Path, then: dict[str, Any]) -> None:
    must = {**rule("must_go", **then), "quota": {"posts": 1, "per": "1h"}}
    brakes = {"removals": "off", "exempt": ["must_go"]}
    judge = engine(tmp_path, rules=[must], brakes=brakes)
    assert {judge.decide(case()).action for _ in range(3)} == {Action.REMOVE}


def test_an_exempt_rule_that_asks_for_less_lets_no_removal_through(tmp_path: Path) -> None:
    brakes = {"removals": "off", "exempt": ["mild"]}
    judge = engine(tmp_path, rules=[rule("mild", labels=["x"])], brakes=brakes)
    assert judge.decide(case(scores={"spam": 0.99})).action is Action.REVIEW


def watch(folder: Path, band: dict[str, float], window: int = 1_000) -> HitRateWatch:
    document = policy(folder, rules=[removing(expect=band)]).document
    return HitRateWatch(bands_of(document), window)


@pytest.mark.parametrize(
    ("every", "alarmed"), [(2, True), (20, False), (1_001, True)], ids=["often", "as ever", "never"]
)
def test_a_hit_rate_outside_its_band_raises_an_alarm(
    tmp_path: Path, every: int, *, alarmed: bool
) -> None:
    watching = watch(tmp_path, {"min": 0.02, "max": 0.1})
    alarms = [
        alarm
        for n in range(1, 1_001)
        for alarm in watching.observe(["removes", "other"] if n % every == 0 else [])
    ]
    assert [alarm.rule for alarm in alarms] == ["removes"] * alarmed
    assert watching.shares == {"removes": (1_000 // every) / 1_000}
    assert all("expected 2.00% to 10.00%" in str(alarm) for alarm in alarms)


def test_a_few_posts_are_no_evidence(tmp_path: Path) -> None:
    watching = watch(tmp_path, {"max": 0.1}, window=4)
    assert [watching.observe(["removes"] * (n < 2)) for n in range(3)] == [[]] * 3
    assert watching.shares == {}
    assert watching.observe([]) == []
    assert watching.shares == {"removes": 0.5}


def test_each_window_is_counted_anew(tmp_path: Path) -> None:
    watching = watch(tmp_path, {"max": 0.1}, window=100)
    first = [alarm for _ in range(100) for alarm in watching.observe(["removes"])]
    second = [alarm for _ in range(100) for alarm in watching.observe([])]
    assert (len(first), len(second)) == (1, 0)
