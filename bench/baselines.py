"""What plain methods reach on the same rows: baselines for ``bench.accuracy``.

Each is fitted on the training rows of the very data set that it is measured on, with scikit-learn's
defaults but for balanced classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from moderation.evaluation import Row, read_audio, read_image
from moderation.model import SAMPLE_RATE
from schemas import Modality

CHARACTERS: Final = (1, 4)  # n-grams: of words in English, of characters and words in Chinese
FEATURES: Final = 200_000
THUMBNAIL_PIXELS: Final = 24  # a side
SPECTRUM_SAMPLES: Final = SAMPLE_RATE // 40  # 25 ms
BANDS: Final = 40
ITERATIONS: Final = 1000

NAMES: Final = MappingProxyType(
    {
        Modality.TEXT: "TF-IDF of characters, logistic regression",
        Modality.IMAGE: "thumbnail's pixels, logistic regression",
        Modality.AUDIO: "mean and spread of the spectrum, logistic regression",
    }
)


def baseline_probabilities(
    modality: Modality, category: str, train: Sequence[Row], dev: Sequence[Row]
) -> npt.NDArray[np.float64]:
    """Probabilities of the dev rows, shape = (rows,), by a model of the training rows.

    Args:
        modality: that all rows have; of others nothing is used.
        category: that all rows are labelled with.
        train: what it learns from.
        dev: what it is asked.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    known = [row for row in train if category in row.labels]
    learner = LogisticRegression(max_iter=ITERATIONS, class_weight="balanced")
    labels = [row.labels[category] for row in known]
    if modality is Modality.TEXT:
        words = TfidfVectorizer(
            analyzer="char_wb", ngram_range=CHARACTERS, max_features=FEATURES, sublinear_tf=True
        )
        model = make_pipeline(words, learner)
        model.fit([row.text for row in known], labels)
        found: npt.NDArray[np.float64] = model.predict_proba([row.text for row in dev])[:, 1]
        return found
    features = _FEATURES[modality]
    model = make_pipeline(StandardScaler(), learner)
    model.fit([features(row) for row in known], labels)
    probabilities: npt.NDArray[np.float64] = model.predict_proba([features(row) for row in dev])
    return probabilities[:, 1]


def picture_features(row: Row) -> npt.NDArray[Any]:
    """Pixels of a thumbnail, shape = (1728,)."""
    picture = Image.fromarray(read_image(row.image or Path()))
    picture = picture.resize((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    return np.asarray(picture, dtype=np.float32).ravel() / 255


def sound_features(row: Row) -> npt.NDArray[Any]:
    """Mean and spread of the log power in bands of equal width, shape = (80,)."""
    sound = read_audio(row.audio or Path())
    sound = np.pad(sound, (0, max(0, SPECTRUM_SAMPLES - len(sound))))
    frames = sound[: len(sound) // SPECTRUM_SAMPLES * SPECTRUM_SAMPLES].reshape(
        -1, SPECTRUM_SAMPLES
    )
    power = np.abs(np.fft.rfft(frames * np.hanning(SPECTRUM_SAMPLES), axis=1)) ** 2
    bands = [part.mean(axis=1) for part in np.array_split(power, BANDS, axis=1)]
    level = np.log(np.stack(bands) + 1e-6)
    return np.concatenate([level.mean(axis=1), level.std(axis=1)])


_FEATURES: Final = MappingProxyType[Modality, Callable[[Row], npt.NDArray[Any]]](
    {Modality.IMAGE: picture_features, Modality.AUDIO: sound_features}
)
