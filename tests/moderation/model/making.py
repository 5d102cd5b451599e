"""Small posts and models for the tests of the classifier."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch

from moderation.model import PRESETS, SAMPLE_RATE, Classifier, Sample, tiny_classifier
from moderation.model.config import FusionKind
from schemas import Modality

_NOISE = np.random.default_rng(5)

PIECES: dict[Modality, Any] = {
    Modality.TEXT: "hello 你好",
    Modality.IMAGE: _NOISE.integers(0, 256, (40, 60, 3), dtype=np.uint8),
    Modality.AUDIO: _NOISE.uniform(-0.5, 0.5, SAMPLE_RATE // 2).astype(np.float32),
}


def sample_of(*modalities: Modality) -> Sample:
    """A post of just these modalities."""
    return Sample(**{modality.value: PIECES[modality] for modality in modalities})


def classifier_with_fusion(kind: FusionKind) -> Classifier:
    """A tiny random model with another fusion."""
    tiny = PRESETS["tiny"]
    config = dataclasses.replace(tiny, fusion=dataclasses.replace(tiny.fusion, kind=kind))
    torch.manual_seed(1)
    return Classifier(config, tiny_classifier().tokenizer).eval()
