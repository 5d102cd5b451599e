"""Recorded posts under two policies, in one process and in several."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import Policy, RecordedCase
from schemas import Action
from tests.workers.policy.backtest.making import (
    NEW,
    OLD,
    WITH_QUOTAS,
    lines,
    policies,
    recorded,
)
from workers.offline.jsonl import Line
from workers.policy.backtest.chunks import chunks_of
from workers.policy.backtest.errors import BacktestError
from workers.policy.backtest.replay import Replay, process_pool, replay

WORKERS = 3


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    with process_pool(WORKERS) as running:
        assert running is not None
        yield running


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Policy, Policy]:
    """Policies whose quotas tie every post to those before it."""
    return policies(tmp_path_factory.mktemp("tied"), OLD, WITH_QUOTAS)


def run(
    pair: tuple[Policy, Policy], records: list[Line], *, size: int = 2, pool: Executor | None = None
) -> Replay:
    workers = 1 if pool is None else WORKERS
    return replay(*pair, chunks_of(records, size), pool=pool, workers=workers, skip_bad=True)


probabilities = st.sampled_from([0.0, 0.35, 0.45, 0.6, 0.75, 0.85, 0.95])
records = st.lists(
    st.builds(
        recorded,
        st.integers(0, 500),
        spam=probabilities,
        hate=probabilities,
        reach=st.sampled_from([0, 200, 2_000, 9_000]),
        surface=st.sampled_from(["feed", "comment"]),
        person=st.none() | st.sampled_from(Action),
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(records, st.integers(1, 7), st.sets(st.integers(0, 24), max_size=2))
def test_processes_and_chunks_change_nothing(
    pool: Executor, tied: tuple[Policy, Policy], given: list[RecordedCase], size: int, bad: set[int]
) -> None:
    found = lines(given)
    for number in bad:
        found[number : number + 1] = [Line(f"posts.jsonl:{number + 1}", b"{}")]
    alone = run(tied, found, size=len(found) or 1)
    assert asdict(run(tied, found, size=size, pool=pool)) == asdict(alone)
    assert asdict(run(tied, found, size=size)) == asdict(alone)


def test_quotas_are_used_up_in_the_order_of_the_records(tied: tuple[Policy, Policy]) -> None:
    far = [recorded(minute, reach=9_000) for minute in range(8)]
    found = run(tied, lines(far)).comparison
    assert dict(found.changes) == {(Action.REVIEW, Action.REMOVE): 3}
    assert [one.post_id for one in found.examples[Action.REVIEW, Action.REMOVE]] == [
        "p-0",
        "p-1",
        "p-2",
    ]


def test_each_policy_has_quotas_of_its_own(tmp_path: Path) -> None:
    quota = NEW.replace("far, ", "far, quota: {posts: 2, per: 1h}, ").replace(
        "{action: review}", "{action: remove}"
    )
    far = [recorded(minute, reach=9_000) for minute in range(5)]
    found = run(policies(tmp_path, quota, quota + "# the same\n"), lines(far)).comparison
    assert found.changed == 0
    assert found.queues == {("default", "before"): 3, ("default", "after"): 3}


def test_a_quota_refills_by_the_time_of_the_records(tied: tuple[Policy, Policy]) -> None:
    far = [recorded(minute, reach=9_000) for minute in range(0, 600, 60)]
    found = run(tied, lines(far)).comparison
    assert found.changes == {(Action.REVIEW, Action.REMOVE): 10}


def test_a_bad_record_ends_the_backtest_and_is_named(
    tied: tuple[Policy, Policy], pool: Executor
) -> None:
    found = lines([recorded(number) for number in range(9)])
    found[5], found[7] = Line("posts.jsonl:6", b"{}"), Line("posts.jsonl:8", b"[]")
    with pytest.raises(BacktestError, match=r"^posts\.jsonl:6: is no recorded case: post: "):
        replay(*tied, chunks_of(found, 2), pool=pool, workers=WORKERS)


def test_bad_records_are_counted_when_asked_to(tied: tuple[Policy, Policy]) -> None:
    found = lines([recorded(number) for number in range(3)])
    found[1] = Line("posts.jsonl:2", b"{}")
    done = run(tied, found)
    assert (done.comparison.posts, done.skipped) == (2, 1)
    assert [bad.number for bad in done.bad] == [2]


def test_a_policy_that_is_changed_meanwhile_ends_the_backtest(
    tmp_path: Path, pool: Executor
) -> None:
    pair = policies(tmp_path)
    pair[1].path.write_text(OLD, encoding="utf-8")
    with pytest.raises(BacktestError, match="was changed during the backtest"):
        run(pair, lines([recorded(1)]), pool=pool)


def test_progress_is_told_in_records(tied: tuple[Policy, Policy]) -> None:
    told: list[int] = []
    found = chunks_of(lines([recorded(number) for number in range(5)]), 2)
    replay(*tied, found, advance=told.append)
    assert told == [2, 2, 1]
