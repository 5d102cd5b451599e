"""Intake and commits against a consumer that does as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError, TopicAuthorizationFailedError
from prometheus_client import CollectorRegistry

from tests.workers.moderator.making import PLACE
from workers.moderator.commits import Committer
from workers.moderator.errors import BrokerLostError
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.intake import Intake
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Record
from workers.streams import Watermarks

OTHER = TopicPartition("posts", 4)


@dataclass
class ScriptedConsumer:
    """Two partitions; each poll returns a record of each that is not paused."""

    polls_left: int
    stop: asyncio.Event
    next_offset: dict[TopicPartition, int] = field(default_factory=lambda: {PLACE: 0, OTHER: 0})
    held: set[TopicPartition] = field(default_factory=set)
    refusal: KafkaError | None = None
    committed: dict[TopicPartition, int] = field(default_factory=dict)

    def assignment(self) -> set[TopicPartition]:
        return set(self.next_offset)

    def paused(self) -> set[TopicPartition]:
        return set(self.held)

    def pause(self, *places: TopicPartition) -> None:
        self.held.update(places)

    def resume(self, *places: TopicPartition) -> None:
        self.held.difference_update(places)

    async def getmany(self, **_: int) -> dict[TopicPartition, list[Any]]:
        await asyncio.sleep(0)
        self.polls_left -= 1
        if self.polls_left == 0:
            self.stop.set()
        batches = {}
        for place in self.assignment() - self.held:
            offset = self.next_offset[place]
            self.next_offset[place] = offset + 1
            raw = SimpleNamespace(
                offset=offset, timestamp=0, key=b"k", value=b"{}", headers=(("h", None),)
            )
            batches[place] = [raw]
        return batches

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.committed |= offsets


def metrics() -> WorkerMetrics:
    return WorkerMetrics(CollectorRegistry())


async def test_partition_behind_a_stuck_record_waits_and_the_others_go_on() -> None:
    stop = asyncio.Event()
    consumer = ScriptedConsumer(polls_left=20, stop=stop)
    watermarks = Watermarks(max_span_records=5)
    watermarks.assign({PLACE: 0, OTHER: 0})
    taken: list[Record] = []

    def handle(records: Sequence[Record]) -> None:
        taken.extend(records)
        for record in records:
            if record.place == OTHER or record.offset > 0:  # the first of PLACE is never answered
                watermarks.finish(record.place, record.offset, record.epoch)

    intake = Intake(
        consumer,
        watermarks=watermarks,
        in_flight=InFlight(WaterMarks(1000, 500, 10**6, 10**5)),
        gates=(),
        handle=handle,
        metrics=metrics(),
        poll_posts=1,
    )
    await intake.run(stop)
    assert sum(record.place == PLACE for record in taken) == 5
    assert sum(record.place == OTHER for record in taken) == 20
    assert watermarks[PLACE].position == 0
    assert watermarks[OTHER].position == 20


async def test_nothing_is_taken_in_while_a_gate_is_closed() -> None:
    stop = asyncio.Event()
    consumer = ScriptedConsumer(polls_left=1, stop=stop)
    watermarks = Watermarks()
    watermarks.assign({PLACE: 0, OTHER: 0})
    asked = 0

    async def opens_at_the_third_time(_: float) -> bool:
        nonlocal asked
        asked += 1
        assert asked == 1 or consumer.held == {PLACE, OTHER}
        return asked == 3

    taken: list[Record] = []
    intake = Intake(
        consumer,
        watermarks=watermarks,
        in_flight=InFlight(WaterMarks(1000, 500, 10**6, 10**5)),
        gates=(opens_at_the_third_time,),
        handle=taken.extend,
        metrics=metrics(),
        poll_posts=1,
    )
    await intake.run(stop)
    assert asked == 3
    assert len(taken) == 2
    assert consumer.held == set()
    assert intake.idle_seconds < 60


def answered(offsets: int) -> Watermarks:
    watermarks = Watermarks()
    epoch = watermarks.assign({PLACE: 0})
    for offset in range(offsets):
        watermarks.begin(PLACE, offset)
        watermarks.finish(PLACE, offset, epoch)
    return watermarks


async def test_answered_prefix_is_committed_once() -> None:
    consumer = ScriptedConsumer(polls_left=0, stop=asyncio.Event())
    committer = Committer(consumer, answered(3), metrics())
    await committer.commit()
    assert consumer.committed == {PLACE: 3}
    consumer.committed.clear()
    await committer.commit()
    assert consumer.committed == {}


async def test_commit_after_a_rebalance_is_left_to_the_next_owner() -> None:
    watermarks = answered(3)
    consumer = ScriptedConsumer(0, asyncio.Event(), refusal=CommitFailedError())
    await Committer(consumer, watermarks, metrics()).commit()
    assert watermarks.committable() == {PLACE: 3}


async def test_commit_that_is_refused_for_good_stops_the_worker() -> None:
    consumer = ScriptedConsumer(0, asyncio.Event(), refusal=TopicAuthorizationFailedError())
    with pytest.raises(BrokerLostError, match="permissions"):
        await Committer(consumer, answered(1), metrics()).commit()
