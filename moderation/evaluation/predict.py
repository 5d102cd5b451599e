"""Probabilities of labelled posts, as the inference path would give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from moderation.evaluation.manifest import Row, read_audio, read_image
from moderation.model import Classifier, Sample, audio_windows, collate

BATCH_VIEWS: Final = 64  # enough to fill two cores, few enough to keep pictures out of swap


def predict(
    model: Classifier,
    rows: Sequence[Row],
    *,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> npt.NDArray[np.float32]:
    """Calibrated probabilities, shape = (rows, categories).

    A text or sound that is longer than the model's window becomes several views; the worst counts.

    Args:
        model: in eval mode.
        rows: posts of any modalities.
        on_progress: hears the share of rows that are done, 0..1.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    # Neighbours of like length waste little padding.
    order = sorted(range(len(rows)), key=lambda row: len(rows[row].text or ""))
    result = np.zeros((len(rows), len(model.categories)), dtype=np.float32)
    for at in range(0, len(order), BATCH_VIEWS):
        chunk = order[at : at + BATCH_VIEWS]
        views = [(row, view) for row in chunk for view in _views(model, rows[row])]
        for start in range(0, len(views), BATCH_VIEWS):
            part = views[start : start + BATCH_VIEWS]
            places = [row for row, _ in part]
            np.maximum.at(result, places, _score(model, [view for _, view in part]))
        on_progress((at + len(chunk)) / len(order))
    return result


def _score(model: Classifier, samples: Sequence[Sample]) -> npt.NDArray[np.float32]:
    inputs = collate(samples, tokenizer=model.tokenizer, config=model.config).to(model.device)
    with torch.inference_mode():
        scores: npt.NDArray[np.float32] = model(inputs).probabilities.cpu().numpy()
    return scores


def _views(model: Classifier, row: Row) -> list[Sample]:
    texts: list[Any] = []
    if row.text is not None:
        texts = model.tokenizer.windows(model.tokenizer.encode([row.text])[0])
    sounds = audio_windows(read_audio(row.audio), model.config.audio) if row.audio else []
    images = [read_image(row.image)] if row.image else []
    return [
        Sample(text=text, image=image, audio=sound)
        for text, image, sound in zip_longest(texts, images, sounds)
    ]
