"""Probabilities of labelled posts, as the inference path would give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from moderation.evaluation.manifest import Row, read_audio, read_image
from moderation.model import (
    MODALITIES,
    Classifier,
    Embeddings,
    ModelInputs,
    Sample,
    audio_windows,
    collate,
    enough_said,
)
from schemas import Modality

BATCH_VIEWS: Final = 64  # enough to fill two cores, few enough to keep pictures out of swap

Change = Callable[[Sample], Sample]
"""Something done to a whole post before the model sees it, such as a corruption."""


def predict(
    model: Classifier,
    rows: Sequence[Row],
    *,
    change: Change | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> npt.NDArray[np.float32]:
    """Calibrated probabilities, shape = (rows, categories).

    A text or sound that is longer than the model's window becomes several views; the worst counts.
    So does a sound together with what a model that spells hears said in it.

    Args:
        model: in eval mode.
        rows: posts of any modalities.
        change: done to each post first.
        on_progress: hears the share of rows that are done, 0..1.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    result = np.zeros((len(rows), len(model.categories)), dtype=np.float32)
    for places, inputs in batches(model, rows, change=change, on_progress=on_progress):
        with torch.inference_mode():
            embeddings = model.encode(inputs)
            scores = [model.fuse(embeddings).probabilities]
            scores += _scores_of_words(model, inputs, embeddings)
        for scored in scores:
            np.maximum.at(result, places, scored.cpu().numpy())
    return result


def _scores_of_words(
    model: Classifier, inputs: ModelInputs, embeddings: Embeddings
) -> list[Tensor]:
    """Each sound once more with what the model itself hears said in it, where it hears anything.

    Rows in which nothing is said get the score 0, which is no one's highest.
    """
    if not (model.spells and len(inputs.audio_rows)):
        return []
    said = model.hear(inputs)[1]
    spoken = [place for place, words in enumerate(said) if enough_said(words)]
    if not spoken:
        return []
    rows = inputs.audio_rows[spoken]
    words = [Sample(text=said[place]) for place in spoken]
    texts = collate(words, tokenizer=model.tokenizer, config=model.config).to(model.device)
    read = model.encode_modality(texts, Modality.TEXT).float()
    present = torch.zeros_like(embeddings.present[rows])
    present[:, MODALITIES.index(Modality.TEXT)] = True
    present[:, MODALITIES.index(Modality.AUDIO)] = True
    vectors = {modality: vector[rows] for modality, vector in embeddings.vectors.items()}
    mixed = model.fuse(Embeddings(vectors | {Modality.TEXT: read}, present)).probabilities
    return [torch.zeros(inputs.size, mixed.shape[1]).index_copy(0, rows.cpu(), mixed.cpu())]


def batches(
    model: Classifier,
    rows: Sequence[Row],
    *,
    change: Change | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Iterator[tuple[list[int], ModelInputs]]:
    """Posts as model inputs, cut into views.

    Yields:
        The number of the row that each view is of, and a batch of at most ``BATCH_VIEWS`` views.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    # Neighbours of like length waste little padding.
    order = sorted(range(len(rows)), key=lambda row: len(rows[row].text or ""))
    for at in range(0, len(order), BATCH_VIEWS):
        chunk = order[at : at + BATCH_VIEWS]
        posts = [(row, load(rows[row])) for row in chunk]
        cut = [
            (row, view)
            for row, post in posts
            for view in views(model, change(post) if change else post)
        ]
        for start in range(0, len(cut), BATCH_VIEWS):
            part = cut[start : start + BATCH_VIEWS]
            inputs = collate(
                [view for _, view in part], tokenizer=model.tokenizer, config=model.config
            )
            yield [row for row, _ in part], inputs.to(model.device)
        on_progress((at + len(chunk)) / len(order))


def load(row: Row) -> Sample:
    """A whole post, with its media read.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    return Sample(
        text=row.text,
        image=read_image(row.image) if row.image else None,
        audio=read_audio(row.audio) if row.audio else None,
    )


def views(model: Classifier, post: Sample) -> list[Sample]:
    """A whole post, cut to the model's windows; each view has at most one piece a modality."""
    texts: list[Any] = []
    if isinstance(post.text, str):
        texts = model.tokenizer.windows(model.tokenizer.encode([post.text])[0])
    sounds = [] if post.audio is None else audio_windows(post.audio, model.config.audio)
    images = [] if post.image is None else [post.image]
    return [
        Sample(text=text, image=image, audio=sound)
        for text, image, sound in zip_longest(texts, images, sounds)
    ]
