from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import pytest
from torch import Tensor

from moderation.inference import Scorer
from moderation.media import DecodedPost, Pixels
from moderation.model import Classifier, Embeddings, ModelInputs, tiny_classifier
from schemas import FoundText, Modality
from tests.moderation.inference.posts import post


class FarPictures(Classifier):
    """A picture is the farther from its text, the brighter it is."""

    def __init__(self) -> None:
        whole = tiny_classifier()
        super().__init__(whole.config, whole.tokenizer)
        self.load_state_dict(whole.state_dict())

    def encode_modality(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        vectors = super().encode_modality(inputs, modality)
        if modality is Modality.IMAGE:
            vectors[:, 0] = inputs.images.float().mean(dim=(1, 2, 3)) / 255
        return vectors

    def mismatch(self, embeddings: Embeddings) -> Mapping[str, Tensor]:
        found = dict(super().mismatch(embeddings))
        known = ~found["text_image"].isnan()
        found["text_image"] = embeddings.vectors[Modality.IMAGE][:, 0].where(known, math.nan)
        return found


def grey(shade: int) -> Pixels:
    return np.full((20, 20, 3), shade, np.uint8)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(FarPictures(), "cpu")


def test_only_pairs_that_are_both_there_are_compared(scorer: Scorer) -> None:
    text, both, everything = scorer.score(
        [
            post("text", "hi"),
            post("both", "hi", images=1),
            post("all", "hi", images=1, seconds=(1,)),
        ]
    )

    assert text.mismatch == {}
    assert set(both.mismatch) == {"text_image"}
    assert set(everything.mismatch) == {"text_image", "text_audio", "image_audio"}
    assert all(0 <= probability <= 1 for probability in everything.mismatch.values())


def test_a_text_belongs_to_a_post_if_it_fits_one_of_the_pictures(scorer: Scorer) -> None:
    subject = DecodedPost("p", "hi", images=(grey(230), grey(51), grey(150)))

    (result,) = scorer.score([subject])

    assert result.mismatch["text_image"] == pytest.approx(0.2, abs=0.01)


def test_words_in_a_picture_are_not_held_against_it(scorer: Scorer) -> None:
    words = FoundText(modality=Modality.IMAGE, index=0, text="hi")

    (result,) = scorer.score([DecodedPost("p", images=(grey(200),), found_texts=(words,))])

    assert result.mismatch == {}


def test_a_model_without_a_joint_space_says_nothing_of_mismatch() -> None:
    whole = tiny_classifier()
    config = dataclasses.replace(
        whole.config, fusion=dataclasses.replace(whole.config.fusion, joint_width=0)
    )
    scorer = Scorer(Classifier(config, whole.tokenizer), "cpu")

    (result,) = scorer.score([post("p", "hi", images=1)])

    assert result.scores
    assert result.mismatch == {}
