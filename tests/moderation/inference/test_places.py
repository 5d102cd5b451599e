from __future__ import annotations

import numpy as np
import pytest

from moderation.inference import Scorer
from moderation.media import DecodedPost, Pixels, Samples
from schemas import Modality, Place
from tests.moderation.inference.alarm import ALARMED, AlarmClassifier

CATEGORY = "violence"


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(AlarmClassifier(), "cpu")


def place_of(scorer: Scorer, post: DecodedPost) -> Place:
    (result,) = scorer.score([post])
    assert result.scores[CATEGORY] == pytest.approx(ALARMED)
    return result.places[CATEGORY]


def tone(*loudness: float) -> Samples:
    """A second of each loudness."""
    return np.concatenate([np.full(16_000, value, np.float32) for value in loudness])


def picture(red: int, green: int) -> Pixels:
    return np.full((40, 40, 3), (red, green, 0), np.uint8)


def test_the_place_of_a_harmful_passage_is_the_part_of_the_text_that_holds_it(
    scorer: Scorer,
) -> None:
    calm = "a b c d e f g h i j k l "
    text = calm * 3 + "now ! " + calm * 3

    where = place_of(scorer, DecodedPost("p", text))

    assert where.modality is Modality.TEXT
    assert where.start is not None
    assert where.end is not None
    assert "!" in text[int(where.start) : int(where.end)]
    assert where.end - where.start < len(text) / 2


def test_characters_are_counted_in_the_text_as_it_was_posted(scorer: Scorer) -> None:
    text = "  ÉÉÉ 你好 👍 " * 8 + "x ! y " + "ÉÉÉ 你好 👍 " * 8

    where = place_of(scorer, DecodedPost("p", text))

    assert where.start is not None
    assert where.end is not None
    assert "!" in text[int(where.start) : int(where.end)]


def test_a_text_that_is_read_at_once_is_the_place_as_a_whole(scorer: Scorer) -> None:
    assert place_of(scorer, DecodedPost("p", "stop !")) == Place(modality=Modality.TEXT)


def test_the_place_of_a_sound_is_in_seconds(scorer: Scorer) -> None:
    post = DecodedPost("p", audio=(tone(0.1), tone(0.1, 0.1, 0.9, 0.1)))

    assert place_of(scorer, post) == Place(modality=Modality.AUDIO, index=1, start=2.0, end=3.0)


def test_the_place_of_a_picture_is_its_place_in_the_post(scorer: Scorer) -> None:
    post = DecodedPost("p", "fine", images=(picture(90, 90), picture(200, 0)), image_places=(0, 3))

    assert place_of(scorer, post) == Place(modality=Modality.IMAGE, index=3)


def test_of_several_modalities_the_place_is_the_one_that_carries_the_score(
    scorer: Scorer,
) -> None:
    post = DecodedPost("p", "stop !", images=(picture(90, 90),), audio=(tone(0.1),))

    assert place_of(scorer, post).modality is Modality.TEXT


def test_what_was_not_scored_has_no_place(scorer: Scorer) -> None:
    (result,) = scorer.score([DecodedPost("p")])

    assert result.places == {}
