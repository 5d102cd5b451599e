"""Settings that cannot work are refused, in words that say what to change."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from workers.moderator.machine_settings import available_cores
from workers.moderator.process import describe_invalid
from workers.moderator.settings import ModeratorSettings


@pytest.mark.parametrize("unit", ["posts", "bytes"])
def test_low_mark_must_be_below_the_high_one(unit: str) -> None:
    with pytest.raises(ValidationError, match=f"low_water_{unit}"):
        ModeratorSettings(**{f"low_water_{unit}": 5, f"high_water_{unit}": 5})


def test_hosts_are_given_by_comma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_WORKER_MEDIA_HOSTS", "cdn.example.com, *.media.example.com,")
    assert ModeratorSettings().media_hosts == ("cdn.example.com", "*.media.example.com")


def test_threads_left_open_follow_the_cores_of_the_process() -> None:
    chosen = ModeratorSettings()
    side_by_side = chosen.scoring_threads_for(on_cpu=True)
    assert 1 <= side_by_side <= available_cores()
    assert 1 <= side_by_side * chosen.torch_threads_for(on_cpu=True) <= available_cores()
    assert chosen.decode_threads_chosen >= 2


def test_a_gpu_is_driven_by_one_thread() -> None:
    chosen = ModeratorSettings()
    assert chosen.scoring_threads_for(on_cpu=False) == chosen.torch_threads_for(on_cpu=False) == 1


@pytest.mark.parametrize("on_cpu", [True, False])
def test_threads_that_are_given_are_taken(*, on_cpu: bool) -> None:
    given = ModeratorSettings(scoring_threads=2, torch_threads=3, decode_threads=5)
    assert given.scoring_threads_for(on_cpu=on_cpu) == 2
    assert given.torch_threads_for(on_cpu=on_cpu) == 3
    assert given.decode_threads_chosen == 5


def test_wrong_variables_are_told_by_name_without_their_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODERATION_WORKER_AUDIT_SAMPLE_RATE", "12345")
    monkeypatch.setenv("MODERATION_WORKER_HTTP_PORT", "hunter2")
    with pytest.raises(ValidationError) as caught:
        ModeratorSettings()
    told = describe_invalid(caught.value)
    assert "MODERATION_WORKER_AUDIT_SAMPLE_RATE: Input should be less than or equal to 1" in told
    assert "MODERATION_WORKER_HTTP_PORT" in told
    assert "12345" not in told
    assert "hunter2" not in told
