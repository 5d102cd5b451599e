"""Partitions come and go; how long nothing is taken in meanwhile is timed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from tests.workers.moderator.making import PLACE
from workers.moderator.answers import Answer
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.ownership import Ownership
from workers.streams import Watermarks

DRAIN_SECONDS = 4.0
HANDING_OUT_SECONDS = 2.0


class Time:
    """Stands still but for what a test lets pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now


class QuietConsumer:
    """In a group, by word of the test alone."""

    def subscribe(self, topics: Sequence[str], listener: object) -> None:
        del topics, listener

    def pause(self, *places: TopicPartition) -> None:
        del places


class SlowDelivery:
    """Takes its time to settle, and says when somebody else has a partition."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self.on_fenced: Callable[[], object] = lambda: None

    async def deliver(self, answers: Sequence[Answer]) -> None:
        raise AssertionError(answers)

    async def run(self) -> None:
        raise AssertionError

    def may_read(self, place: TopicPartition) -> bool:
        return bool(place)

    def assigned(self, places: Collection[TopicPartition], on_fenced: Callable[[], object]) -> None:
        del places
        self.on_fenced = on_fenced

    async def settle(self) -> None:
        self._time.now += DRAIN_SECONDS

    async def revoked(self, places: Collection[TopicPartition]) -> None:
        del places


class Member:
    """A worker of the group, and what it counts."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.metrics = WorkerMetrics(CollectorRegistry())
        self.delivery = SlowDelivery(time)
        self.ownership = Ownership(
            QuietConsumer(),
            watermarks=Watermarks(),
            in_flight=InFlight(WaterMarks(1000, 500, 10**9, 10**8)),
            delivery=self.delivery,
            topics=("posts", "posts.retry"),
            drain_seconds=20,
            on_assigned=lambda _: None,
            on_failure=lambda error: pytest.fail(str(error)),
            metrics=self.metrics,
        )

    async def is_given(self, *places: TopicPartition) -> None:
        self.time.now += HANDING_OUT_SECONDS
        await self.ownership.on_partitions_assigned(places)

    @property
    def rebalances(self) -> list[float]:
        """How many there were, and how many seconds they took together."""
        value = self.metrics.registry.get_sample_value
        return [value(f"moderation_rebalance_seconds_{one}") or 0.0 for one in ("count", "sum")]


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Member:
    time = Time()
    monkeypatch.setattr("workers.moderator.ownership.time", SimpleNamespace(monotonic=time.read))
    return Member(time)


async def test_joining_is_timed_from_the_subscription_on(member: Member) -> None:
    member.time.now += 60  # the model is loaded meanwhile
    member.ownership.subscribe()
    await member.ownership.on_partitions_revoked(())
    assert member.rebalances == [0, 0]
    await member.is_given(PLACE)
    assert member.rebalances == [1, HANDING_OUT_SECONDS]
    assert member.ownership.partitions == {PLACE.partition}


async def test_a_rebalance_is_timed_with_its_drain(member: Member) -> None:
    member.ownership.subscribe()
    await member.is_given(PLACE)
    member.time.now += 3600  # judging
    await member.ownership.on_partitions_revoked((PLACE,))
    await member.is_given(PLACE)
    assert member.rebalances == [2, HANDING_OUT_SECONDS + DRAIN_SECONDS + HANDING_OUT_SECONDS]


async def test_a_partition_that_is_somebody_elses_begins_one(member: Member) -> None:
    member.ownership.subscribe()
    await member.is_given(PLACE)
    member.time.now += 3600
    member.delivery.on_fenced()
    member.time.now += 5  # until the consumer notices
    await member.ownership.on_partitions_revoked((PLACE,))
    await member.is_given()
    lasted = 5 + DRAIN_SECONDS + HANDING_OUT_SECONDS
    assert member.rebalances == [2, HANDING_OUT_SECONDS + lasted]
    assert not member.ownership.rebalancing
