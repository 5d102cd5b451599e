"""Scores of a model on trial beside those that judged: calibration and shift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from schemas import Action, RuleHit
from tests.workers.ledger.accuracy.rows import a_row
from workers.ledger.accuracy import AccuracyGauges, AuditRow, Report, ScoreChange, promotions
from workers.ledger.accuracy.drift import MIN_VERDICTS
from workers.ledger.accuracy.promotion_printing import promotions_as_object, promotions_as_text

WINDOW = timedelta(days=28)
JUDGE = "shadow-model:model-2"


def verdicts(
    count: int,
    *,
    live: float,
    then: float,
    harmful: bool | None,
    probability: float = 0.5,
) -> Iterator[AuditRow]:
    """Verdicts that two models scored; ``harmful`` is what a reviewer answered, if one did."""
    for number in range(count):
        yield a_row(
            f"{live}-{then}-{harmful}-{probability}-{number}",
            answer=None if harmful is None else Action.REMOVE if harmful else Action.ALLOW,
            categories=("spam",) if harmful else (),
            scores={"spam": live, "hate": 0.1},
            probability=probability,
            shadow_model=(Action.ALLOW, Action.ALLOW),
            shadow_scores={"spam": then, "drugs": 0.1},
        )


def spam(some: list[AuditRow]) -> ScoreChange:
    (found,) = promotions(some, WINDOW)
    (change,) = found.scores
    assert change.category == "spam", "what one model does not score cannot be compared"
    return change


def test_each_models_calibration_is_by_the_same_answers() -> None:
    change = spam(
        [
            *verdicts(50, live=0.9, then=0.52, harmful=True),
            *verdicts(50, live=0.9, then=0.52, harmful=False),
        ]
    )
    assert change.live == pytest.approx(0.4)
    assert change.then == pytest.approx(0.02)


def test_an_answer_that_stands_for_more_verdicts_weighs_more() -> None:
    change = spam(
        [
            *verdicts(50, live=0.9, then=0.25, harmful=True, probability=0.9),
            *verdicts(50, live=0.9, then=0.25, harmful=False, probability=0.3),
        ]
    )
    assert change.then == pytest.approx(0.0, abs=1e-9)
    assert change.live == pytest.approx(0.65)


def test_scores_that_are_the_same_have_not_shifted_and_others_have() -> None:
    same = [*verdicts(MIN_VERDICTS, live=0.3, then=0.3, harmful=False)]
    assert spam(same).shift == pytest.approx(0.0)
    moved = [*verdicts(MIN_VERDICTS, live=0.03, then=0.8, harmful=False)]
    shift = spam(moved).shift
    assert shift is not None
    assert shift > 0.25


def test_the_shift_is_of_all_that_both_scored_and_unknown_of_few() -> None:
    answered = [*verdicts(MIN_VERDICTS - 1, live=0.3, then=0.3, harmful=False)]
    assert spam(answered).shift is None
    waiting = [*verdicts(1, live=0.3, then=0.3, harmful=None)]
    assert spam([*answered, *waiting]).shift == pytest.approx(0.0)
    other = a_row("not-asked", scores={"spam": 0.3})
    assert spam([*answered, other]).shift is None


def test_a_rule_has_no_scores_of_its_own() -> None:
    rows = [a_row(f"p-{n}", rule_hits=(RuleHit(rule="new", mode="shadow"),)) for n in range(5)]
    (found,) = promotions(rows, WINDOW)
    assert found.scores == ()


def test_people_programs_and_gauges_are_told() -> None:
    found = promotions(
        [
            *verdicts(100, live=0.9, then=0.52, harmful=True),
            *verdicts(100, live=0.9, then=0.52, harmful=False),
        ],
        WINDOW,
    )
    assert "spam        calibration error 0.400 -> 0.020; shift of scores " in promotions_as_text(
        found
    )
    (told,) = json.loads(promotions_as_object(found))["challengers"]
    (change,) = told["scores"]
    assert (change["category"], round(change["live"], 3)) == ("spam", 0.4)

    registry = CollectorRegistry()
    AccuracyGauges(registry).show(Report(), found)
    labels = {"judge": JUDGE, "category": "spam"}
    for role, error in (("live", 0.4), ("candidate", 0.02)):
        assert registry.get_sample_value(
            "moderation_ledger_challenger_calibration_error", labels | {"role": role}
        ) == pytest.approx(error)
    assert (
        registry.get_sample_value("moderation_ledger_challenger_score_shift", labels)
        == change["shift"]
    )
