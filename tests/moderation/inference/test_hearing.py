"""Words that the classifier itself hears are read like words that were brought."""

from __future__ import annotations

import numpy as np
import pytest
from torch import Tensor

from moderation.inference import Scorer, explain
from moderation.media import DecodedPost
from moderation.model import ModelInputs
from schemas import FoundText, Modality, Place
from tests.moderation.inference.alarm import ALARMED, CALM, AlarmClassifier

CATEGORY = "violence"
TALK = np.full(8_000, 0.1, np.float32)


class HearingClassifier(AlarmClassifier):
    """Hears the same words in every sound that is not silent."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    @property
    def spells(self) -> bool:
        return True

    def hear(self, inputs: ModelInputs) -> tuple[Tensor, list[str]]:
        vectors = self.encode_modality(inputs, Modality.AUDIO)
        loud = inputs.audio.abs().amax(dim=1) > 0
        return vectors, [self.said if one else "" for one in loud.tolist()]


@pytest.fixture(name="alarmed")
def hears_alarm() -> Scorer:
    return Scorer(HearingClassifier("stop that !"), "cpu")


def test_harmful_words_in_a_sound_raise_its_score_and_are_told(alarmed: Scorer) -> None:
    (result,) = alarmed.score([DecodedPost("p", "hello", audio=(TALK,))])
    assert result.scores[CATEGORY] == pytest.approx(ALARMED)
    assert result.places[CATEGORY] == Place(modality=Modality.AUDIO, words=True)
    assert result.found_texts == (FoundText(modality=Modality.AUDIO, index=0, text="stop that !"),)


def test_words_of_a_long_sound_are_placed_in_their_window(alarmed: Scorer) -> None:
    silence = np.zeros(16_000, np.float32)  # one window of the tiny model
    (result,) = alarmed.score([DecodedPost("p", audio=(np.concatenate([silence, TALK]),))])
    assert result.places[CATEGORY] == Place(modality=Modality.AUDIO, start=1.0, end=1.5, words=True)


def test_a_stray_letter_is_not_read() -> None:
    (result,) = Scorer(HearingClassifier("! a e"), "cpu").score([DecodedPost("p", audio=(TALK,))])
    assert result.scores[CATEGORY] == pytest.approx(CALM)
    assert not result.found_texts


def test_what_a_transcriber_wrote_down_is_not_guessed_again(alarmed: Scorer) -> None:
    written = FoundText(modality=Modality.AUDIO, index=0, text="good morning to you")
    (result,) = alarmed.score([DecodedPost("p", audio=(TALK,), found_texts=(written,))])
    assert result.scores[CATEGORY] == pytest.approx(CALM)
    assert result.found_texts == (written,)


def test_a_sound_seen_before_is_still_heard(alarmed: Scorer) -> None:
    post = DecodedPost("p", audio=(TALK,))
    assert alarmed.score([post]) == alarmed.score([post])
    assert alarmed.cache_counts.hits > 0


def test_heard_words_are_explained_one_by_one() -> None:
    scorer = Scorer(HearingClassifier("please stop! my friend"), "cpu")
    found = explain(scorer, DecodedPost("p", audio=(TALK,)), CATEGORY)
    (heard,) = found.scores.found_texts
    (words,) = found.found_words
    strongest = max(words, key=lambda word: word.weight)
    assert heard.modality is Modality.AUDIO
    assert heard.text[strongest.start : strongest.end] == "stop!"
