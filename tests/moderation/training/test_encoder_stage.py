"""An encoder that learns with a head of its own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from moderation.evaluation import read_manifest
from moderation.model import tiny_classifier
from moderation.training.batch import BatchMaker
from moderation.training.encoder_stage import EncoderLearner
from moderation.training.examples import load_examples
from moderation.training.recipe import TextChanges
from schemas import Modality
from tests.moderation.training.making import write_posts


@pytest.mark.parametrize("modality", [Modality.TEXT, Modality.IMAGE])
def test_products_are_computed_in_bf16_and_weights_learn_in_fp32(
    tmp_path: Path, modality: Modality
) -> None:
    model = tiny_classifier()
    examples = load_examples(model, read_manifest(write_posts(tmp_path)), modality, max_tokens=16)
    make_batch = BatchMaker(model, max_tokens=16, changes=TextChanges())
    learner = EncoderLearner(model, examples, examples, make_batch=make_batch, batch_cost=64)
    computed: set[torch.dtype] = set()

    def note(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        computed.add(output.dtype)

    for part in learner.modules():
        if isinstance(part, nn.Linear):
            part.register_forward_hook(note)
    learner.train()
    loss = learner(learner.prepare([0, 1, 2, 3], random.Random(1)))["labels"]
    loss.backward()
    assert computed == {torch.bfloat16}
    assert loss.dtype == torch.float32
    assert {p.grad.dtype for p in learner.parameters() if p.grad is not None} == {torch.float32}
