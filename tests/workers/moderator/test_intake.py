"""Intake against a consumer that does as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from schemas import RETRY_HEADER, Retry
from tests.workers.moderator.making import NOON, PLACE
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.intake import Intake
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Record
from workers.streams import Watermarks

OTHER = TopicPartition("posts", 4)
RETRY = TopicPartition("posts.retry", 3)


@dataclass
class ScriptedConsumer:
    """Two partitions; each poll returns a record of each that is not paused."""

    polls_left: int
    stop: asyncio.Event
    next_offset: dict[TopicPartition, int] = field(default_factory=lambda: {PLACE: 0, OTHER: 0})
    held: set[TopicPartition] = field(default_factory=set)
    headers: tuple[tuple[str, bytes | None], ...] = (("h", None),)

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
                offset=offset, timestamp=0, key=b"k", value=b"{}", headers=self.headers
            )
            batches[place] = [raw]
        return batches

    def seek(self, place: TopicPartition, offset: int) -> None:
        self.next_offset[place] = offset


def make_intake(
    consumer: ScriptedConsumer,
    watermarks: Watermarks,
    handle: Callable[[Sequence[Record]], object],
    **given: Any,
) -> Intake:
    """An intake that takes one record a poll, and everything that comes."""
    usual: dict[str, Any] = {
        "in_flight": InFlight(WaterMarks(1000, 500, 10**6, 10**5)),
        "gates": (),
        "may_read": lambda _place: True,
        "retry_topic": RETRY.topic,
        "metrics": WorkerMetrics(CollectorRegistry()),
        "poll_posts": 1,
        "poll_interval_seconds": 300.0,
        "clock": lambda: NOON,
    }
    return Intake(consumer, watermarks=watermarks, handle=handle, **(usual | given))


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

    await make_intake(consumer, watermarks, handle).run(stop)
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
    intake = make_intake(consumer, watermarks, taken.extend, gates=(opens_at_the_third_time,))
    await intake.run(stop)
    assert asked == 3
    assert len(taken) == 2
    assert consumer.held == set()
    assert intake.idle_seconds < 60


async def test_held_intake_polls_three_times_within_the_poll_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, now = asyncio.Event(), 1_000.0
    polled_at: list[float] = []
    monkeypatch.setattr("workers.moderator.intake.time", SimpleNamespace(monotonic=lambda: now))

    class Held(ScriptedConsumer):
        async def getmany(self, **options: int) -> dict[TopicPartition, list[Any]]:
            polled_at.append(now)
            return await super().getmany(**options)

    async def never_opens(seconds: float) -> bool:
        nonlocal now
        now += seconds
        return False

    watermarks = Watermarks()
    watermarks.assign({PLACE: 0, OTHER: 0})
    consumer = Held(polls_left=9, stop=stop)
    intake = make_intake(
        consumer, watermarks, lambda _: None, gates=(never_opens,), poll_interval_seconds=12.0
    )
    await intake.run(stop)
    assert polled_at[-1] - polled_at[0] <= 8 * 12.0 / 3 + 1


async def test_partition_that_is_not_opened_yet_is_not_read() -> None:
    stop = asyncio.Event()
    consumer = ScriptedConsumer(polls_left=5, stop=stop)
    watermarks = Watermarks()
    watermarks.assign({PLACE: 0, OTHER: 0})
    taken: list[Record] = []
    await make_intake(consumer, watermarks, taken.extend, may_read=lambda p: p == OTHER).run(stop)
    assert {record.place for record in taken} == {OTHER}
    assert watermarks[PLACE].span == 0


async def test_record_that_was_answered_under_an_earlier_assignment_is_not_answered_again() -> None:
    stop = asyncio.Event()
    consumer = ScriptedConsumer(polls_left=4, stop=stop, next_offset={PLACE: 7})
    watermarks = Watermarks()
    watermarks.assign({PLACE: 0})
    watermarks[PLACE].recall([8, 9])
    taken: list[Record] = []
    await make_intake(consumer, watermarks, taken.extend).run(stop)
    assert [record.offset for record in taken] == [7, 10]
    watermarks.finish(PLACE, 7, taken[0].epoch)
    assert watermarks[PLACE].position == 10


def put_off(seconds: float) -> tuple[tuple[str, bytes | None], ...]:
    retry = Retry(
        attempt=1,
        due_at=NOON + timedelta(seconds=seconds),
        reason="media_unreachable",
        topic="posts",
        partition=5,
        offset=41,
        timestamp=NOON - timedelta(hours=1),
    )
    return ((RETRY_HEADER, retry.to_bytes()), ("h", b"v"))


async def test_post_that_waits_for_its_time_is_not_read_before_it_and_holds_up_no_other() -> None:
    stop = asyncio.Event()
    places = {RETRY: 4, PLACE: 0}
    consumer = ScriptedConsumer(5, stop, next_offset=places, headers=put_off(seconds=30))
    watermarks = Watermarks()
    watermarks.assign({PLACE: 0, RETRY: 0})
    taken: list[Record] = []
    await make_intake(consumer, watermarks, taken.extend).run(stop)
    assert [record.place for record in taken] == [PLACE] * 5
    assert consumer.next_offset[RETRY] == 4
    assert RETRY in consumer.held


async def test_post_that_is_due_is_read_as_it_first_stood() -> None:
    stop = asyncio.Event()
    consumer = ScriptedConsumer(1, stop, next_offset={RETRY: 4}, headers=put_off(seconds=0))
    watermarks = Watermarks()
    watermarks.assign({RETRY: 0})
    taken: list[Record] = []
    await make_intake(consumer, watermarks, taken.extend).run(stop)
    (record,) = taken
    assert record.origin == ("posts", 5, 41)
    assert record.age_seconds(NOON.timestamp()) == 3600
    assert record.headers == (("h", b"v"),)
