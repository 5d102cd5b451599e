"""The joint space: unit vectors, mismatch, and models that have none."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from moderation.model import (
    MODALITIES,
    PRESETS,
    Classifier,
    Embeddings,
    ModelError,
    collate,
    tiny_classifier,
)
from schemas import Modality
from tests.moderation.model.making import sample_of

PAIRS = {
    "text_image": (Modality.TEXT, Modality.IMAGE),
    "text_audio": (Modality.TEXT, Modality.AUDIO),
    "image_audio": (Modality.IMAGE, Modality.AUDIO),
}


def embeddings_of(model: Classifier, *subsets: tuple[Modality, ...]) -> Embeddings:
    samples = [sample_of(*subset) for subset in subsets]
    with torch.inference_mode():
        return model.encode(collate(samples, tokenizer=model.tokenizer, config=model.config))


def without_joint_space() -> Classifier:
    tiny = PRESETS["tiny"]
    fusion = dataclasses.replace(tiny.fusion, joint_width=0)
    config = dataclasses.replace(tiny, fusion=fusion)
    return Classifier(config, tiny_classifier().tokenizer).eval()


def test_joint_vectors_have_unit_length_and_are_zero_where_absent() -> None:
    model = tiny_classifier()
    with torch.inference_mode():
        joint = model.fuse(embeddings_of(model, MODALITIES, (Modality.TEXT,))).joint
    for modality in MODALITIES:
        assert joint[modality].shape == (2, model.config.fusion.joint_width)
        here = 1.0 if modality is Modality.TEXT else 0.0
        assert joint[modality].norm(dim=-1).tolist() == pytest.approx([1.0, here], abs=1e-5)


def test_mismatch_follows_the_cosine_by_scale_and_bias() -> None:
    model = tiny_classifier()
    embeddings = embeddings_of(model, MODALITIES)
    with torch.no_grad():
        model.joint_scale.fill_(3.0)
        model.joint_bias.fill_(0.5)
        joint = model.fuse(embeddings).joint
        found = model.mismatch(embeddings)
    for name, (first, second) in PAIRS.items():
        cosine = (joint[first] * joint[second]).sum(dim=-1)
        torch.testing.assert_close(found[name], torch.sigmoid(-(3.0 * cosine + 0.5)))


def test_mismatch_is_unknown_where_one_of_the_two_is_absent() -> None:
    model = tiny_classifier()
    subsets = [(Modality.TEXT, Modality.IMAGE), (Modality.AUDIO,), ()]
    with torch.inference_mode():
        found = model.mismatch(embeddings_of(model, *subsets))
    assert found.keys() == PAIRS.keys()
    for name, pair in PAIRS.items():
        known = [set(pair) <= set(subset) for subset in subsets]
        assert (~found[name].isnan()).tolist() == known


def test_a_model_without_a_joint_space_knows_no_mismatch() -> None:
    model = without_joint_space()
    embeddings = embeddings_of(model, MODALITIES)
    with torch.inference_mode():
        assert model.fuse(embeddings).joint == {}
        assert all(bool(value.isnan().all()) for value in model.mismatch(embeddings).values())


def test_asking_a_model_without_a_joint_space_for_its_scale_says_how_to_get_one() -> None:
    with pytest.raises(ModelError, match=r"fusion\.joint_width"):
        _ = without_joint_space().joint_scale


def test_an_option_at_its_default_is_not_written() -> None:
    """So a model from before the option keeps its version."""
    text = without_joint_space().config.to_json()
    assert "joint_width" not in text
    assert "joint_width" in PRESETS["tiny"].to_json()
