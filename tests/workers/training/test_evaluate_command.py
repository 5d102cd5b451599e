"""``moderation evaluate``: what can be asked for besides the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from moderation.model import tiny_classifier
from tests.moderation.training.making import write_posts
from workers.cli import build_app

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_posts(tmp_path_factory.mktemp("posts"))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two that know nothing, each in another way."""
    folder = tmp_path_factory.mktemp("models")
    for seed in (0, 1):
        tiny_classifier(seed).save_pretrained(folder / str(seed))
    return [folder / "0", folder / "1"]


def evaluate(*arguments: object) -> Result:
    return RUNNER.invoke(build_app(), ["evaluate", *map(str, arguments), "--bootstrap", "20"])


def answer(*arguments: object) -> dict[str, Any]:
    result = evaluate(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_posts_of_two_modalities_are_also_searched_by_each_other(
    manifest: Path, models: list[Path]
) -> None:
    found = answer(manifest, "--model", models[0])
    assert set(found["retrieval"]) == {"text to image", "image to text"}
    assert found["reliability"]["toxicity"]["bins"]["width"]


def test_folds_give_mean_and_spread(manifest: Path, models: list[Path]) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the extra train")
    spread = answer(manifest, "--model", models[0], "--folds", 3)["folds"]["toxicity"]["accuracy"]
    assert len(spread["values"]) == 3
    assert 0 < spread["mean"] < 1


def test_two_models_are_compared_fold_by_fold(manifest: Path, models: list[Path]) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the extra train")
    found = answer(manifest, "--compare", *models)
    auroc = found["comparison"]["toxicity"]["auroc"]
    assert found["first"] != found["second"]
    assert auroc["folds"]["folds"] == 5
    assert 0 <= auroc["folds"]["p"] <= auroc["folds"]["corrected_p"] <= 1
    assert auroc["folds"]["cohens_d"] * auroc["folds"]["difference"] > 0
    assert auroc["all_rows"]["low"] <= auroc["all_rows"]["difference"] <= auroc["all_rows"]["high"]
    shown = evaluate(manifest, "--compare", *models, "--folds", 3).stdout
    assert "B - A" in shown
    assert "d: Cohen's" in shown


def test_a_comparison_leaves_no_room_for_a_third_model(manifest: Path, models: list[Path]) -> None:
    result = evaluate(manifest, "--compare", *models, "--model", models[0])
    assert result.exit_code == 2
    assert "--model" in result.output


def test_robustness_is_told_by_condition(manifest: Path, models: list[Path]) -> None:
    result = evaluate(manifest, "--model", models[0], "--robustness")
    assert result.exit_code == 0, result.output
    for condition in ("as they are", "without image", "JPEG, quality 20", "white noise at 0 dB"):
        assert condition in result.stdout


def test_over_flagging_wants_harmless_posts(
    manifest: Path, models: list[Path], tmp_path: Path
) -> None:
    refused = evaluate(manifest, "--model", models[0], "--over-flagging")
    assert refused.exit_code == 1
    assert "harmless" in refused.stderr
    posts = tmp_path / "everyday.jsonl"
    posts.write_text('{"id": "1", "text": "good morning", "labels": {}}', "utf-8")
    assert answer(posts, "--model", models[0], "--over-flagging")["over_flagging"]["posts"] == 1


def test_pictures_are_written_where_they_are_wanted(
    manifest: Path, models: list[Path], tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib comes with the extra train")
    found = answer(manifest, "--model", models[0], "--pictures", tmp_path / "pictures")
    assert all(Path(path).is_file() for path in found["pictures"])
    assert len(found["pictures"]) == 4
