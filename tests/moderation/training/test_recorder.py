"""Where losses and figures go."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from moderation.training.curves import CURVES_FILE, draw_curves
from moderation.training.history import History, read_history
from moderation.training.recorder import BOARD_FOLDER, Recorder, curves_can_be_drawn

NEEDS_EXTRA = pytest.mark.skipif(
    not curves_can_be_drawn(), reason="needs matplotlib and tensorboard: the extra 'train'"
)


def fill(recorder: Recorder) -> None:
    for step in range(3):
        recorder.write(
            step=step, loss=1 / (step + 1), learning_rate=0.1, parts={"labels": 1 / (step + 1)}
        )
    recorder.write(step=3, dev=0.75, pairs={"cold toxicity": 0.75}, beside={}, best=True)
    recorder.write(step=4, dev=None, pairs={}, beside={}, best=True)


def test_a_stage_that_starts_again_forgets_its_lines_and_only_those(tmp_path: Path) -> None:
    for stage in ("text", "image"):
        fill(Recorder(tmp_path, stage, step=0, curves=False))
    History(tmp_path, "image", step=0)
    assert {line["stage"] for line in read_history(tmp_path)} == {"text"}


def test_a_stage_that_goes_on_forgets_what_it_will_do_again(tmp_path: Path) -> None:
    fill(Recorder(tmp_path, "text", step=0, curves=False))
    History(tmp_path, "text", step=2)
    assert [line["step"] for line in read_history(tmp_path)] == [0, 1, 2]


def test_without_curves_the_history_is_all(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "text", step=0, curves=False)
    fill(recorder)
    recorder.close()
    assert [path.name for path in tmp_path.iterdir()] == ["history.jsonl"]


@NEEDS_EXTRA
def test_curves_are_a_picture_with_a_row_a_stage(tmp_path: Path) -> None:
    fill(Recorder(tmp_path, "text", step=0, curves=False))
    with Image.open(draw_curves(tmp_path)) as one:
        short = one.height
    fill(Recorder(tmp_path, "image", step=0, curves=False))
    with Image.open(draw_curves(tmp_path)) as two:
        assert two.height == pytest.approx(2 * short, abs=2)


@NEEDS_EXTRA
def test_tensorboard_reads_the_events(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    recorder = Recorder(tmp_path, "text", step=0, curves=True)
    fill(recorder)
    recorder.close()
    assert (tmp_path / CURVES_FILE).is_file()
    events = EventAccumulator(str(tmp_path / BOARD_FOLDER / "text"))
    events.Reload()
    assert [event.step for event in events.Scalars("loss")] == [0, 1, 2]
    assert events.Scalars("pairs/cold toxicity")[0].value == 0.75
