"""Thresholds: read from a file, from a model folder, or the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.evaluation import ThresholdsError, model_thresholds, read_thresholds

CATEGORIES = ("spam", "hate")


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_what_a_file_leaves_out_has_the_default(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", '{"spam": 0.8}')
    assert read_thresholds(path, CATEGORIES) == {"spam": 0.8, "hate": 0.5}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"spam": 1.5}', "spam"),
        ('{"spma": 0.5}', "no category spma"),
        ('{"spam": "high"}', "no thresholds"),
        ('{"spam": NaN}', "spam"),
        ("[0.5]", "no thresholds"),
        ("", "no thresholds"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ThresholdsError, match=said):
        read_thresholds(write(tmp_path / "t.json", text), CATEGORIES)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ThresholdsError, match=r"none\.json"):
        read_thresholds(tmp_path / "none.json", CATEGORIES)


def test_a_model_folder_may_bring_its_own(tmp_path: Path) -> None:
    assert model_thresholds(tmp_path, CATEGORIES) == {"spam": 0.5, "hate": 0.5}
    write(tmp_path / "thresholds.json", '{"hate": 0.4}')
    assert model_thresholds(tmp_path, CATEGORIES) == {"spam": 0.5, "hate": 0.4}
