"""One documented, order-free function from scores and effects to an action."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import Decision
from schemas import Action, Modality, NotScanned, NotScannedReason, VerdictStatus
from tests.rules.making import CATEGORIES, case, engine, rule

quick = settings(
    max_examples=60,
    deadline=None,
    # Each example writes its own policy, so a shared folder is fine; nor is a busy machine a fault.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

probabilities = st.floats(0.0, 1.0, allow_nan=False)
scores = st.fixed_dictionaries(dict.fromkeys(CATEGORIES, probabilities))
categories = st.sampled_from(sorted(CATEGORIES))
restrictions = st.sampled_from(["limit", "review", "remove"])
# True for more posts, never fewer, as scores grow.
rising_conditions = st.sampled_from(
    ["true", "scores.spam > 0.3", "highest_score >= 0.5", "post.reach > 100", "author.posts < 5"]
)
raising_effects = st.fixed_dictionaries(
    {"labels": st.just(["seen"])},
    optional={
        "shift": st.dictionaries(categories, st.floats(0.0, 6.0), min_size=1),
        "floor": st.dictionaries(categories, probabilities, min_size=1),
        "action": restrictions,
        "escalate": st.fixed_dictionaries({"queue": st.sampled_from(["urgent", "wellbeing"])}),
    },
)
any_effects = st.fixed_dictionaries(
    {"labels": st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True)},
    optional={
        "shift": st.dictionaries(categories, st.floats(-6.0, 6.0), min_size=1),
        "floor": st.dictionaries(categories, probabilities, min_size=1),
        "ceiling": st.dictionaries(categories, probabilities, min_size=1),
        "action": restrictions,
        "escalate": st.fixed_dictionaries(
            {"queue": st.sampled_from(["urgent", "wellbeing"]), "priority": st.floats(1.0, 9.0)}
        ),
        "require_review": st.booleans(),
        "age_gate": st.integers(1, 99),
        "geo_limit": st.lists(st.sampled_from(["DE", "FR", "AT"]), min_size=1),
    },
)
any_conditions = st.one_of(
    rising_conditions,
    st.sampled_from(["false", "scores.hate < 0.5", "not_scanned.count > 0"]),
    st.just("1 / author.posts > 0"),  # cannot be evaluated for a new author
)


@st.composite
def rule_lists(
    draw: st.DrawFn,
    conditions: st.SearchStrategy[str] = any_conditions,
    effects: st.SearchStrategy[dict[str, Any]] = any_effects,
) -> list[dict[str, Any]]:
    """Up to six live rules with distinct ids."""
    pairs = draw(st.lists(st.tuples(conditions, effects), max_size=6))
    return [rule(f"r{n}", when, **then) for n, (when, then) in enumerate(pairs)]


@quick
@given(data=st.data(), rules=rule_lists(), given_scores=scores)
def test_the_order_of_rules_never_matters(
    tmp_path: Path, data: st.DataObject, rules: list[dict[str, Any]], given_scores: dict[str, float]
) -> None:
    shuffled = data.draw(st.permutations(rules))
    asked = case(scores=given_scores, reach=500)
    assert _decide(tmp_path, rules, asked) == _decide(tmp_path, shuffled, asked)


@quick
@given(rules=rule_lists(), when=any_conditions, then=any_effects, given_scores=scores)
def test_a_shadow_rule_is_counted_and_changes_nothing_else(
    tmp_path: Path,
    rules: list[dict[str, Any]],
    when: str,
    then: dict[str, Any],
    given_scores: dict[str, float],
) -> None:
    asked = case(scores=given_scores, reach=500)
    without = _decide(tmp_path, rules, asked)
    shadow = rule("shadow", when, mode="shadow", **then) | {"quota": {"posts": 1, "per": "1h"}}
    with_shadow = _decide(tmp_path, [*rules, shadow], asked)
    told = replace(
        with_shadow,
        rule_hits=tuple(hit for hit in with_shadow.rule_hits if hit.rule != "shadow"),
        trace=with_shadow.trace.model_copy(
            update={"rules": tuple(r for r in with_shadow.trace.rules if r.rule != "shadow")}
        ),
    )
    assert told == without


@quick
@given(
    rules=rule_lists(rising_conditions, raising_effects),
    given_scores=scores,
    category=categories,
    raised=probabilities,
)
def test_a_higher_score_is_never_answered_more_mildly(
    tmp_path: Path,
    rules: list[dict[str, Any]],
    given_scores: dict[str, float],
    category: str,
    raised: float,
) -> None:
    higher = given_scores | {category: max(raised, given_scores[category])}
    judge = engine(tmp_path, rules=rules)
    before = judge.decide(case(scores=given_scores, reach=500))
    after = judge.decide(case(scores=higher, reach=500))
    assert after.action.severity >= before.action.severity
    assert all(after.scores[c] >= before.scores[c] for c in before.scores)


@quick
@given(
    rules=rule_lists(),
    given_scores=scores,
    gap=st.builds(
        NotScanned,
        modality=st.sampled_from(list(Modality)),
        reason=st.sampled_from(list(NotScannedReason)),
    ),
    default=restrictions,
)
def test_what_was_not_scanned_is_never_simply_allowed(
    tmp_path: Path,
    rules: list[dict[str, Any]],
    given_scores: dict[str, float],
    gap: NotScanned,
    default: str,
) -> None:
    judge = engine(tmp_path, rules=rules, not_scanned={"default": default})
    decision = judge.decide(case(scores=given_scores, not_scanned=[gap]))
    assert decision.action is not Action.ALLOW
    assert decision.status is VerdictStatus.DEGRADED


@quick
@given(rules=rule_lists(), given_scores=scores)
def test_scores_stay_probabilities(
    tmp_path: Path, rules: list[dict[str, Any]], given_scores: dict[str, float]
) -> None:
    decision = _decide(tmp_path, rules, case(scores=given_scores))
    assert all(0.0 <= score <= 1.0 for score in decision.scores.values())


def test_shifts_add_up_in_log_odds(tmp_path: Path) -> None:
    rules = [rule("one", shift={"spam": 0.5}), rule("two", shift={"spam": 1.0})]
    decision = _decide(tmp_path, rules, case(scores={"spam": 0.5}))
    assert decision.scores["spam"] == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_untouched_scores_stay_exactly_as_they_were(tmp_path: Path) -> None:
    asked = case(scores={"hate": 0.123456789, "spam": 1.0})
    decision = _decide(tmp_path, [rule("none", shift={"spam": 0.0, "hate": 0.0})], asked)
    assert decision.scores == dict(asked.scores)


def test_a_certain_score_moves_by_a_shift_only_in_its_direction(tmp_path: Path) -> None:
    up = _decide(tmp_path, [rule("up", shift={"spam": 1.0})], case(scores={"spam": 1.0}))
    down = _decide(tmp_path, [rule("down", shift={"spam": -1.0})], case(scores={"spam": 0.0}))
    assert up.scores["spam"] == 1.0
    assert down.scores["spam"] == 0.0


def test_many_strong_shifts_do_not_overflow(tmp_path: Path) -> None:
    rules = [rule(f"r{n}", shift={"spam": -12.0, "hate": 12.0}) for n in range(100)]
    decision = _decide(tmp_path, rules, case(scores={"spam": 0.5, "hate": 0.5}))
    assert decision.scores["spam"] == pytest.approx(0.0)
    assert decision.scores["hate"] == pytest.approx(1.0)


def test_the_highest_floor_and_the_lowest_ceiling_apply(tmp_path: Path) -> None:
    rules = [
        rule("low", floor={"hate": 0.3}, ceiling={"spam": 0.9}),
        rule("high", floor={"hate": 0.7}, ceiling={"spam": 0.4}),
    ]
    decision = _decide(tmp_path, rules, case(scores={"hate": 0.1, "spam": 0.99}))
    assert (decision.scores["hate"], decision.scores["spam"]) == (0.7, 0.4)


def test_where_bounds_cross_the_floor_wins(tmp_path: Path) -> None:
    rules = [rule("floor", floor={"hate": 0.8}), rule("ceiling", ceiling={"hate": 0.2})]
    assert _decide(tmp_path, rules, case()).scores["hate"] == 0.8


def test_a_required_review_holds_back_a_removal_and_raises_what_is_milder(tmp_path: Path) -> None:
    rules = [rule("person", require_review=True)]
    assert _decide(tmp_path, rules, case(scores={"hate": 0.99})).action is Action.REVIEW
    assert _decide(tmp_path, rules, case()).action is Action.REVIEW


def test_a_category_without_a_score_is_raised_by_a_floor_only(tmp_path: Path) -> None:
    house = {"house_rules": {"review": 0.5, "scored": False}}
    judge = engine(
        tmp_path,
        categories=CATEGORIES | house,
        rules=[rule("floor", "post.reach > 10", floor={"house_rules": 0.9})],
    )
    assert "house_rules" not in judge.decide(case(reach=0)).scores
    raised = judge.decide(case(reach=100))
    assert raised.scores["house_rules"] == 0.9
    assert raised.action is Action.REVIEW


def _decide(folder: Path, rules: list[dict[str, Any]], asked: Any) -> Decision:
    return engine(folder, rules=rules).decide(asked)
