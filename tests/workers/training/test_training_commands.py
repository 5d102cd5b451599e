"""``moderation train`` and ``moderation evaluate``, end to end on a few made-up posts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from typer.testing import CliRunner

from moderation.model import Classifier
from workers.cli import build_app

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty posts that a tiny model can tell apart: by word, by brightness, by pitch."""
    folder = tmp_path_factory.mktemp("posts")
    draw = np.random.default_rng(1)
    lines = []
    for number in range(40):
        bad = number % 2
        row = {
            "id": str(number),
            "labels": {"toxicity": bad},
            "split": "dev" if number % 4 > 1 else "train",
            "source": "made-up",
        }
        kind = number % 5
        if kind < 3:
            row["text"] = f"{'zzz' if bad else 'aaa'} {number}"
        if kind in {2, 3}:
            pixels = draw.integers(0, 40, (20, 20, 3)) + 200 * bad
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
            row["image"] = f"{number}.png"
        if kind == 4:
            time = np.arange(4000) / 16_000
            tone = np.sin(2 * np.pi * (2000 if bad else 200) * time).astype(np.float32)
            soundfile.write(folder / f"{number}.wav", tone, 16_000)
            row["audio"] = f"{number}.wav"
        lines.append(json.dumps(row))
    path = folder / "posts.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def model_folder(manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("model")
    result = RUNNER.invoke(
        build_app(),
        ["train", str(manifest), "--output", str(output), "--preset", "tiny", "--speed", "2"],
    )
    assert result.exit_code == 0, result.output
    return output


def test_training_learns_a_tiny_set(model_folder: Path) -> None:
    metrics = json.loads((model_folder / "metrics.json").read_text("utf-8"))
    assert metrics["slices"]["all"]["toxicity"]["auroc"] > 0.8
    assert metrics["model"] == Classifier.from_pretrained(model_folder).version


def test_a_finished_run_is_taken_up_from_its_stages(manifest: Path, model_folder: Path) -> None:
    before = Classifier.from_pretrained(model_folder).version
    result = RUNNER.invoke(
        build_app(), ["train", str(manifest), "--output", str(model_folder), "--preset", "tiny"]
    )
    assert result.exit_code == 0, result.output
    assert "taken up from" in result.stderr
    assert Classifier.from_pretrained(model_folder).version == before


def test_evaluation_prints_one_json_object(manifest: Path, model_folder: Path) -> None:
    result = RUNNER.invoke(
        build_app(),
        ["evaluate", str(manifest), "--model", str(model_folder), "--split", "dev", "--json"],
    )
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["rows"] == 20
    assert report["slices"]["all"]["toxicity"]["labelled"] == 20


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


def test_training_without_dev_rows_ends_in_one_plain_line(tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"id": "1", "text": "a", "labels": {"spam": 0}}', "utf-8")
    result = RUNNER.invoke(
        build_app(), ["train", str(path), "--output", str(tmp_path), "--preset", "tiny"]
    )
    assert result.exit_code == 1
    assert 'split "dev"' in " ".join(result.stderr.split())
