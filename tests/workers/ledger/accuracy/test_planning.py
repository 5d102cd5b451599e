"""The next plan of the audit sample."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Action
from tests.workers.ledger.accuracy.rows import a_row
from workers.ledger.accuracy import AuditRow
from workers.ledger.accuracy.allocation import FLOOR_SHARE, neyman_rates
from workers.ledger.accuracy.planning import next_plan
from workers.ledger.errors import NothingToPlanError

WINDOW = timedelta(days=28)
STRATA = st.lists(
    st.tuples(st.integers(1, 100_000), st.lists(st.floats(0, 1), min_size=3, max_size=3)),
    min_size=1,
    max_size=20,
)


def test_with_one_total_reviews_follow_size_times_deviation() -> None:
    sizes, shares = np.array([9_000.0, 1_000.0]), np.array([[0.02], [0.5]])
    rates = neyman_rates(sizes, shares, 200.0)

    assert rates @ sizes == pytest.approx(200.0)
    assert rates[1] / rates[0] == pytest.approx(0.5 / (0.02 * 0.98) ** 0.5)


@given(STRATA, st.floats(0.001, 1.0))
def test_rates_use_the_budget_and_leave_no_stratum_out_of_reach(
    strata: list[tuple[int, list[float]]], rate: float
) -> None:
    sizes = np.array([float(size) for size, _ in strata])
    rates = neyman_rates(sizes, np.array([shares for _, shares in strata]), rate * sizes.sum())

    assert rates.min() >= FLOOR_SHARE * rate * (1 - 1e-9)
    assert rates.max() <= 1.0
    assert rates @ sizes <= rate * sizes.sum() * (1 + 1e-6)


def test_a_plan_draws_most_where_harm_and_harmlessness_mix() -> None:
    quiet = [a_row(f"q{i}", probability=0.01, stratum="allow-s0-text-en") for i in range(300)]
    mixed = [
        a_row(
            f"m{i}",
            action=Action.REVIEW,
            probability=0.01,
            stratum="review-s4-text-en",
            answer=Action.REMOVE if i % 2 else Action.ALLOW,
        )
        for i in range(30)
    ]

    plan = next_plan(quiet + mixed, WINDOW, 0.01)

    assert plan.default_rate == 0.01
    assert plan.rate("allow-s0-text-en") < 0.01 < plan.rate("review-s4-text-en")
    drawn = 30_000 * plan.rate("allow-s0-text-en") + 3_000 * plan.rate("review-s4-text-en")
    assert drawn == pytest.approx(330.0)


def test_a_stratum_without_an_answer_keeps_the_mean_rate() -> None:
    rows = [a_row("a"), a_row("b", stratum="allow-s5-audio-zh", answer=None)]

    assert set(next_plan(rows, WINDOW, 0.02).rates) == {"allow-s0-text-en"}


@pytest.mark.parametrize("rows", [[], [a_row("a", answer=None)], [a_row("a", stratum=None)]])
def test_without_an_answer_in_a_named_stratum_there_is_nothing_to_plan(
    rows: list[AuditRow],
) -> None:
    with pytest.raises(NothingToPlanError, match="has been reviewed yet"):
        next_plan(rows, WINDOW, 0.01)
