"""``moderation dataset``."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from moderation.evaluation import read_manifest
from moderation.training.datasets import SETS
from tests.moderation.training.datasets.making import make_text_clone
from workers.cli import build_app


def test_list_names_every_set_with_its_licence() -> None:
    result = CliRunner().invoke(build_app(), ["dataset", "list"], env={"COLUMNS": "300"})
    assert result.exit_code == 0
    for name, public in SETS.items():
        assert name in result.output
        assert public.repository in result.output
        assert public.commit in result.output


def test_a_clone_becomes_a_manifest_that_training_reads(tmp_path: Path) -> None:
    clone, manifest = make_text_clone("cold", tmp_path / "clone"), tmp_path / "cold.jsonl.gz"
    command = ["dataset", "cold", str(clone), "--output", str(manifest)]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 0, result.output
    assert [row.text for row in read_manifest(manifest)] == ["你们都是骗子", "今天天气好"]
    assert "2 rows" in result.output


def test_a_wrong_folder_is_told_in_one_line(tmp_path: Path) -> None:
    command = ["dataset", "cold", str(tmp_path), "--output", str(tmp_path / "m.jsonl")]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 1
    assert "error:" in result.output
    assert "missing" in result.output


def test_a_set_without_folder_is_refused() -> None:
    assert CliRunner().invoke(build_app(), ["dataset", "cold"]).exit_code == 2
