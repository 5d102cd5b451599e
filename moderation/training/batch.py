"""Examples to a batch of the model's inputs, changed in training and plain in measuring."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.model import Classifier, ModelInputs, Sample, collate
from moderation.training.augment_audio import augment_audio
from moderation.training.augment_image import augment_image
from moderation.training.augment_text import augment_text
from moderation.training.examples import AMPLITUDE, Examples
from moderation.training.recipe import TextChanges
from schemas import Modality


class BatchMaker:
    """Makes batches of one modality.

    Args:
        model: whose tokenizer and sizes count.
        max_tokens: a text is cut there.
        changes: how many texts are changed in training.
    """

    def __init__(self, model: Classifier, *, max_tokens: int, changes: TextChanges) -> None:
        self._tokenizer = model.tokenizer
        self._config = model.config
        self._max_tokens = max_tokens
        self._changes = changes

    def __call__(
        self, examples: Examples, rows: Sequence[int], draw: random.Random | None = None
    ) -> ModelInputs:
        """One batch.

        Args:
            examples: all of them.
            rows: which.
            draw: changes each piece at random; None leaves all as they are.
        """
        pieces = [examples.pieces[row] for row in rows]
        if examples.modality is Modality.TEXT:
            samples = self._texts(pieces, draw)
        elif examples.modality is Modality.IMAGE:
            samples = self._images(pieces, draw)
        else:
            samples = self._sounds(pieces, draw)
        return collate(samples, tokenizer=self._tokenizer, config=self._config)

    def _texts(self, texts: Sequence[str], draw: random.Random | None) -> list[Sample]:
        if draw is not None:
            texts = [augment_text(text, draw, self._changes) for text in texts]
        encoded = self._tokenizer.encode(texts)
        return [Sample(text=_cut(ids, self._max_tokens)) for ids in encoded]

    def _images(
        self, pictures: Sequence[npt.NDArray[np.uint8]], draw: random.Random | None
    ) -> list[Sample]:
        if draw is None:
            return [Sample(image=picture) for picture in pictures]
        size = self._config.image.size
        return [Sample(image=augment_image(picture, draw, size)) for picture in pictures]

    def _sounds(self, sounds: Sequence[Any], draw: random.Random | None) -> list[Sample]:
        waves = [sound.astype(np.float32) / AMPLITUDE for sound in sounds]
        if draw is not None:
            longest = self._config.audio.max_samples
            waves = [augment_audio(wave, draw, longest) for wave in waves]
        return [Sample(audio=wave) for wave in waves]


def _cut(ids: list[int], most: int) -> list[int]:
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]
