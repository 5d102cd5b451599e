"""The fusion stage: what belongs together, and what the stage changes."""

from __future__ import annotations

import random
from pathlib import Path

import torch

from moderation.evaluation import Row
from moderation.model import MODALITIES, tiny_classifier
from moderation.training.contrast import find_pairs, group_numbers
from moderation.training.fusion_stage import FusionLearner
from moderation.training.loss import targets
from moderation.training.mixing import Encoded
from schemas import Modality

MODEL = tiny_classifier()
NOWHERE = Path("nowhere")
ROWS = [
    Row(id="0", text="a picture of a cat", image=NOWHERE, labels={"spam": 0}),
    Row(id="1", text="win a prize", image=NOWHERE, labels={"spam": 1}),
    Row(id="2", audio=NOWHERE, transcript="win a prize", labels={"spam": 1}),
    Row(id="3", audio=NOWHERE, transcript="good morning", labels={"spam": 0}),
    Row(id="4", audio=NOWHERE, labels={"spam": 0}),
    Row(id="5", text="alone", labels={"spam": 0}),
]


def encoded(rows: list[Row]) -> Encoded:
    torch.manual_seed(1)
    present = torch.tensor([[m in row.modalities for m in MODALITIES] for row in rows])
    vectors = {
        modality: torch.randn(len(rows), MODEL.embedding_width(modality)) * present[:, [place]]
        for place, modality in enumerate(MODALITIES)
    }
    return Encoded(vectors, present, targets([row.labels for row in rows], MODEL.categories))


def spoken() -> torch.Tensor:
    width = MODEL.embedding_width(Modality.TEXT)
    said = torch.tensor([bool(row.transcript) for row in ROWS])
    return torch.arange(len(ROWS) * width).view(len(ROWS), width) * said[:, None].float()


def test_posts_of_two_modalities_and_speech_with_its_words_are_pairs() -> None:
    pairs = {(p.first, p.second): p for p in find_pairs(encoded(ROWS), ROWS, spoken())}
    assert set(pairs) == {(Modality.TEXT, Modality.IMAGE), (Modality.TEXT, Modality.AUDIO)}
    speech = pairs[Modality.TEXT, Modality.AUDIO]
    assert speech.posts.vectors[Modality.TEXT].equal(spoken()[2:4])
    assert speech.posts.present.tolist() == [[True, False, True]] * 2


def test_rows_with_the_same_words_are_one_group() -> None:
    numbers = group_numbers(ROWS)
    assert numbers[1] == numbers[2]
    assert len(set(numbers)) == 5


def learner_of(weight: float) -> FusionLearner:
    data = encoded(ROWS)
    return FusionLearner(
        MODEL,
        data,
        data,
        sources=["made-up"] * len(ROWS),
        batch_rows=4,
        pairs=find_pairs(data, ROWS, spoken()),
        contrastive_weight=weight,
    )


def test_the_losses_are_named_and_weighted() -> None:
    learner = learner_of(0.5).eval()
    parts = learner(learner.prepare([0, 1, 2, 5], random.Random(1)))
    assert set(parts) == {"labels", "text_image", "text_audio"}
    whole = learner_of(1.0).eval()
    other = whole(whole.prepare([0, 1, 2, 5], random.Random(1)))
    assert parts["text_image"].item() * 2 == other["text_image"].item()


def test_without_a_weight_pairs_do_not_count() -> None:
    learner = learner_of(0.0)
    assert set(learner(learner.prepare([0, 1], random.Random(1)))) == {"labels"}


def test_the_encoders_are_none_of_its_parameters() -> None:
    names = {name.split(".")[2] for name, _ in learner_of(1.0).named_parameters()}
    assert {"adapters", "fusion", "joint_space", "absent", "head_weight", "head_bias"} == names
