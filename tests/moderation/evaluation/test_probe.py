"""The linear probe reads off what the encoder's vectors hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from moderation.evaluation import EvaluationError, Row, event_probe
from moderation.model import tiny_classifier

pytest.importorskip("sklearn", reason="scikit-learn comes with the extra train")


def sounds(folder: Path, count: int, name: str) -> list[Row]:
    """Hum and hiss, which even a random encoder keeps apart."""
    draw = np.random.default_rng(len(name))
    rows = []
    for number in range(count):
        time = np.arange(8000) / 16_000
        hum = 0.5 * np.sin(2 * np.pi * draw.uniform(80, 120) * time)
        wave = hum if number % 2 else draw.normal(0, 0.3, 8000)
        path = folder / f"{name}{number}.wav"
        soundfile.write(path, wave.astype(np.float32), 16_000)
        rows.append(Row(f"{name}{number}", audio=path, event="hum" if number % 2 else "hiss"))
    return rows


def test_hum_and_hiss_are_told_apart(tmp_path: Path) -> None:
    found = event_probe(tiny_classifier(), sounds(tmp_path, 12, "a"), sounds(tmp_path, 8, "bb"))
    assert found.classes == ["hiss", "hum"]
    assert found.accuracy == 1
    assert found.chance == 0.5
    assert found.confusion == [[4, 0], [0, 4]]
    assert found.low < 1


def test_a_sound_without_an_event_is_refused(tmp_path: Path) -> None:
    rows = sounds(tmp_path, 2, "a")
    with pytest.raises(EvaluationError, match="event"):
        event_probe(tiny_classifier(), rows, [Row("x", audio=rows[0].audio)])
