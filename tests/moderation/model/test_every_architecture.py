"""What holds for every preset and every kind of encoder and fusion, at the smallest dimensions."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from moderation.model import MODALITIES, PRESETS, Classifier, Embeddings, ModelConfig, Sample
from moderation.model.config import FusionKind
from schemas import CATEGORIES, Modality
from tests.moderation.model.making import (
    ARCHITECTURES,
    PIECES,
    batch,
    other_sample_of,
    sample_of,
    small,
    small_classifier,
)

SUBSETS = [
    subset
    for size in range(len(MODALITIES) + 1)
    for subset in itertools.combinations(MODALITIES, size)
]


def configurations() -> Iterator[tuple[str, ModelConfig]]:
    for name in PRESETS:
        yield name, small(name)
    tiny = PRESETS["tiny"]
    for kind in get_args(FusionKind):
        yield (
            f"{kind} fusion",
            dataclasses.replace(tiny, fusion=dataclasses.replace(tiny.fusion, kind=kind)),
        )
    lite = dataclasses.replace(tiny.image, kind="efficientnet_lite")
    yield "EfficientNet-Lite", dataclasses.replace(tiny, image=lite)
    vit = dataclasses.replace(small("base").image, architecture=ARCHITECTURES["vit"])
    yield "pretrained ViT", dataclasses.replace(tiny, image=vit)
    spectrogram = dataclasses.replace(
        small("base").audio, architecture=ARCHITECTURES["audio-spectrogram-transformer"]
    )
    yield "spectrogram transformer", dataclasses.replace(tiny, audio=spectrogram)


CONFIGURATIONS = dict(configurations())


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def model(request: pytest.FixtureRequest) -> Classifier:
    return small_classifier(CONFIGURATIONS[request.param])


def logits_of(model: Classifier, *samples: Sample) -> torch.Tensor:
    with torch.inference_mode():
        return model(batch(model, *samples)).logits


def test_every_subset_of_modalities_gets_a_probability_for_every_category(
    model: Classifier,
) -> None:
    with torch.inference_mode():
        output = model(batch(model, *(sample_of(*subset) for subset in SUBSETS)))
    assert output.probabilities.shape == (len(SUBSETS), len(CATEGORIES))
    assert bool(((output.probabilities > 0) & (output.probabilities < 1)).all())
    assert bool(output.embedding.isfinite().all())


def test_a_post_scores_the_same_alone_as_among_others_in_any_order(model: Classifier) -> None:
    posts = [sample_of(*subset) for subset in SUBSETS] + [other_sample_of(*MODALITIES)]
    together = logits_of(model, *posts)
    alone = torch.cat([logits_of(model, post) for post in posts])
    backwards = logits_of(model, *reversed(posts)).flip(0)
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(together, backwards, atol=1e-4, rtol=1e-3)


def test_padding_changes_neither_text_nor_sound(model: Classifier) -> None:
    short = Sample(text="hi", audio=other_sample_of(*MODALITIES).audio)
    long = Sample(text="a much longer text", audio=sample_of(*MODALITIES).audio)
    torch.testing.assert_close(
        logits_of(model, short, long)[:1], logits_of(model, short), atol=1e-4, rtol=1e-3
    )


@pytest.mark.parametrize("absent", MODALITIES)
def test_what_an_absent_modality_would_hold_cannot_matter(
    model: Classifier, absent: Modality
) -> None:
    with torch.inference_mode():
        first = model.encode(batch(model, sample_of(*MODALITIES)))
        other = model.encode(batch(model, other_sample_of(*MODALITIES))).vectors[absent]
        swapped = Embeddings({**first.vectors, absent: other}, first.present)
        heard = [model.fuse(embeddings).logits for embeddings in (first, swapped)]
        deaf = [model.fuse(embeddings.without(absent)) for embeddings in (first, swapped)]
    assert not torch.equal(*heard)
    torch.testing.assert_close(deaf[0].logits, deaf[1].logits)
    torch.testing.assert_close(deaf[0].embedding, deaf[1].embedding)


def test_a_saved_model_gives_the_same_scores_and_version(model: Classifier, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    loaded = Classifier.from_pretrained(tmp_path)
    assert loaded.version == model.version
    assert loaded.config == model.config
    post = sample_of(*MODALITIES)
    torch.testing.assert_close(logits_of(loaded, post), logits_of(model, post))


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_training_lowers_the_loss_and_reaches_every_part(name: str) -> None:
    model = small_classifier(CONFIGURATIONS[name])
    posts = [maker(*subset) for subset in SUBSETS[1:] for maker in (sample_of, other_sample_of)]
    target = torch.arange(len(posts)).remainder(2).float()[:, None].expand(-1, len(CATEGORIES))
    inputs = batch(model, *posts)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(4):
        loss = binary_cross_entropy_with_logits(model(inputs).logits, target)
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]
    for part in (model.text_encoder, model.image_encoder, model.audio_encoder, model.adapters):
        gradients = [p.grad.abs().sum() for p in part.parameters() if p.grad is not None]
        assert float(torch.stack(gradients).sum()) > 0


def test_frames_over_time_average_to_the_vector_of_a_sound(model: Classifier) -> None:
    inputs = batch(model, sample_of(*MODALITIES), other_sample_of(*MODALITIES))
    with torch.inference_mode():
        frames, lengths = model.audio_encoder.frames(inputs.audio, inputs.audio_lengths)
        vectors = model.audio_encoder(inputs.audio, inputs.audio_lengths)
    assert frames.shape[2] == model.audio_encoder.width == model.config.audio.width
    assert bool((lengths >= 1).all())
    assert bool((lengths <= frames.shape[1]).all())
    for row, length in enumerate(lengths.tolist()):
        mean = frames[row, :length].mean(dim=0)
        torch.testing.assert_close(vectors[row], mean, atol=1e-5, rtol=1e-4)


def test_the_shortest_and_the_longest_sound_are_heard(model: Classifier) -> None:
    tick, tone = PIECES[Modality.AUDIO][:10], PIECES[Modality.AUDIO].repeat(40)
    assert bool(logits_of(model, Sample(audio=tick), Sample(audio=tone)).isfinite().all())


def test_widths_in_the_configuration_are_those_of_the_vectors(model: Classifier) -> None:
    with torch.inference_mode():
        vectors = model.encode(batch(model, sample_of(*MODALITIES))).vectors
    widths = [part.width for part in (model.config.text, model.config.image, model.config.audio)]
    assert [vectors[modality].shape[1] for modality in MODALITIES] == widths
