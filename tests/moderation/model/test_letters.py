"""An audio encoder that spells by ear, and what is kept of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from moderation.model import (
    Classifier,
    QuantisedClassifier,
    Sample,
    collate,
    enough_said,
    new_classifier,
    preset,
    tiny_classifier,
)


@pytest.fixture(name="speller")
def tiny_speller() -> Classifier:
    torch.manual_seed(3)
    config = preset("tiny")
    config = dataclasses.replace(config, audio=dataclasses.replace(config.audio, letters=True))
    model = new_classifier(config, tiny_classifier().tokenizer).eval()
    assert model.audio_encoder.letters is not None
    for parameter in model.audio_encoder.letters.parameters():
        torch.nn.init.normal_(parameter, std=3.0)  # so that random frames say something
    return model


def hear(model: Classifier) -> list[str]:
    torch.manual_seed(5)
    sounds = [Sample(audio=torch.randn(16_000).numpy()), Sample(audio=torch.randn(9_000).numpy())]
    inputs = collate(sounds, tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        return model.hear(inputs)[1]


def test_a_sound_is_heard_alike_alone_and_in_a_batch(speller: Classifier) -> None:
    encoder = speller.audio_encoder
    sounds, lengths = torch.randn(2, 16_000), torch.tensor([16_000, 9_000])
    sounds[1, 9_000:] = 0
    with torch.inference_mode():
        vectors, said = encoder.heard(sounds, lengths)
        alone, said_alone = encoder.heard(sounds[1:, :9_000], lengths[1:])
        plain = encoder(sounds, lengths)
    torch.testing.assert_close(vectors, plain)
    torch.testing.assert_close(vectors[1:], alone)
    assert said[1:] == said_alone
    assert any(said)


def test_a_saved_model_spells_as_before(speller: Classifier, tmp_path: Path) -> None:
    speller.save_pretrained(tmp_path)
    again = Classifier.from_pretrained(tmp_path)
    assert again.spells
    assert hear(again) == hear(speller)
    assert any(hear(speller))


def test_a_model_in_int8_still_spells(speller: Classifier) -> None:
    quantised = QuantisedClassifier(speller)
    assert quantised.spells
    assert any(hear(quantised))


def test_a_model_without_letters_says_nothing() -> None:
    model = tiny_classifier()
    assert not model.spells
    assert hear(model) == ["", ""]


@pytest.mark.parametrize(("said", "enough"), [("", False), ("a e o", False), ("go away", True)])
def test_stray_letters_are_not_words(said: str, enough: bool) -> None:
    assert enough_said(said) is enough
