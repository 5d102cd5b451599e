"""One model for all sets against itself for one, over made-up posts and a tiny model."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from bench.single_task.__main__ import compare_all
from bench.single_task.compared import compare, print_table
from bench.single_task.text_sets import TextSet, text_sets
from bench.single_task.trainer import Trainer
from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import PRESETS, tiny_classifier
from moderation.training import Recipe, StageRecipe
from tests.bench.making import Heard

QUICK = StageRecipe(epochs=4, learning_rate=1e-2, batch_cost=256, head_factor=1.0, patience=0)


pytestmark = pytest.mark.usefixtures("one_torch_thread")


def posts(source: str, *, train: int, dev: int, category: str = "spam") -> list[Row]:
    """Half of them harmful, and to be told by a word."""
    return [
        Row(
            id=f"{split}{number}",
            text=f"{'zzz' if number % 2 else 'aaa'} {number}",
            labels={category: number % 2, "hate": 0},
            source=source,
            split=split,
        )
        for split, count in ((TRAIN, train), (DEV, dev))
        for number in range(count)
    ]


def trainer_in(folder: Path, trained: list[str]) -> Trainer:
    tiny = PRESETS["tiny"]
    shipped = tiny_classifier()
    text = dataclasses.replace(tiny.text, vocab_size=shipped.tokenizer.vocab_size)
    return Trainer(
        shipped=shipped,
        preset=dataclasses.replace(tiny, text=text),
        start=None,
        recipe=Recipe(threads=1, text=QUICK, fusion=QUICK),
        folder=folder,
        reporter=lambda name: Heard(name, trained),
    )


def test_a_set_is_about_the_category_that_it_has_positives_of() -> None:
    found = text_sets(posts("sms_spam", train=8, dev=60))
    assert [(own.source, own.category, own.figure) for own in found] == [("sms_spam", "spam", "f1")]
    assert all(row.labels.keys() == {"spam"} for row in (*found[0].train, *found[0].dev))


def test_generated_sets_and_sets_with_few_dev_rows_are_left_out() -> None:
    rows = posts("template_scam", train=8, dev=60) + posts("ethos", train=8, dev=20)
    assert text_sets(rows) == []


def test_a_share_draws_training_rows_and_leaves_all_dev_rows() -> None:
    rows = posts("ethos", train=200, dev=60)
    (part,) = text_sets(rows, share=0.3)
    assert 30 <= len(part.train) <= 90
    assert len(part.dev) == 60


def test_a_large_set_is_passed_over_less_often_than_a_small_one() -> None:
    small, large = (
        TextSet("x", "spam", "f1", posts("x", train=count, dev=0), []) for count in (10, 9000)
    )
    assert (small.passes, large.passes) == (3, 2)


def test_a_model_of_a_set_learns_it_and_is_kept(tmp_path: Path) -> None:
    (own,) = text_sets(posts("ethos", train=120, dev=60))
    trained: list[str] = []
    (result,) = compare_all([own], trainer_in(tmp_path, trained), {"spam": 0.5})
    assert result.single == pytest.approx(1.0, abs=0.05)
    assert result.verdict == "worse"  # the random model in the place of the shipped one
    assert {"ethos text", "ethos fusion"} <= set(trained)
    again: list[str] = []
    assert list(compare_all([own], trainer_in(tmp_path, again), {"spam": 0.5})) == [result]
    assert again == []


def test_the_shipped_model_is_judged_by_its_own_threshold_and_the_difference_has_an_interval(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (own,) = text_sets(posts("sms_spam", train=4, dev=200))
    truth = np.array([row.labels["spam"] for row in own.dev], dtype=float)
    single = np.random.default_rng(0).random(200)
    result = compare(own, single, 0.1 + 0.2 * truth, 0.2, bootstrap=200)
    assert result.shipped == 1.0
    assert result.difference.low > 0.3
    assert result.verdict == "better"
    print_table([result])
    assert "| sms_spam, spam (4 x 3, 200) | f1 |" in capsys.readouterr().out
