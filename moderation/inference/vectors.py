"""One vector for what the classifier sees at once, by which near posts are found again.

The encoders' vectors say more about what a post *is* than the fusion's, in which harmless posts of
all kinds lie close together. Each is brought to length one, and all that are there are projected by
fixed random numbers into one space and added (Johnson and Lindenstrauss 1984: with 256 dimensions
small distances keep to within some 9 %, one standard deviation). Posts of the same kinds of content
are as far apart as their parts are on average; those of other kinds are far apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from moderation.model import MODALITIES, Classifier
from schemas import Modality

VECTOR_WIDTH: Final = 256
"""Numbers of a vector: 1 KiB an entry of a bank, a seventh of the shipped encoders' own."""

EMBEDDING_TOLERANCE: Final = 0.05
"""1 - cosine at most between a post's vectors by fp32 and by bf16 or int8, of the shipped model.
Measured on the sample posts: 0.002 for texts, 0.04 for pictures, whose convolutions then compute in
bfloat16."""

_SEED: Final = 71
"""Of the projection. Part of every vector that a bank holds: never to change."""


class ViewVectors:
    """Makes the vectors of views.

    Args:
        classifier: on its device.
    """

    def __init__(self, classifier: Classifier) -> None:
        random = np.random.default_rng(_SEED)
        self._projections = {
            modality: torch.from_numpy(
                random.standard_normal(
                    (classifier.embedding_width(modality), VECTOR_WIDTH), dtype=np.float32
                )
                / math.sqrt(VECTOR_WIDTH)
            ).to(classifier.device)
            for modality in MODALITIES
        }

    def of(self, views: Sequence[Mapping[Modality, Tensor]]) -> npt.NDArray[np.float32]:
        """Unit vectors, shape = (views, 256), of views given as the vectors of their pieces."""
        rows = [
            torch.stack(
                [
                    functional.normalize(vector.float(), dim=0) @ self._projections[modality]
                    for modality, vector in view.items()
                ]
            ).sum(dim=0)
            for view in views
        ]
        if not rows:
            return np.empty((0, VECTOR_WIDTH), np.float32)
        unit: npt.NDArray[np.float32] = functional.normalize(torch.stack(rows)).cpu().numpy()
        return unit
