"""Challengers beside what is live: what would change, and whether that is proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import numpy as np
import pytest

from schemas import Action, RuleHit
from tests.workers.ledger.accuracy.rows import a_row
from workers.ledger.accuracy import Advice, AuditRow, Promotion, make_report, promotions
from workers.ledger.accuracy.challengers import Challenger
from workers.ledger.accuracy.promotion import MIN_DISAGREED, compare

WINDOW = timedelta(days=28)
ON_TRIAL = (RuleHit(rule="on_trial", mode="shadow"),)


def rows(
    count: int,
    *,
    harmful: bool,
    flagged: bool,
    hit: bool = False,
    policy: str = "policy-1",
    probability: float = 0.5,
) -> Iterator[AuditRow]:
    """Verdicts with an answer, alike in all that counts."""
    for number in range(count):
        yield a_row(
            f"{harmful}-{flagged}-{hit}-{policy}-{number}",
            action=Action.REMOVE if flagged else Action.ALLOW,
            answer=Action.REMOVE if harmful else Action.ALLOW,
            stratum="remove-s5-text-en" if flagged else "allow-s0-text-en",
            rule_hits=ON_TRIAL if hit else (),
            policy=policy,
            probability=probability,
        )


def by_models(count: int, *, harmful: bool, then: bool, live: bool) -> Iterator[AuditRow]:
    """Verdicts that another model judged too."""
    actions = {True: Action.REMOVE, False: Action.ALLOW}
    for number in range(count):
        yield a_row(
            f"{harmful}-{then}-{live}-{number}",
            action=actions[live],
            answer=actions[harmful],
            shadow_model=(actions[then], actions[live]),
        )


def the_only(some: list[AuditRow]) -> Promotion:
    (found,) = promotions(some, WINDOW)
    return found


def live(*, harmless: int = 400) -> list[AuditRow]:
    """Half of what is harmful is flagged, and a tenth of what is flagged is harmless."""
    return [
        *rows(90, harmful=True, flagged=True),
        *rows(10, harmful=False, flagged=True),
        *rows(90, harmful=True, flagged=False),
        *rows(harmless, harmful=False, flagged=False),
    ]


def test_what_a_rule_in_shadow_would_change_is_counted_in_verdicts_of_the_whole_stream() -> None:
    found = the_only(
        [
            *rows(5, harmful=True, flagged=True, hit=True),
            *rows(4, harmful=True, flagged=False, hit=True, probability=0.1),
            *rows(2, harmful=False, flagged=False, hit=True, probability=0.1),
            *rows(11, harmful=True, flagged=False, probability=0.5),
        ]
    )

    assert found.judge == "shadow:on_trial"
    assert found.disagreed == 6
    assert (found.caught.value, found.alarms.value) == pytest.approx((40.0, 20.0))
    assert (found.let_go.value, found.cleared.value) == (0.0, 0.0)
    assert found.live.shares["recall"].value == pytest.approx(10 / 72)
    assert found.then.shares["recall"].value == pytest.approx(50 / 72)
    assert found.recall is not None
    assert found.recall.value == pytest.approx(40 / 72)
    assert found.precision is not None
    assert found.precision.value == pytest.approx(50 / 70 - 1.0)


def test_a_rule_that_catches_much_and_errs_seldom_is_to_be_promoted() -> None:
    found = the_only([*live(), *rows(60, harmful=True, flagged=False, hit=True)])

    assert found.advice is Advice.PROMOTE
    assert found.recall is not None
    assert found.recall.low > 0.0


def test_a_rule_that_only_adds_false_alarms_is_to_be_kept_out() -> None:
    found = the_only([*live(), *rows(40, harmful=False, flagged=False, hit=True)])

    assert found.advice is Advice.KEEP_OUT


def test_a_rule_that_catches_much_at_a_price_is_to_be_weighed() -> None:
    found = the_only(
        [
            *live(),
            *rows(60, harmful=True, flagged=False, hit=True),
            *rows(60, harmful=False, flagged=False, hit=True),
        ]
    )

    assert found.advice is Advice.WEIGH


def test_a_few_hits_prove_nothing_and_the_report_says_how_many_answers_would() -> None:
    hits = rows(MIN_DISAGREED - 1, harmful=True, flagged=False, hit=True)
    found = the_only([*live(), *hits])

    assert found.advice is Advice.UNDECIDED
    assert found.answers_needed is not None
    assert found.answers_needed > found.answered


def test_wide_intervals_prove_nothing() -> None:
    found = the_only(
        [
            *rows(20, harmful=True, flagged=True),
            *rows(6, harmful=True, flagged=False, hit=True),
            *rows(6, harmful=False, flagged=False, hit=True),
            *rows(9, harmful=True, flagged=False),
            *rows(30, harmful=False, flagged=False),
        ]
    )

    assert found.disagreed >= MIN_DISAGREED
    assert found.advice in {Advice.WEIGH, Advice.UNDECIDED}
    assert found.precision is not None
    assert found.precision.high - found.precision.low > 0.1


def test_a_rule_is_compared_on_verdicts_of_policies_that_have_it_only() -> None:
    before = [
        *rows(50, harmful=True, flagged=False, policy="policy-0"),
        *rows(50, harmful=False, flagged=False, policy="policy-0"),
    ]
    now = [
        *rows(5, harmful=True, flagged=False, hit=True),
        *rows(5, harmful=True, flagged=False),
    ]
    found = the_only([*before, *now])

    assert found.answered == 10
    assert found.then.shares["recall"].value == pytest.approx(0.5)
    report = make_report([*before, *now], WINDOW)
    (alone,) = [it for subject, it in report.figures.items() if subject.judge == "shadow:on_trial"]
    assert alone.shares["recall"].value == pytest.approx(0.5)


def test_another_model_is_compared_with_the_live_one_by_the_same_answers() -> None:
    found = the_only(
        [
            *by_models(30, harmful=True, then=True, live=False),
            *by_models(10, harmful=True, then=False, live=True),
            *by_models(60, harmful=True, then=True, live=True),
            *by_models(20, harmful=False, then=False, live=True),
            *by_models(5, harmful=False, then=True, live=False),
            *by_models(300, harmful=False, then=False, live=False),
            *rows(50, harmful=True, flagged=False),  # that the other model never saw
        ]
    )

    assert found.judge == "shadow-model:model-2"
    assert found.answered == 425
    values = (found.caught, found.let_go, found.alarms, found.cleared)
    assert [it.value for it in values] == pytest.approx([60.0, 20.0, 10.0, 40.0], rel=0.05)
    assert found.recall is not None
    assert found.recall.value == pytest.approx(20 / 100)
    assert found.precision is not None
    assert found.precision.value == pytest.approx(90 / 95 - 70 / 90)
    assert found.advice is Advice.PROMOTE


def test_without_a_challenger_there_is_nothing_to_compare() -> None:
    assert promotions(live(), WINDOW) == []


def test_intervals_of_differences_hold_the_truth() -> None:
    """Samples of a stream whose truth is known; 95 % intervals cover it 93 to 97 times in 100.

    With 400 samples, chance alone moves the share by one point either way.
    """
    random = Random(7)
    # harmful, flagged now, flagged then: how many of the stream
    kinds = {
        (True, True, True): 1500,
        (True, False, True): 700,
        (True, True, False): 250,
        (True, False, False): 800,
        (False, True, True): 300,
        (False, False, True): 250,
        (False, True, False): 400,
    }
    recall = (700 - 250) / 3250
    precision = 2200 / 2750 - 1750 / 2450
    covered = [0, 0]
    for _ in range(400):
        counts = {
            kind: sum(random.random() < 0.1 for _ in range(size)) for kind, size in kinds.items()
        }
        found = promotion_of(counts)
        for place, (truth, one) in enumerate(
            ((recall, found.recall), (precision, found.precision))
        ):
            assert one is not None
            covered[place] += one.low <= truth <= one.high
    assert all(0.92 <= count / 400 <= 0.985 for count in covered)


def promotion_of(counts: dict[tuple[bool, bool, bool], int]) -> Promotion:
    """The comparison that a sample of one verdict in ten, of these kinds, leads to."""

    kinds = np.repeat(np.array(list(counts)), list(counts.values()), axis=0)
    harmful, now, then = kinds.T
    everywhere = np.ones(len(kinds), dtype=np.bool_)
    one = Challenger("made", everywhere, then, now, then, only_adds=False)
    return compare(one, np.full(len(kinds), 10.0), harmful)
