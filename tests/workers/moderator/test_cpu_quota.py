"""A container that may take the time of two cores is not given a thread for each of sixty-four."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from workers.moderator import machine_settings
from workers.moderator.cpu_quota import cpu_quota
from workers.moderator.machine_settings import available_cores
from workers.moderator.settings import ModeratorSettings


def limited(tmp_path: Path, own_group: str, **limits: str) -> float:
    """The quota of a process in that group, where the groups have these limits."""
    own = tmp_path / "own"
    own.write_text(own_group)
    for group, limit in limits.items():
        folder = tmp_path / "cgroups" / group.replace("_", "/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(limit)
    return cpu_quota(tmp_path / "cgroups", own)


def test_the_least_of_all_groups_around_a_process_holds(tmp_path: Path) -> None:
    limits = {"pods": "400000 100000\n", "pods_a": "max 100000\n", "pods_a_b": "800000 100000\n"}
    assert limited(tmp_path, "0::/pods/a/b\n", **limits) == 4.0


@pytest.mark.parametrize(
    "own_group", ["0::/\n", "0::/elsewhere\n", "4:cpu,cpuacct:/pods\n", "", "nonsense"]
)
def test_without_a_limit_there_is_none(tmp_path: Path, own_group: str) -> None:
    assert limited(tmp_path, own_group, pods="100000 100000\n") == math.inf


def test_where_there_are_no_control_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert cpu_quota(tmp_path / "nowhere", tmp_path / "nothing") == math.inf


@pytest.mark.parametrize(
    ("quota", "cores"), [(math.inf, 64), (100.0, 64), (2.0, 2), (1.5, 2), (0.1, 1)]
)
def test_cores_are_as_many_as_may_be_kept_busy(
    monkeypatch: pytest.MonkeyPatch, quota: float, cores: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: set(range(64)))
    monkeypatch.setattr(machine_settings, "cpu_quota", lambda: quota)
    assert available_cores() == cores
    assert ModeratorSettings().scoring_threads_for(on_cpu=True) == min(cores, 4)
