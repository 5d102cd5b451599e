"""A fault on purpose comes at its step, at its time, and nowhere else."""

from __future__ import annotations

import os
import signal

import pytest
from pydantic import ValidationError

from workers.moderator.faults import FaultPoint, Step
from workers.moderator.settings import ModeratorSettings


@pytest.fixture
def signals(monkeypatch: pytest.MonkeyPatch) -> list[signal.Signals]:
    """The signals that this process has sent itself, without their effect."""
    sent: list[signal.Signals] = []

    def keep(pid: int, number: signal.Signals) -> None:
        assert pid == os.getpid()
        sent.append(number)

    monkeypatch.setattr("os.kill", keep)
    return sent


def test_nothing_happens_unless_asked_for(signals: list[signal.Signals]) -> None:
    point = FaultPoint(None)
    for step in Step:
        point.reach(step)
    assert signals == []


def test_it_comes_once_when_its_step_is_reached_for_the_nth_time(
    signals: list[signal.Signals],
) -> None:
    point = FaultPoint("SIGKILL@before_commit:2")
    for count in (0, 1, 1):
        for step in Step:
            point.reach(step)
        assert signals == [signal.SIGKILL] * count


def test_without_a_number_it_comes_at_the_first_time(signals: list[signal.Signals]) -> None:
    FaultPoint("SIGSTOP@after_send").reach(Step.AFTER_SEND)
    assert signals == [signal.SIGSTOP]


@pytest.mark.parametrize("step", list(Step))
def test_every_step_can_be_set(step: Step) -> None:
    assert ModeratorSettings(fault=f"SIGKILL@{step}:7").fault == f"SIGKILL@{step}:7"


@pytest.mark.parametrize("text", ["SIGTERM@before_send", "SIGKILL@", "SIGKILL@before_send:0", "x"])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ModeratorSettings(fault=text)
