"""What the classifier promises to those who call it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from moderation.model import (
    MODALITIES,
    PRESETS,
    Classifier,
    Sample,
    modality_shares,
    tiny_classifier,
)
from schemas import CATEGORIES, Modality
from tests.moderation.model.making import PIECES, batch, sample_of

SUBSETS = [
    subset
    for size in range(len(MODALITIES) + 1)
    for subset in itertools.combinations(MODALITIES, size)
]


def test_the_learned_token_stands_in_for_an_absent_modality() -> None:
    model = tiny_classifier()
    with torch.inference_mode():
        tokens = model(batch(model, sample_of(Modality.TEXT))).tokens[0]
    image, text = MODALITIES.index(Modality.IMAGE), MODALITIES.index(Modality.TEXT)
    torch.testing.assert_close(tokens[image], model.absent[image].detach())
    assert not torch.allclose(tokens[text], model.absent[text])


def test_taking_a_modality_away_is_the_same_as_never_having_had_it() -> None:
    model = tiny_classifier()
    with torch.inference_mode():
        both = model.encode(batch(model, sample_of(Modality.TEXT, Modality.IMAGE)))
        without = model.fuse(both.without(Modality.IMAGE)).logits
        never = model(batch(model, sample_of(Modality.TEXT))).logits
    torch.testing.assert_close(without, never)


def test_each_modality_changes_the_score() -> None:
    model = tiny_classifier()
    everything = sample_of(*MODALITIES)
    with torch.inference_mode():
        embeddings = model.encode(batch(model, everything))
        full = model.fuse(embeddings).logits
        for modality in MODALITIES:
            assert not torch.allclose(full, model.fuse(embeddings.without(modality)).logits)


def test_shares_sum_to_one_over_what_is_present() -> None:
    model = tiny_classifier()
    posts = [sample_of(*subset) for subset in SUBSETS]
    with torch.inference_mode():
        embeddings = model.encode(batch(model, *posts))
        shares = modality_shares(model, embeddings)
    assert shares.shape == (len(posts), len(CATEGORIES), len(MODALITIES))
    expected = embeddings.present.any(dim=1).float()[:, None].expand(-1, len(CATEGORIES))
    torch.testing.assert_close(shares.sum(dim=-1), expected)
    assert not shares[~embeddings.present[:, None, :].expand_as(shares)].any()


def test_the_only_modality_of_a_post_has_the_whole_share() -> None:
    model = tiny_classifier()
    with torch.inference_mode():
        shares = modality_shares(model, model.encode(batch(model, sample_of(Modality.AUDIO))))
    assert shares[0, :, MODALITIES.index(Modality.AUDIO)].tolist() == [1.0] * len(CATEGORIES)


def test_the_embedding_of_a_post_has_unit_length() -> None:
    model = tiny_classifier()
    with torch.inference_mode():
        embedding = model(batch(model, sample_of(*MODALITIES))).embedding
    assert float(embedding.norm()) == pytest.approx(1.0, abs=1e-5)


def test_loudness_alone_does_not_change_what_is_heard() -> None:
    model = tiny_classifier()
    sound = PIECES[Modality.AUDIO]
    with torch.inference_mode():
        loud = model(batch(model, Sample(audio=sound))).logits
        quiet = model(batch(model, Sample(audio=(sound * 0.25).astype(np.float32)))).logits
    torch.testing.assert_close(loud, quiet, atol=1e-3, rtol=1e-2)


def test_the_same_seed_makes_the_same_tiny_model() -> None:
    assert tiny_classifier(seed=3).version == tiny_classifier(seed=3).version
    assert tiny_classifier(seed=3).version != tiny_classifier(seed=4).version


def test_the_compact_preset_has_a_few_tens_of_millions_of_parameters() -> None:
    model = Classifier(PRESETS["compact"], tiny_classifier().tokenizer)
    assert 10e6 < sum(parameter.numel() for parameter in model.parameters()) < 50e6
