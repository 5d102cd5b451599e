"""What an encoder knows that it was not trained for: a linear probe on its vectors.

Alain and Bengio, "Understanding intermediate layers using linear classifier probes" (2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from moderation.evaluation.errors import EvaluationError
from moderation.evaluation.extras import extra
from moderation.evaluation.manifest import Row
from moderation.evaluation.predict import batches
from moderation.evaluation.shares import share_interval
from moderation.model import MODALITIES, Classifier
from schemas import Modality


@dataclass(frozen=True, slots=True)
class Probe:
    """How well a linear classifier reads classes off frozen vectors.

    Attributes:
        classes: names, sorted.
        accuracy: on the test rows; low and high are its Wilson interval at 95 %.
        chance: share of the commonest class of the test rows.
        confusion: rows of each true class decided as each class, shape = (classes, classes).
    """

    classes: list[str]
    train: int
    test: int
    accuracy: float
    low: float
    high: float
    chance: float
    confusion: list[list[int]]


def event_probe(
    model: Classifier, train: Sequence[Row], test: Sequence[Row], *, seed: int = 0
) -> Probe:
    """Tell sound events apart by logistic regression on the audio encoder's vectors.

    Args:
        model: in eval mode; only its audio encoder is used.
        train: sounds with an ``event``.
        test: others, of the same events.
        seed: of the solver.

    Raises:
        EvaluationError: a row has no sound or no event.
        MissingExtraError: scikit-learn is not installed.
    """
    lacking = [row.id for row in (*train, *test) if not row.audio or not row.event]
    if lacking or not train or not test:
        raise EvaluationError(
            f"a probe needs train and test sounds with an event; {len(lacking)} of "
            f"{len(train) + len(test)} rows lack one {lacking[:3]}"
        )
    pipeline = extra("sklearn.pipeline").make_pipeline(
        extra("sklearn.preprocessing").StandardScaler(),
        extra("sklearn.linear_model").LogisticRegression(max_iter=2000, random_state=seed),
    )
    pipeline.fit(encode(model, train, Modality.AUDIO), [row.event for row in train])
    decided = pipeline.predict(encode(model, test, Modality.AUDIO)).tolist()
    true = [row.event for row in test]
    classes = sorted({*true, *(row.event for row in train)})
    right = sum(a == b for a, b in zip(true, decided, strict=True))
    low, high = share_interval(right, len(test))
    pairs = list(zip(true, decided, strict=True))
    return Probe(
        classes=classes,
        train=len(train),
        test=len(test),
        accuracy=right / len(test),
        low=low,
        high=high,
        chance=max(true.count(name) for name in classes) / len(test),
        confusion=[[pairs.count((a, b)) for b in classes] for a in classes],
    )


def encode(model: Classifier, rows: Sequence[Row], modality: Modality) -> npt.NDArray[Any]:
    """One encoder's vectors, the mean over a post's windows, shape = (rows, encoder's width).

    Every row must have the modality.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    total = np.zeros((len(rows), model.embedding_width(modality)))
    seen = np.zeros((len(rows), 1))
    for places, inputs in batches(model, rows):
        with torch.inference_mode():
            embeddings = model.encode(inputs)
        np.add.at(total, places, embeddings.vectors[modality].float().cpu().numpy())
        present = embeddings.present[:, MODALITIES.index(modality)].cpu().numpy()
        np.add.at(seen, places, present[:, None])
    return total / seen
