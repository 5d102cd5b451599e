"""``moderation train`` and ``moderation evaluate``, end to end on a few made-up posts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moderation.model import Classifier
from tests.moderation.training.making import write_posts
from workers.cli import build_app

RUNNER = CliRunner()
QUICK = ("--preset", "tiny", "--threads", "1", "--speed", "8", "--device", "cpu")
NO_CURVES = "--no-curves"


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_posts(tmp_path_factory.mktemp("posts"))


@pytest.fixture(scope="module")
def model_folder(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("model")
    result = RUNNER.invoke(
        build_app(),
        ["train", str(manifest), "--output", str(output), *QUICK, NO_CURVES],
    )
    assert result.exit_code == 0, result.output
    return output


def test_training_writes_a_model_with_the_figures_of_its_dev_rows(model_folder: Path) -> None:
    metrics = json.loads((model_folder / "metrics.json").read_text("utf-8"))
    assert metrics["rows"] == 20
    assert metrics["slices"]["all"]["toxicity"]["labelled"] == 20
    assert metrics["model"] == Classifier.from_pretrained(model_folder).version


def test_a_finished_run_is_taken_up_from_its_stages(manifest: Path, model_folder: Path) -> None:
    before = Classifier.from_pretrained(model_folder).version
    result = RUNNER.invoke(
        build_app(), ["train", str(manifest), "--output", str(model_folder), *QUICK]
    )
    assert result.exit_code == 0, result.output
    assert "taken up from" in result.stderr
    assert Classifier.from_pretrained(model_folder).version == before


def test_one_encoder_can_be_trained_alone(manifest: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(
        build_app(),
        ["train", str(manifest), "--output", str(tmp_path), *QUICK, "--only", "text"],
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "stages").iterdir()} == {
        "curves.png",
        "history.jsonl",
        "tensorboard",
        "text.safetensors",
        "tokenizer.json",
    }
    assert not (tmp_path / "config.json").exists()


def test_a_recipe_that_names_no_number_ends_in_one_plain_line(
    manifest: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("text: {epoch: 1}", "utf-8")
    result = RUNNER.invoke(
        build_app(),
        ["train", str(manifest), "--output", str(tmp_path), *QUICK, "--recipe", str(recipe)],
    )
    assert result.exit_code == 1
    assert "no 'epoch' here" in " ".join(result.stderr.split())


def test_evaluation_prints_one_json_object(manifest: Path, model_folder: Path) -> None:
    result = RUNNER.invoke(
        build_app(),
        ["evaluate", str(manifest), "--model", str(model_folder), "--split", "dev", "--json"],
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["rows"] == 20
    assert report["slices"]["all"]["toxicity"]["labelled"] == 20


def test_evaluation_gives_intervals_and_takes_thresholds(
    manifest: Path, model_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.json").write_text('{"toxicity": 0.0}', "utf-8")
    arguments = ["--model", str(model_folder), "--thresholds", str(tmp_path / "t.json"), "--json"]
    result = RUNNER.invoke(
        build_app(), ["evaluate", str(manifest), *arguments, "--bootstrap", "20"]
    )
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)["slices"]["all"]["toxicity"]
    assert figures["recall"] == 1
    assert figures["threshold"] == 0
    assert len(figures["intervals"]["auroc"]) == 2


def test_evaluation_prints_a_table_for_people(manifest: Path, model_folder: Path) -> None:
    result = RUNNER.invoke(build_app(), ["evaluate", str(manifest), "--model", str(model_folder)])
    assert result.exit_code == 0, result.output
    assert "source made-up" in result.stdout
    assert "toxicity" in result.stdout


def test_a_missing_manifest_ends_in_one_plain_line(tmp_path: Path, model_folder: Path) -> None:
    result = RUNNER.invoke(
        build_app(), ["evaluate", str(tmp_path / "no.jsonl"), "--model", str(model_folder)]
    )
    assert result.exit_code == 1
    assert "no such manifest" in " ".join(result.stderr.split())


def test_a_folder_without_a_model_ends_in_one_plain_line(manifest: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(build_app(), ["evaluate", str(manifest), "--model", str(tmp_path)])
    assert result.exit_code == 1
    assert "no model folder" in " ".join(result.stderr.split())


def test_an_unknown_preset_is_refused(manifest: Path, tmp_path: Path) -> None:
    result = RUNNER.invoke(
        build_app(), ["train", str(manifest), "--output", str(tmp_path), "--preset", "huge"]
    )
    assert result.exit_code == 2


def test_a_model_folder_can_be_fine_tuned(
    manifest: Path, model_folder: Path, tmp_path: Path
) -> None:
    command = ["train", str(manifest), "--output", str(tmp_path), "--start", str(model_folder)]
    result = RUNNER.invoke(build_app(), [*command, *QUICK[2:], NO_CURVES])
    assert result.exit_code == 0, result.output
    assert f"text encoder starts from {model_folder}" in " ".join(result.stderr.split())
    old, new = (Classifier.from_pretrained(folder) for folder in (model_folder, tmp_path))
    assert new.config == old.config
    assert new.version != old.version
    missing = RUNNER.invoke(build_app(), [*command[:-1], str(tmp_path / "nothing"), *QUICK[2:]])
    assert missing.exit_code == 1
    assert "no model folder" in " ".join(missing.stderr.split())
    refused = RUNNER.invoke(build_app(), [*command, *QUICK])
    assert refused.exit_code == 2
    assert "--start" in refused.output


def test_training_without_dev_rows_ends_in_one_plain_line(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "1", "text": "a", "labels": {"spam": 0}}', "utf-8")
    result = RUNNER.invoke(
        build_app(), ["train", str(path), "--output", str(tmp_path), "--preset", "tiny"]
    )
    assert result.exit_code == 1
    assert 'split "dev"' in " ".join(result.stderr.split())
