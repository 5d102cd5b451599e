"""Ready-made classifiers that need no folder."""

from __future__ import annotations

import torch

from moderation.model.classifier import Classifier
from moderation.model.config import PRESETS
from moderation.model.tokenizer import TextTokenizer


def tiny_classifier(seed: int = 0) -> Classifier:
    """A random ``tiny`` model in eval mode: the same weights for the same seed.

    It answers in milliseconds and knows nothing: for tests of what surrounds a classifier.
    """
    config = PRESETS["tiny"]
    tokenizer = TextTokenizer.of_characters(max_tokens=config.text.max_tokens)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(config, tokenizer).eval()
