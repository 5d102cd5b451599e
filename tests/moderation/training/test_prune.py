"""Structured pruning of the text encoder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from moderation.evaluation import Row
from moderation.model import PRESETS, Classifier, Sample, TextTokenizer, collate
from moderation.training import TrainingError
from moderation.training.importance import (
    Importance,
    importance_by_loss,
    importance_by_weight,
)
from moderation.training.prune import pruned

TEXTS = ["hello you", "zzz idiot", "你好", "what a day"]
ROWS = [Row(str(n), text=text, labels={"toxicity": n % 2}) for n, text in enumerate(TEXTS)]


@pytest.fixture
def model() -> Classifier:
    """Two layers of four heads and 64 feed-forward units."""
    tiny = PRESETS["tiny"]
    text = dataclasses.replace(tiny.text, layers=2, heads=4)
    torch.manual_seed(0)
    tokenizer = TextTokenizer.of_characters(max_tokens=text.max_tokens)
    return Classifier(dataclasses.replace(tiny, text=text), tokenizer).eval()


def logits(model: Classifier) -> torch.Tensor:
    samples = [Sample(text=text) for text in TEXTS]
    with torch.inference_mode():
        return model(collate(samples, tokenizer=model.tokenizer, config=model.config)).logits


def parameters(model: Classifier) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_nothing_pruned_is_the_same_model(model: Classifier) -> None:
    same = pruned(model, importance_by_weight(model), heads=0, units=0)
    assert same.version == model.version
    assert torch.equal(logits(same), logits(model))


def test_parameters_fall_as_asked(model: Classifier) -> None:
    width, layers, head, units = 32, 2, 8, 16
    smaller = pruned(model, importance_by_weight(model), heads=0.25, units=0.25)
    of_head = 3 * (width + 1) * head + head * width  # query, key, value with biases, and output
    of_units = units * (2 * width + 1)
    assert parameters(model) - parameters(smaller) == layers * (of_head + of_units)
    assert logits(smaller).isfinite().all()


def test_a_pruned_folder_loads_like_any_other(model: Classifier, tmp_path: Path) -> None:
    smaller = pruned(model, importance_by_loss(model, ROWS), heads=0.5, units=0.5)
    smaller.save_pretrained(tmp_path)
    loaded = Classifier.from_pretrained(tmp_path)
    assert loaded.version == smaller.version != model.version
    assert torch.equal(logits(loaded), logits(smaller))


def test_a_pruned_model_can_be_pruned_again(model: Classifier) -> None:
    once = pruned(model, importance_by_weight(model), heads=0.25, units=0.5)
    twice = pruned(once, importance_by_loss(once, ROWS), heads=0.34, units=0.5)
    assert (twice.config.text.heads, twice.config.text.feed_forward) == (2, 16)
    assert logits(twice).isfinite().all()


def test_heads_and_units_that_do_nothing_leave_first_and_are_not_missed(model: Classifier) -> None:
    with torch.no_grad():
        for layer in model.text_encoder.bert.encoder.layer:
            layer.attention.output.dense.weight[:, 8:16] = 0  # the second head
            layer.output.dense.weight[:, 5:21] = 0
    for importance in (importance_by_weight(model), importance_by_loss(model, ROWS)):
        smaller = pruned(model, importance, heads=0.25, units=0.25)
        assert torch.allclose(logits(smaller), logits(model), atol=1e-5)


def test_what_the_loss_depends_on_more_is_more_important(model: Classifier) -> None:
    before = importance_by_loss(model, ROWS)
    with torch.no_grad():
        for layer in model.text_encoder.bert.encoder.layer:
            layer.attention.output.dense.weight[:, :8] *= 20
    after = importance_by_loss(model, ROWS)
    assert (after.heads[:, 0] > before.heads[:, 0]).all()
    assert (after.heads.argmax(dim=1) == 0).all()


def test_ranking_leaves_no_trace_in_the_model(model: Classifier) -> None:
    importance_by_loss(model, ROWS)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(part._forward_pre_hooks for part in model.text_encoder.modules())


def test_at_least_one_head_and_unit_stay(model: Classifier) -> None:
    smaller = pruned(model, importance_by_weight(model), heads=0.99, units=0.999)
    assert (smaller.config.text.heads, smaller.config.text.feed_forward) == (1, 1)
    assert logits(smaller).isfinite().all()


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_an_impossible_share_is_refused(model: Classifier, share: float) -> None:
    importance = Importance(torch.ones(2, 4), torch.ones(2, 64))
    with pytest.raises(TrainingError, match="below 1"):
        pruned(model, importance, heads=share, units=0)


def test_ranking_by_loss_wants_labelled_texts(model: Classifier) -> None:
    with pytest.raises(TrainingError, match="text and labels"):
        importance_by_loss(model, [Row("a", text="hello")])
