"""What a worker suffers inside."""

from __future__ import annotations

import pytest
import torch

from bench.faults.suffering import POISON, JumpingClock, PoisonedError, SufferingScorer
from moderation.media import DecodedPost
from moderation.scoring import ConstantScorer
from schemas import CATEGORIES

POSTS = [DecodedPost(post_id=f"post-{number}", text="good morning") for number in range(3)]


@pytest.fixture
def scorer() -> SufferingScorer:
    return SufferingScorer(ConstantScorer(dict.fromkeys(CATEGORIES, 0.01)))


def test_without_orders_it_scores_as_the_scorer_inside(scorer: SufferingScorer) -> None:
    assert [score.post_id for score in scorer.score(POSTS)] == [post.post_id for post in POSTS]


def test_poison_fails_every_batch_that_holds_it(scorer: SufferingScorer) -> None:
    bad = DecodedPost(post_id="bad", text=f"{POISON}, number 1")
    for batch in ([bad], [*POSTS, bad]):
        with pytest.raises(PoisonedError):
            scorer.score(batch)
    assert scorer.score(POSTS)


def test_memory_is_short_for_as_many_large_batches_as_ordered(scorer: SufferingScorer) -> None:
    scorer.run_out_of_memory(2, above=1)
    for _ in range(2):
        with pytest.raises(torch.OutOfMemoryError):
            scorer.score(POSTS)
        assert len(scorer.score(POSTS[:1])) == 1
    assert len(scorer.score(POSTS)) == 3


def test_the_clock_jumps_and_jumps_back() -> None:
    clock = JumpingClock(lambda: 1_000.0)
    clock.jump(-60)
    assert (clock.time(), clock.now().timestamp()) == (940.0, 940.0)
    clock.jump(0)
    assert clock.time() == 1_000.0
