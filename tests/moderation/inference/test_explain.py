from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.inference import NothingToExplainError, Scorer, explain
from moderation.inference.explain import GRID, MAX_WORDS, word_spans
from moderation.media import DecodedPost
from schemas import FoundText, Modality
from tests.moderation.inference.alarm import AlarmClassifier


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(AlarmClassifier(), "cpu")


def test_the_word_that_carries_the_score_stands_out(scorer: Scorer) -> None:
    text = "please stop ! now"

    found = explain(scorer, DecodedPost("p", text), "violence")

    weights = {text[word.start : word.end]: word.weight for word in found.words}
    assert weights["!"] > 1
    assert weights["!"] == found.greatest
    assert all(abs(weights[word]) < 1e-6 for word in ("please", "stop", "now"))


def test_words_found_in_a_picture_are_explained_too(scorer: Scorer) -> None:
    words = FoundText(modality=Modality.IMAGE, index=0, text="stop !")
    post = DecodedPost("p", images=(np.full((32, 32, 3), 90, np.uint8),), found_texts=(words,))

    found = explain(scorer, post)

    assert [word.weight > 1 for word in found.found_words[0]] == [False, True]


def test_the_patch_that_carries_the_score_stands_out(scorer: Scorer) -> None:
    picture = np.full((64, 96, 3), 2, np.uint8)
    picture[24:32, 48:60] = (255, 2, 2)
    post = DecodedPost("p", images=(picture,))

    weights = explain(scorer, post).images[0]

    row, column = np.unravel_index(weights.argmax(), weights.shape)
    assert weights.shape == (GRID, GRID)
    assert (row, column) == (3, 4)


def test_the_seconds_that_carry_the_score_stand_out(scorer: Scorer) -> None:
    sound = np.full(16_000, 0.05, np.float32)
    sound[8_000:12_000] = 1.0

    found = explain(scorer, DecodedPost("p", audio=(sound,)))

    assert found.sounds[0].argmax() == int(0.5 / found.seconds_a_step[0])


def test_a_post_without_scores_cannot_be_explained(scorer: Scorer) -> None:
    with pytest.raises(NothingToExplainError, match="nothing of the post"):
        explain(scorer, DecodedPost("p"))
    with pytest.raises(NothingToExplainError, match="does not score 'weather'"):
        explain(scorer, DecodedPost("p", "hi"), "weather")


def test_chinese_is_hidden_two_characters_at_a_time() -> None:
    text = "你真好 hello 吗"

    assert [text[start:end] for start, end in word_spans(text)] == ["你真", "好", "hello", "吗"]


@given(st.text(max_size=2_000))
def test_hidden_parts_are_in_order_and_not_too_many(text: str) -> None:
    spans = word_spans(text)

    assert len(spans) <= MAX_WORDS
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
