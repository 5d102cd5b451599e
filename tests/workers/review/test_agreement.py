"""Cohen's kappa, against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.review.agreement import cohen_kappa

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


def test_a_known_case() -> None:
    """Two readers on 50 cases: 20 both yes, 15 both no, 5 and 10 mixed; 0.7 seen, 0.5 by chance."""
    pairs = [("y", "y")] * 20 + [("n", "n")] * 15 + [("y", "n")] * 5 + [("n", "y")] * 10
    assert cohen_kappa(pairs) == pytest.approx(0.4)


def test_full_agreement_is_one_and_full_disagreement_of_two_answers_minus_one() -> None:
    assert cohen_kappa([("a", "a"), ("b", "b")]) == 1
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1


@pytest.mark.parametrize("pairs", [[], [("a", "a")] * 3])
def test_what_tells_nothing_has_no_kappa(pairs: list[tuple[str, str]]) -> None:
    assert cohen_kappa(pairs) is None


@given(PAIRS)
def test_it_is_the_share_beyond_chance_and_takes_no_side(pairs: list[tuple[str, str]]) -> None:
    kappa = cohen_kappa(pairs)
    total = len(pairs)
    seen = sum(one == other for one, other in pairs) / total
    chance = (
        sum(
            sum(one == name for one, _ in pairs) / total * sum(other == name for _, other in pairs)
            for name in "abc"
        )
        / total
    )
    if kappa is None:
        assert chance == pytest.approx(1)
        return
    assert kappa == pytest.approx((seen - chance) / (1 - chance))
    assert kappa == pytest.approx(cohen_kappa([(other, one) for one, other in pairs]))
