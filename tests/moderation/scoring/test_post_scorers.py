"""What every scorer promises: the real one and the constant one."""

from __future__ import annotations

import pytest

from moderation.inference import Scorer
from moderation.media import DecodedPost
from moderation.model import tiny_classifier
from moderation.scoring import ConstantScorer, PostScorer
from schemas import CATEGORIES, Modality, NotScanned, NotScannedReason
from tests.moderation.inference.posts import mixed_posts, post


@pytest.fixture(params=["model", "constant"], scope="module")
def scorer(request: pytest.FixtureRequest) -> PostScorer:
    if request.param == "model":
        return Scorer(tiny_classifier(), "cpu")
    return ConstantScorer(dict.fromkeys(CATEGORIES, 0.25))


def test_it_says_what_it_is(scorer: PostScorer) -> None:
    scorer.warm_up()

    assert 0 < len(scorer.version) <= 128
    assert scorer.categories == CATEGORIES


def test_posts_are_answered_in_their_order(scorer: PostScorer) -> None:
    posts = mixed_posts()

    assert [result.post_id for result in scorer.score(posts)] == [p.post_id for p in posts]
    assert [result.post_id for result in scorer.score(posts[::-1])] == [
        p.post_id for p in posts[::-1]
    ]


def test_every_category_has_a_probability(scorer: PostScorer) -> None:
    for result in scorer.score(mixed_posts()):
        assert tuple(result.scores) == CATEGORIES
        assert all(type(score) is float and 0 <= score <= 1 for score in result.scores.values())
        assert result.not_scanned == ()


def test_shares_name_the_modalities_present_and_sum_to_one(scorer: PostScorer) -> None:
    present = {
        "text": {Modality.TEXT},
        "text and image": {Modality.TEXT, Modality.IMAGE},
        "image and audio": {Modality.IMAGE, Modality.AUDIO},
        "all": set(Modality),
    }
    for result in scorer.score(mixed_posts()):
        assert tuple(result.shares) == CATEGORIES
        for shares in result.shares.values():
            assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
            assert set(shares) == present.get(result.post_id, set(shares))


def test_a_post_with_nothing_to_look_at_has_no_scores_rather_than_zeros(
    scorer: PostScorer,
) -> None:
    gap = NotScanned(modality=Modality.IMAGE, index=0, reason=NotScannedReason.MISSING)

    (result,) = scorer.score([DecodedPost("p", not_scanned=(gap,))])

    assert result.scores == {}
    assert result.shares == {}
    assert result.not_scanned == (gap,)


def test_what_the_media_stage_could_not_look_at_is_passed_on(scorer: PostScorer) -> None:
    gap = NotScanned(modality=Modality.AUDIO, index=1, reason=NotScannedReason.UNDECODABLE)

    (result,) = scorer.score([DecodedPost("p", text="hi", not_scanned=(gap,))])

    assert result.scores
    assert result.not_scanned == (gap,)


def test_no_posts_give_no_scores(scorer: PostScorer) -> None:
    assert scorer.score([]) == []


def test_the_constant_scorer_gives_a_post_its_own_scores() -> None:
    scorer = ConstantScorer({"spam": 0.1}, by_post={"bad": {"spam": 0.9}})

    results = scorer.score([post("bad", "x"), post("good", "x")])

    assert [result.scores for result in results] == [{"spam": 0.9}, {"spam": 0.1}]
