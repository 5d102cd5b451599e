from __future__ import annotations

import numpy as np
import pytest

from moderation.inference import Scorer
from moderation.media import DecodedPost
from schemas import FoundText, Modality, NotScannedReason, Place
from tests.moderation.inference.alarm import ALARMED, CALM, AlarmClassifier

CATEGORY = "violence"
GREY = np.full((40, 40, 3), 90, np.uint8)
MURMUR = np.full(40_000, 0.1, np.float32)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(AlarmClassifier(), "cpu")


def in_picture(text: str, index: int = 0) -> FoundText:
    return FoundText(modality=Modality.IMAGE, index=index, text=text)


def test_harmful_words_in_a_picture_are_scored_and_placed_there(scorer: Scorer) -> None:
    post = DecodedPost("p", "hello", images=(GREY, GREY), found_texts=(in_picture("stop !", 1),))

    (result,) = scorer.score([post])

    assert result.scores[CATEGORY] == pytest.approx(ALARMED)
    assert result.places[CATEGORY] == Place(modality=Modality.IMAGE, index=1, words=True)
    assert result.shares[CATEGORY] == pytest.approx({Modality.IMAGE: 1.0})
    assert all(share <= 1 for shares in result.shares.values() for share in shares.values())
    assert result.found_texts == post.found_texts


def test_harmful_words_in_a_sound_are_scored_and_placed_there(scorer: Scorer) -> None:
    words = FoundText(modality=Modality.AUDIO, index=0, text="stop !")

    (result,) = scorer.score([DecodedPost("p", audio=(MURMUR,), found_texts=(words,))])

    assert result.scores[CATEGORY] == pytest.approx(ALARMED)
    assert result.places[CATEGORY] == Place(modality=Modality.AUDIO, words=True)


def test_a_picture_without_words_is_scored_as_ever(scorer: Scorer) -> None:
    plain = DecodedPost("p", "hello", images=(GREY,))
    read = DecodedPost("p", "hello", images=(GREY,), found_texts=(in_picture(""),))

    one, other = scorer.score([plain, read])

    assert one.scores == other.scores
    assert one.scores[CATEGORY] == pytest.approx(CALM)


def test_more_words_than_are_read_are_a_gap_of_a_picture_that_was_looked_at(
    scorer: Scorer,
) -> None:
    post = DecodedPost("p", images=(GREY,), found_texts=(in_picture("word " * 500),))

    (result,) = scorer.score([post])

    (gap,) = result.not_scanned
    assert (gap.modality, gap.index, gap.reason) == (
        Modality.IMAGE,
        0,
        NotScannedReason.TRUNCATED,
    )
    assert gap.detail is not None
    assert gap.detail.startswith("the words in it: the first 4 of ")


def test_words_in_an_unknown_script_are_a_gap_of_their_picture(scorer: Scorer) -> None:
    post = DecodedPost("p", images=(GREY,), found_texts=(in_picture("สวัสดีตอนเช้า ทุกคน"),))

    (result,) = scorer.score([post])

    assert [gap.reason for gap in result.not_scanned] == [NotScannedReason.TRUNCATED]
    assert result.scores
