"""``moderation distil``, ``quantise`` and ``prune``, end to end on a tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from moderation.model import Classifier, tiny_classifier
from tests.moderation.training.making import write_posts
from workers.cli import build_app

RUNNER = CliRunner()
CPU = ("--device", "cpu")


pytestmark = pytest.mark.usefixtures("one_torch_thread")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_posts(tmp_path_factory.mktemp("posts"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tiny_classifier().save_pretrained(folder)
    return folder


def run(*arguments: str | Path) -> str:
    result = RUNNER.invoke(build_app(), [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stderr


def test_distil_writes_a_student_of_the_preset(model: Path, manifest: Path, tmp_path: Path) -> None:
    output = tmp_path / "student"
    said = run(
        "distil", model, manifest, "--student-preset", "tiny", "--output", output,
        "--epochs", "1", *CPU,
    )  # fmt: skip
    student = Classifier.from_pretrained(output)
    assert student.config.name == "tiny"
    assert student.version != Classifier.from_pretrained(model).version
    assert student.version in said.replace("\n", "")


def test_quantise_writes_a_smaller_folder(model: Path, tmp_path: Path) -> None:
    run("quantise", model, "--output", tmp_path / "int8")
    small, large = (f / "model.safetensors" for f in (tmp_path / "int8", model))
    assert small.stat().st_size < large.stat().st_size
    assert Classifier.from_pretrained(tmp_path / "int8").config.storage == "int8"


def test_prune_without_posts_goes_by_weight(model: Path, tmp_path: Path) -> None:
    run("prune", model, "--heads", "0.5", "--feed-forward", "0.25", "--output", tmp_path)
    text = Classifier.from_pretrained(tmp_path).config.text
    assert (text.heads, text.feed_forward) == (1, 48)


def test_prune_with_posts_ranks_by_loss_and_teaches_what_is_left(
    model: Path, manifest: Path, tmp_path: Path
) -> None:
    said = run(
        "prune", model, "--feed-forward", "0.5", "--heads", "0", "--manifest", manifest,
        "--output", tmp_path, *CPU,
    )  # fmt: skip
    assert "teaching" in said
    assert Classifier.from_pretrained(tmp_path).config.text.feed_forward == 32


def test_what_is_no_model_is_told_in_one_line(tmp_path: Path) -> None:
    result = RUNNER.invoke(
        build_app(), ["quantise", str(tmp_path), "--output", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "is no model folder" in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()
