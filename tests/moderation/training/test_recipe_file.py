"""Numbers of a run from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.model import PRESETS
from moderation.training import Recipe, TrainingError, recipe_for
from moderation.training.recipe_file import read_recipe


def read(folder: Path, text: str) -> Recipe:
    path = folder / "recipe.yaml"
    path.write_text(text, "utf-8")
    return read_recipe(path, Recipe())


def test_the_file_s_numbers_replace_the_defaults_and_no_others(tmp_path: Path) -> None:
    recipe = read(tmp_path, "seed: 3\ntext: {epochs: 9, learning_rate: 1}\n")
    assert (recipe.seed, recipe.text.epochs, recipe.text.learning_rate) == (3, 9, 1.0)
    assert recipe.text.batch_cost == Recipe().text.batch_cost
    assert recipe.audio == Recipe().audio


def test_encoders_that_come_pretrained_learn_gently_and_whole_windows_of_text() -> None:
    base, plain = recipe_for(PRESETS["base"]), Recipe()
    for part in ("text", "image", "audio"):
        gentle, own = getattr(base, part), getattr(plain, part)
        assert gentle.learning_rate <= 5e-5 < own.learning_rate
        assert gentle.head_factor > own.head_factor
        assert gentle.batch_cost >= own.batch_cost
    assert base.text_tokens == PRESETS["base"].text.max_tokens
    assert base.fusion == plain.fusion
    for name in set(PRESETS) - {"base"}:
        assert recipe_for(PRESETS[name]) == plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs: 3", "no 'epochs' here; there are seed"),
        ("text: {epoch: 3}", "text: no 'epoch' here; there are epochs"),
        ("text: 3", "text: expected names and numbers"),
        ("text: {epochs: 2.5}", "epochs must be a whole number, not 2.5"),
        ("ctc_weight: high", "ctc_weight must be a number, not 'high'"),
        ("seed: true", "seed must be a whole number, not True"),
        ("[1, 2]", "expected names and numbers"),
        ("{", "not a readable recipe"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TrainingError, match=r"recipe\.yaml") as raised:
        read(tmp_path, text)
    assert said in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"none\.yaml: not a readable recipe"):
        read_recipe(tmp_path / "none.yaml", Recipe())
