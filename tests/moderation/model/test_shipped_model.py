"""The model that ships: small enough, and on the right side of plain cases in two languages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import moderation
from moderation.model import MODALITIES, SAMPLE_RATE, Classifier, Sample, collate
from schemas import CATEGORIES

FOLDER = Path(moderation.__file__).parent / "weights" / "compact"
MAX_BYTES = 50_000_000  # of the whole folder: every clone carries it
ACTED_ON = 0.6  # the mildest threshold of the default policy


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return Classifier.from_pretrained(FOLDER)


def scores(model: Classifier, *samples: Sample) -> list[dict[str, float]]:
    inputs = collate(samples, tokenizer=model.tokenizer, config=model.config)
    with torch.inference_mode():
        rows = model(inputs).probabilities.tolist()
    return [dict(zip(model.categories, row, strict=True)) for row in rows]


def test_it_is_at_most_50_megabytes() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= MAX_BYTES


def test_it_scores_the_categories_of_the_contract(shipped: Classifier) -> None:
    assert shipped.categories == CATEGORIES


def test_card_and_metrics_speak_of_these_weights(shipped: Classifier) -> None:
    metrics = json.loads((FOLDER / "metrics.json").read_text("utf-8"))
    assert metrics["model"] == shipped.version
    assert shipped.version in (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("category", "harmful", "harmless"),
    [
        ("toxicity", "You are a pathetic idiot, shut up", "You are a great help, thank you"),
        ("toxicity", "你真是个白痴，给我闭嘴", "你真是个好人，谢谢你"),
        ("spam", "You have won $1000, claim your prize now at http://win-now.top/claim",
         "We won the match on Sunday, what a day"),
        ("drugs", "Selling pure cocaine, message me on Telegram", "The pharmacy opens at nine"),
        ("violence", "I will find you and break your legs tomorrow",
         "I broke my leg skiing last winter"),
        ("self_harm", "I do not want to live anymore, I want to end my life",
         "What a wonderful life we have here by the sea"),
    ],
)  # fmt: skip
def test_plainly_harmful_text_scores_high_and_its_counterpart_low(
    shipped: Classifier, category: str, harmful: str, harmless: str
) -> None:
    bad, good = scores(shipped, Sample(text=harmful), Sample(text=harmless))
    assert bad[category] > ACTED_ON
    assert good[category] < ACTED_ON


@pytest.mark.parametrize(
    "text", ["Good morning, have a nice day!", "今天天气很好，我们去公园散步", "Dinner at seven?"]
)
def test_everyday_text_is_low_in_every_category(shipped: Classifier, text: str) -> None:
    (found,) = scores(shipped, Sample(text=text))
    assert max(found.values()) < 0.5, found


def test_an_insult_stays_an_insult_beside_a_plain_picture_and_silence(
    shipped: Classifier,
) -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    silence = np.zeros(SAMPLE_RATE, np.float32)
    (found,) = scores(
        shipped, Sample(text="You are a pathetic idiot, shut up", image=grey, audio=silence)
    )
    assert found["toxicity"] > 0.5


def test_every_modality_was_trained() -> None:
    metrics = json.loads((FOLDER / "metrics.json").read_text("utf-8"))
    for modality, category in zip(MODALITIES, ("toxicity", "weapons", "toxicity"), strict=True):
        assert metrics["slices"][f"modality {modality}"][category]["auroc"] > 0.7
