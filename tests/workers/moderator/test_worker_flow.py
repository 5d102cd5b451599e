"""The worker takes in what it can hold, and hands its partitions over without a gap."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from schemas import TOPICS, Media, Verdict
from tests.support.kafka import committed_offsets, produce_posts, read_messages
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import ChokingScorer, GatedScorer, make_post
from tests.workers.moderator.running import Worker, running_worker
from workers.moderator.errors import DeviceLostError
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka


async def answered(kafka: KafkaSettings) -> Counter[str]:
    """How often each post has been answered."""
    verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
    return Counter(verdict.post_id for verdict in verdicts)


async def lag(worker: Worker, records: float) -> None:
    """Wait until so many records wait for an answer."""

    async def is_so() -> bool:
        return await worker.metric("moderation_consumer_lag_records") == records

    await eventually_async(is_so, within_seconds=30, describe=f"a lag of {records:g}")


async def test_intake_pauses_when_many_posts_wait_and_goes_on_when_they_are_answered(
    kafka_settings: KafkaSettings,
) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post(f"post-{i}") for i in range(300)])
    scorer = GatedScorer()
    async with running_worker(
        kafka_settings, scorer, high_water_posts=40, low_water_posts=10, poll_posts=20
    ) as worker:
        await worker.reaches("moderation_intake_paused", 1)
        await lag(worker, 300)
        assert 40 <= await worker.metric("moderation_in_flight_posts") < 60
        assert await worker.status("/readyz") == (200, [])
        scorer.gate.set()
        await worker.reaches("moderation_verdicts_total", 300)
        await lag(worker, 0)
        assert await worker.metric("moderation_intake_paused") == 0
        assert await worker.metric("moderation_in_flight_bytes") == 0
    assert set((await answered(kafka_settings)).values()) == {1}


async def test_intake_pauses_when_few_but_heavy_posts_wait(kafka_settings: KafkaSettings) -> None:
    heavy = [make_post(f"post-{i}", images=(Media(data=bytes(100_000)),)) for i in range(40)]
    await produce_posts(kafka_settings, TOPICS.posts, heavy)
    scorer = GatedScorer()
    async with running_worker(
        kafka_settings, scorer, high_water_bytes=500_000, low_water_bytes=200_000, poll_posts=2
    ) as worker:
        await worker.reaches("moderation_intake_paused", 1)
        assert 500_000 <= await worker.metric("moderation_in_flight_bytes") < 900_000
        scorer.gate.set()
        await worker.reaches("moderation_verdicts_total", 40)
    assert len(await answered(kafka_settings)) == 40


async def test_stopping_answers_and_commits_what_is_in_flight(
    kafka_settings: KafkaSettings,
) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post(f"post-{i}") for i in range(30)])
    scorer = GatedScorer()
    async with running_worker(kafka_settings, scorer, commit_seconds=600) as worker:
        await worker.reaches("moderation_in_flight_posts", 30)
        worker.stop.set()

        async def draining() -> bool:
            return "the worker is stopping" in (await worker.status("/readyz"))[1]

        await eventually_async(draining)
        scorer.gate.set()
        await asyncio.wait_for(worker.task, 30)
    assert set((await answered(kafka_settings)).values()) == {1}
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert sum(committed.values()) == 30


async def test_what_is_not_answered_by_the_deadline_is_left_to_the_next_worker(
    kafka_settings: KafkaSettings,
) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post(f"post-{i}") for i in range(30)])
    stuck = GatedScorer()
    async with running_worker(kafka_settings, stuck, drain_seconds=0.2) as worker:
        await worker.reaches("moderation_in_flight_posts", 30)
        worker.stop.set()
        await asyncio.wait([worker.task])
    stuck.gate.set()
    assert not await answered(kafka_settings)
    assert not await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    async with running_worker(kafka_settings) as successor:
        await successor.reaches("moderation_verdicts_total", 30)
    assert set((await answered(kafka_settings)).values()) == {1}


async def test_partitions_move_between_workers_and_every_post_is_answered_once(
    kafka_settings: KafkaSettings,
) -> None:
    posts = [make_post(f"post-{i}") for i in range(600)]
    async with running_worker(kafka_settings) as first:
        await produce_posts(kafka_settings, TOPICS.posts, posts[:200])
        await first.reaches("moderation_verdicts_total", 50)
        async with running_worker(kafka_settings) as second:
            await produce_posts(kafka_settings, TOPICS.posts, posts[200:400])
            await second.is_ready()
            await first.reaches("moderation_rebalances_total", 2)
        await first.reaches("moderation_rebalances_total", 3)
        await produce_posts(kafka_settings, TOPICS.posts, posts[400:])

        async def all_answered() -> bool:
            return len(await answered(kafka_settings)) == 600

        await eventually_async(all_answered, within_seconds=60)
    assert set((await answered(kafka_settings)).values()) == {1}


async def test_lost_device_stops_the_worker_and_answers_nothing_wrong(
    kafka_settings: KafkaSettings,
) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post("post-1")])
    scorer = ChokingScorer("post-1", OSError("unplugged"))
    with pytest.raises(DeviceLostError, match="unplugged"):
        async with running_worker(kafka_settings, scorer, broken=(OSError,)) as worker:
            await asyncio.wait([worker.task])
    assert not await answered(kafka_settings)
    assert not await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
