"""Several threads may score with one model at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from moderation.inference import Precision, Scorer
from moderation.model import QuantisedClassifier, tiny_classifier
from tests.moderation.inference.posts import mixed_posts

THREADS: Final = 4
ROUNDS: Final = 6


def test_threads_that_score_at_once_score_as_one_does() -> None:
    posts = mixed_posts()
    alone = Scorer(QuantisedClassifier(tiny_classifier()), "cpu", precision="fp32").score(posts)
    scorer = Scorer(QuantisedClassifier(tiny_classifier()), "cpu", precision="fp32")

    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(scorer.score, [posts] * ROUNDS))

    assert [[one.scores for one in scores] for scores in together] == [
        [one.scores for one in alone]
    ] * ROUNDS


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_threads_compute_the_same_batches_to_the_same_bits(precision: Precision) -> None:
    """Autocast keeps what it casts, for all threads, until one of them is done."""
    posts = mixed_posts()
    scorer = Scorer(tiny_classifier(), "cpu", precision=precision, cache_bytes=0)
    alone = scorer.score(posts)

    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(scorer.score, [posts] * ROUNDS))

    assert together == [alone] * ROUNDS


def test_nothing_is_counted_twice_or_forgotten() -> None:
    posts = mixed_posts()
    once = Scorer(tiny_classifier(), "cpu", cache_bytes=0)
    once.score(posts)
    scorer = Scorer(tiny_classifier(), "cpu", cache_bytes=0)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(scorer.score, [posts] * ROUNDS))

    assert {kind: work.pieces for kind, work in scorer.encoder_work.items()} == {
        kind: work.pieces * ROUNDS for kind, work in once.encoder_work.items()
    }
    assert scorer.cache_counts.misses == once.cache_counts.misses * ROUNDS
