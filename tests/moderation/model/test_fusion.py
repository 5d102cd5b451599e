"""Which fusions let two modalities mean together what neither means alone."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest
import torch

from moderation.model import PRESETS, Classifier, tiny_classifier
from moderation.model.config import FusionKind
from schemas import Modality
from tests.moderation.model.making import batch, sample_of

FUSION_PARAMETERS = 1_500_000  # of the compact model: beside its encoders, fusing is cheap


def interaction(kind: FusionKind) -> float:
    """What text and picture together add to a logit beyond what each adds alone, at most."""
    tiny = PRESETS["tiny"]
    config = dataclasses.replace(tiny, fusion=dataclasses.replace(tiny.fusion, kind=kind))
    torch.manual_seed(1)
    model = Classifier(config, tiny_classifier().tokenizer).eval()
    text, image = Modality.TEXT, Modality.IMAGE
    posts = [sample_of(text, image), sample_of(text), sample_of(image), sample_of()]
    with torch.inference_mode():
        both, one, other, none = model(batch(model, *posts)).logits
    return float((both - one - other + none).abs().max())


def test_late_fusion_adds_up_what_each_modality_says_for_itself() -> None:
    assert interaction("late") < 1e-5


@pytest.mark.parametrize("kind", sorted({*get_args(FusionKind)} - {"late"}))
def test_every_other_fusion_lets_modalities_interact(kind: FusionKind) -> None:
    assert interaction(kind) > 1e-4


def test_late_fusion_takes_an_absent_modality_for_no_evidence() -> None:
    tiny = PRESETS["tiny"]
    fusion = dataclasses.replace(tiny.fusion, kind="late")
    model = Classifier(dataclasses.replace(tiny, fusion=fusion), tiny_classifier().tokenizer).eval()
    with torch.no_grad():
        model.head_bias.copy_(torch.linspace(-3, 1, len(model.head_bias)))
        logits = model(batch(model, sample_of())).logits[0]
    torch.testing.assert_close(logits, model.head_bias.detach())


@pytest.mark.parametrize("name", ["compact", "clip", "crossclip", "cnn_rnn"])
def test_fusing_is_cheap_beside_encoding(name: str) -> None:
    model = Classifier(PRESETS[name], tiny_classifier().tokenizer)
    assert sum(weight.numel() for weight in model.fusion.parameters()) <= FUSION_PARAMETERS
