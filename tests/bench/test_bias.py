"""The shipped model under the default policy keeps the gap that the card states."""

from __future__ import annotations

import pytest

from bench.bias import first_threshold
from moderation.evaluation.bias import GAP_LIMIT, measure_bias
from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import Classifier


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.from_pretrained(SHIPPED_MODEL_DIR).eval()


def test_no_group_dialect_or_language_is_flagged_much_more_often(shipped: Classifier) -> None:
    (report,) = measure_bias(shipped, thresholds=[first_threshold()])
    assert report.worst_gap <= GAP_LIMIT, report


def test_hostile_sentences_are_flagged_all_the_same(shipped: Classifier) -> None:
    """A model that flags nothing would have no gap."""
    (report,) = measure_bias(shipped, thresholds=[first_threshold()], categories=["toxicity"])
    recalls = [part.recall for part in report.slices if part.recall is not None]
    assert sum(recalls) / len(recalls) >= 0.65, recalls
