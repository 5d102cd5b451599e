"""Weights: the reviewed verdicts stand for all that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.ledger.accuracy.weights import MIN_REVIEWED, response_weights

DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["allow-s0", "allow-s1", "remove-s5"]), st.booleans(), st.floats(0.01, 1.0)
    ),
    min_size=1,
    max_size=60,
)


def weights_of(drawn: list[tuple[str, bool, float]]) -> list[float]:
    strata, reviewed, rates = zip(*drawn, strict=True)
    return list(
        response_weights(
            np.array(rates),
            np.array(reviewed),
            np.array(strata),
            np.array([stratum.split("-")[0] for stratum in strata]),
        )
    )


def test_where_everything_was_reviewed_weights_are_inverse_probabilities() -> None:
    assert weights_of([("a", True, 0.5), ("a", True, 0.25)]) == pytest.approx([2.0, 4.0])


@given(DRAWN)
def test_weights_add_up_to_all_that_was_drawn(drawn: list[tuple[str, bool, float]]) -> None:
    weights = weights_of(drawn)

    assert len(weights) == sum(reviewed for _, reviewed, _ in drawn)
    if weights:
        assert sum(weights) == pytest.approx(sum(1.0 / rate for *_, rate in drawn))
        assert min(weights) >= 1.0 - 1e-9


def test_a_stratums_unreviewed_verdicts_are_stood_for_within_it() -> None:
    half = [("allow-s0", place % 2 == 0, 0.1) for place in range(2 * MIN_REVIEWED)]
    whole = [("remove-s5", True, 0.5)] * MIN_REVIEWED

    assert weights_of(half + whole) == pytest.approx([20.0] * MIN_REVIEWED + [2.0] * MIN_REVIEWED)


def test_a_stratum_without_enough_answers_is_joined_with_its_action() -> None:
    few = [("allow-s0", False, 0.1), ("allow-s1", True, 0.1), ("allow-s1", True, 0.1)]
    other = [("remove-s5", True, 0.5)] * MIN_REVIEWED

    assert weights_of(few + other)[:2] == pytest.approx([15.0, 15.0])


def test_without_an_answer_there_are_no_weights() -> None:
    assert weights_of([("a", False, 0.5)]) == []
