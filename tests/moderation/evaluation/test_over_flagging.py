"""Over-flagging: the share of harmless posts that a threshold would catch."""

from __future__ import annotations

import numpy as np
import pytest

from moderation.evaluation import EvaluationError, Row, over_flagging

CATEGORIES = ("spam", "hate")
HARMLESS = [Row(str(number), text="a", labels={"spam": 0}) for number in range(4)]
SCORES = np.array([[0.1, 0.1], [0.9, 0.1], [0.8, 0.95], [0.2, 0.3]])


def test_a_post_counts_once_whatever_it_is_flagged_for() -> None:
    found = over_flagging(HARMLESS, SCORES, CATEGORIES, {"spam": 0.8, "hate": 0.9})
    assert found.share == 0.5
    assert found.by_category == {"spam": 0.5, "hate": 0.25}
    assert found.low < 0.5 < found.high


def test_the_posts_furthest_above_a_threshold_come_first() -> None:
    found = over_flagging(HARMLESS, SCORES, CATEGORIES, {"spam": 0.2, "hate": 0.2})
    assert found.flagged == ["2", "1", "3"]


@pytest.mark.parametrize("rows", [[], [Row("bad", text="a", labels={"hate": 1})]])
def test_harmful_posts_and_none_at_all_are_refused(rows: list[Row]) -> None:
    with pytest.raises(EvaluationError, match="harmless"):
        over_flagging(rows, np.zeros((len(rows), 2)), CATEGORIES, {"spam": 0.5, "hate": 0.5})
