"""The loop of a stage: what it keeps, when it stops, and that an interruption leaves no trace."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from moderation.training import StageRecipe, TrainingError
from moderation.training.history import read_history
from moderation.training.stage import run_stage, schedule
from tests.moderation.training.toy import Interrupt, Notes, Toy, setting_in

RECIPE = StageRecipe(epochs=6, learning_rate=0.2, batch_cost=2, ema_decay=0.5, patience=0)


def test_a_stage_learns(tmp_path: Path) -> None:
    toy = Toy()
    run_stage(toy, dataclasses.replace(RECIPE, epochs=30), setting_in(tmp_path))
    assert toy.weight.item() == pytest.approx(2.7, abs=0.8)


@pytest.mark.parametrize("after", [1, 5, 8, 21])
def test_an_interrupted_stage_ends_as_if_it_had_never_stopped(tmp_path: Path, after: int) -> None:
    whole, first, second = Toy(), Toy(), Toy()
    run_stage(whole, RECIPE, setting_in(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        run_stage(first, RECIPE, setting_in(tmp_path / "parts", Interrupt(after)))
    torch.manual_seed(99)
    run_stage(second, RECIPE, setting_in(tmp_path / "parts"))
    assert second.weight.item() == whole.weight.item()
    assert len(second.judged) <= len(whole.judged)
    steps = [line["step"] for line in read_history(tmp_path / "parts") if "dev" in line]
    assert steps == [4, 8, 12, 16, 20, 24]


def test_a_stage_does_not_depend_on_what_was_drawn_before(tmp_path: Path) -> None:
    one, other = Toy(), Toy()
    run_stage(one, RECIPE, setting_in(tmp_path / "one"))
    torch.manual_seed(5)
    torch.rand(3)
    run_stage(other, RECIPE, setting_in(tmp_path / "other"))
    assert one.weight.item() == other.weight.item()


def test_the_weights_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    toy = Toy(figures=[0.6, 0.9, 0.7, 0.8, 0.7, 0.6])
    run_stage(toy, RECIPE, setting_in(tmp_path))
    assert toy.weight.item() == toy.judged[1]


def test_of_epochs_that_are_as_good_the_last_is_kept(tmp_path: Path) -> None:
    toy = Toy(figures=[0.6, 0.9, 0.7, 0.9, 0.7, 0.6])
    run_stage(toy, RECIPE, setting_in(tmp_path))
    assert toy.weight.item() == toy.judged[3]


def test_without_a_dev_figure_the_last_weights_are_kept(tmp_path: Path) -> None:
    toy = Toy(figures=[None] * 6)
    run_stage(toy, dataclasses.replace(RECIPE, patience=1), setting_in(tmp_path))
    assert len(toy.judged) == 6
    assert toy.weight.item() == toy.judged[-1]


def test_a_stage_stops_when_patience_is_at_an_end(tmp_path: Path) -> None:
    toy, notes = Toy(figures=[0.6, 0.9, 0.8, 0.85, 0.95, 0.95]), Notes()
    run_stage(toy, dataclasses.replace(RECIPE, patience=2), setting_in(tmp_path, notes))
    assert len(toy.judged) == 4
    assert notes.lines[-1] == "stopped: no better dev figure for 2 epochs"


def test_a_stage_stops_at_its_limit_of_minutes_and_is_measured(tmp_path: Path) -> None:
    toy, notes = Toy(), Notes()
    run_stage(toy, dataclasses.replace(RECIPE, max_minutes=0), setting_in(tmp_path, notes))
    assert len(toy.judged) == 1
    assert notes.lines[-1] == "stopped at the limit of 0 minutes"


def test_a_checkpoint_of_other_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_stage(Toy(), RECIPE, setting_in(tmp_path, Interrupt(3)))
    with pytest.raises(TrainingError, match=r"toy\.partial\.pt was written for 8 numbers"):
        run_stage(Toy(rows=10), RECIPE, setting_in(tmp_path))


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "toy.partial.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(TrainingError, match=r"toy\.partial\.pt is no checkpoint"):
        run_stage(Toy(), RECIPE, setting_in(tmp_path))


def test_the_history_has_losses_and_dev_figures(tmp_path: Path) -> None:
    run_stage(Toy(), RECIPE, setting_in(tmp_path))
    lines = read_history(tmp_path)
    assert {line["stage"] for line in lines} == {"toy"}
    assert [line["pairs"].keys() for line in lines if "dev" in line] == [{"toy spam"}] * 6
    steps = [line for line in lines if "loss" in line]
    assert all(line["learning_rate"] >= 0 and line["parts"]["labels"] >= 0 for line in steps)


def test_the_learning_rate_rises_then_falls_to_nothing() -> None:
    assert schedule(0.05, 0.1) == pytest.approx(0.5)
    assert schedule(0.1, 0.1) == 1
    assert schedule(0.55, 0.1) == pytest.approx(0.5)
    assert schedule(1, 0.1) == 0
