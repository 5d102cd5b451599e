"""The audio stage with its two auxiliary losses."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor, nn

from moderation.evaluation import Row
from moderation.model import PRESETS, Classifier, tiny_classifier
from moderation.training.audio_stage import AudioLearner
from moderation.training.batch import BatchMaker
from moderation.training.encoder_stage import encode_all
from moderation.training.examples import Examples, load_examples
from moderation.training.recipe import TextChanges
from schemas import Modality
from tests.moderation.model.making import ARCHITECTURES, small, small_classifier


def rows_in(folder: Path) -> list[Row]:
    rows = []
    for number in range(6):
        path = folder / f"{number}.wav"
        seconds = 2.0 if number == 5 else 0.5
        tone = np.sin(np.arange(int(16_000 * seconds)) / (4 + 4 * (number % 2)))
        soundfile.write(path, tone.astype(np.float32), 16_000)
        rows.append(
            Row(
                id=str(number),
                audio=path,
                event="" if number == 4 else ("bell", "horn")[number % 2],
                transcript="hi" if number in {0, 5} else "",
                labels={"toxicity": number % 2},
            )
        )
    return rows


def learner_for(rows: list[Row], model: Classifier | None = None, **weights: float) -> AudioLearner:
    torch.manual_seed(1)
    model = model or tiny_classifier()
    examples: Examples = load_examples(model, rows, Modality.AUDIO, max_tokens=16)
    make_batch = BatchMaker(model, max_tokens=16, changes=TextChanges())
    return AudioLearner(
        model,
        examples,
        examples,
        make_batch=make_batch,
        batch_cost=8,
        ctc_weight=weights.get("ctc", 1.0),
        event_weight=weights.get("event", 1.0),
    )


def test_all_three_losses_reach_the_encoder(tmp_path: Path) -> None:
    learner = learner_for(rows_in(tmp_path))
    parts = learner(learner.prepare([0, 1, 2], random.Random(1)))
    assert set(parts) == {"labels", "letters", "events"}
    for part in parts.values():
        assert part.item() > 0
        learner.zero_grad()
        part.backward(retain_graph=True)
        assert (
            sum(
                float(p.grad.abs().sum())
                for p in learner.encoder.parameters()
                if p.grad is not None
            )
            > 0
        )


def test_weights_scale_the_auxiliary_losses(tmp_path: Path) -> None:
    rows = rows_in(tmp_path)
    one, half = (
        learner.eval()(learner.prepare([0, 1], random.Random(1)))
        for learner in (learner_for(rows), learner_for(rows, ctc=0.5, event=0.25))
    )
    assert half["letters"].item() == pytest.approx(one["letters"].item() / 2, rel=1e-3)
    assert half["events"].item() == pytest.approx(one["events"].item() / 4, rel=1e-3)


def test_rows_that_say_nothing_of_words_or_events_teach_neither(tmp_path: Path) -> None:
    learner = learner_for(rows_in(tmp_path))
    parts = learner(learner.prepare([4], random.Random(1)))
    assert parts["letters"].item() == 0
    assert parts["events"].item() == 0


def test_a_sound_that_was_cut_is_not_spelt_out(tmp_path: Path) -> None:
    learner = learner_for(rows_in(tmp_path))
    assert learner.spelt[0]
    assert learner.spelt[5] is None
    assert learner.spelt[1] == []
    assert "4 spelt out, 5 with an event" in learner.describe()


def test_events_are_told_beside_the_dev_figure(tmp_path: Path) -> None:
    figure = learner_for(rows_in(tmp_path)).evaluate()
    assert 0 <= figure.beside["events named"] <= 1
    assert figure.mean is None
    assert "; events named " in str(figure)


class Silence(nn.Module):
    """Masks everything."""

    def forward(self, mel_power: Tensor) -> Tensor:
        return torch.zeros_like(mel_power)


@pytest.mark.parametrize(
    "encoder", ["conv_transformer", "whisper", "audio-spectrogram-transformer"]
)
def test_every_encoder_hears_the_masked_spectrum_in_training_and_the_whole_one_in_measuring(
    tmp_path: Path, encoder: str
) -> None:
    audio = PRESETS["tiny"].audio
    if encoder in ARCHITECTURES:
        audio = dataclasses.replace(small("base").audio, architecture=ARCHITECTURES[encoder])
    model = small_classifier(dataclasses.replace(PRESETS["tiny"], audio=audio))
    learner = learner_for(rows_in(tmp_path), model).eval()

    def loss() -> float:
        found: Tensor = learner(learner.prepare([0, 1], random.Random(1)))["labels"]
        return found.item()

    def measured() -> Tensor:
        return encode_all(model, learner.dev, learner.make_batch, batch_cost=8)

    heard, known = loss(), measured()
    learner.masking = Silence()  # type: ignore[assignment]  # any module may stand for the mask
    assert loss() != heard
    assert measured().equal(known)
