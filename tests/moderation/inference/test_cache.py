from __future__ import annotations

import pytest
import torch

from moderation.inference import Scorer
from moderation.inference.cache import EmbeddingCache, Encoding, content_key
from moderation.inference.pieces import Piece
from moderation.model import Sample
from schemas import Modality, Place
from tests.moderation.inference.alarm import AlarmClassifier
from tests.moderation.inference.posts import mixed_posts, post


def test_a_repost_is_not_encoded_again_and_scores_the_same() -> None:
    model = AlarmClassifier()
    scorer = Scorer(model, "cpu")
    first = scorer.score(mixed_posts())
    encoded = model.encoded

    again = scorer.score(mixed_posts())

    assert model.encoded == encoded
    assert [result.scores for result in again] == [result.scores for result in first]
    assert scorer.cache_counts.hits == scorer.cache_counts.misses == encoded


def test_the_same_content_twice_in_a_batch_is_encoded_once() -> None:
    model = AlarmClassifier()

    Scorer(model, "cpu").score([post("a", "hello"), post("b", "hello")])

    assert model.encoded == 1


def test_without_memory_nothing_is_remembered() -> None:
    model = AlarmClassifier()
    scorer = Scorer(model, "cpu", cache_bytes=0)

    scorer.score([post("a", "hello")])
    scorer.score([post("b", "hello")])

    assert model.encoded == 2
    assert scorer.cache_counts.hits == 0


def test_what_was_used_least_recently_is_forgotten_first() -> None:
    cache = EmbeddingCache(max_bytes=2 * 40)
    for name in (b"a", b"b"):
        cache.put(name, Encoding(torch.ones(10)))
    cache.get(b"a")

    cache.put(b"c", Encoding(torch.ones(10)))

    assert cache.get(b"b") is None
    assert cache.get(b"a") is not None
    assert cache.get(b"c") is not None


def test_a_vector_larger_than_the_cache_pushes_nothing_out() -> None:
    cache = EmbeddingCache(max_bytes=40)
    cache.put(b"small", Encoding(torch.ones(10)))

    cache.put(b"large", Encoding(torch.ones(11)))

    assert cache.get(b"small") is not None
    assert cache.get(b"large") is None


@pytest.mark.parametrize(("one", "other"), [([1, 2], [1, 3]), ([1, 2], [1, 2, 0]), ([12], [1, 2])])
def test_other_content_has_another_key(one: list[int], other: list[int]) -> None:
    def key(ids: list[int], **where: int) -> bytes:
        place = Place(modality=Modality.TEXT, **where)
        return content_key(Piece(Modality.TEXT, place, Sample(text=ids), len(ids)))

    assert key(one) != key(other)
    assert key(one) == key(one, index=3)
