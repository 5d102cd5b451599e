"""A lane's chunks, against a transactor that does as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    TransactionalIdAuthorizationFailed,
)
from prometheus_client import CollectorRegistry

from schemas import DeadLetter, Verdict
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import (
    NOON,
    VERSIONS,
    make_decision,
    make_post,
    make_record,
)
from workers.moderator.answers import Answer
from workers.moderator.delivery import Books, ChunkLimits, Lane, Message, Messages
from workers.moderator.errors import BrokerLostError
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.judge import Circumstances, judge
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.recollection import recall_nothing
from workers.settings import KafkaSettings
from workers.streams import Progress, Watermarks

POSTS, RETRY = TopicPartition("posts", 3), TopicPartition("posts.retry", 3)


class ScriptedTransactor:
    """Keeps what is committed; raises what is next in its script, then nothing more."""

    def __init__(self) -> None:
        self.script: list[KafkaError] = []
        self.refuse_over: int | None = None
        self.chunks: list[tuple[list[Message], dict[TopicPartition, Progress]]] = []
        self.starts = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def start(self) -> None:
        self.starts += 1

    async def commit(
        self, messages: Sequence[Message], offsets: Mapping[TopicPartition, Progress]
    ) -> None:
        await self.gate.wait()
        if self.script:
            raise self.script.pop(0)
        if any(len(m.value) > (self.refuse_over or 10**9) for m in messages):
            raise MessageSizeTooLargeError
        self.chunks.append((list(messages), dict(offsets)))

    async def abort(self) -> None:
        """There is nothing to abort."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    @property
    def posts(self) -> list[list[str]]:
        """The posts whose verdicts each chunk holds."""
        return [
            [Verdict.from_bytes(m.value).post_id for m in messages if m.topic == "verdicts"]
            for messages, _ in self.chunks
        ]

    @property
    def all_posts(self) -> list[str]:
        """The same, of all chunks together."""
        return [post for posts in self.posts for post in posts]


class Reading:
    """Reads nothing; notes where it was sent."""

    def __init__(self) -> None:
        self.sought: list[tuple[TopicPartition, int]] = []
        self.paused: set[TopicPartition] = set()

    def assignment(self) -> set[TopicPartition]:
        return {POSTS, RETRY}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))

    async def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        self.sought += [(partition, 0) for partition in partitions]

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused.update(partitions)


class House:
    """A lane and what stands around it."""

    def __init__(self, **limits: Any) -> None:
        self.watermarks = Watermarks()
        self.watermarks.assign({POSTS: 0, RETRY: 0})
        self.in_flight = InFlight(WaterMarks(1000, 500, 10**9, 10**8))
        self.transactor = ScriptedTransactor()
        self.reading = Reading()
        self.fenced = 0
        self.committed: dict[TopicPartition, Progress | None] = {POSTS: None, RETRY: None}
        usual = {"posts": 100, "bytes": 10**6, "linger_seconds": 0.0}
        metrics = WorkerMetrics(CollectorRegistry())
        self.lane = Lane(
            (POSTS, RETRY),
            transactor=self.transactor,
            reading=self.reading,
            committed=self._committed,
            recall=recall_nothing,
            messages=Messages(KafkaSettings()),
            books=Books(self.watermarks, self.in_flight, metrics, lambda: NOON),
            limits=ChunkLimits(**(usual | limits)),
            on_fenced=self._on_fenced,
        )

    async def _committed(self, place: TopicPartition) -> Progress | None:
        return self.committed[place]

    def _on_fenced(self) -> None:
        self.fenced += 1

    @asynccontextmanager
    async def open(self) -> AsyncIterator[asyncio.Task[None]]:
        """The lane runs, and is closed at the end."""
        task = asyncio.create_task(self.lane.run())
        await self.until(lambda: self.lane.ready or task.done())
        try:
            yield task
        finally:
            self.lane.close()
            await asyncio.wait([task])

    async def until(self, condition: Any) -> None:
        async def holds() -> bool:
            return bool(condition())

        await eventually_async(holds, within_seconds=20)

    def answer(self, post_id: str, place: TopicPartition = POSTS, size: int = 1) -> Answer:
        """An answer to a record that was taken in."""
        watermark = self.watermarks[place]
        offset = watermark.position + watermark.span
        epoch = self.watermarks.begin(place, offset)
        self.in_flight.take(1, 2)
        by = Circumstances(versions=VERSIONS, now=NOON)
        decision = make_decision(labels=tuple(f"label-{i}" for i in range(size)))
        judged = judge(make_post(post_id), (), decision, by)
        return Answer(make_record(b"{}", offset, place=place, epoch=epoch), judged)


async def test_answers_that_wait_share_a_transaction_with_their_offsets() -> None:
    house = House()
    house.transactor.gate.clear()
    async with house.open():
        first, stuck, *others = [house.answer(f"post-{i}") for i in range(5)]
        house.lane.put([first])
        await asyncio.sleep(0)
        house.lane.put(others)
        house.transactor.gate.set()
        await house.until(lambda: house.in_flight.posts == 1)
        assert house.transactor.all_posts == ["post-0", "post-2", "post-3", "post-4"]
        assert house.transactor.chunks[-1][1] == {POSTS: Progress(1, (2, 3, 4))}
        house.lane.put([stuck])
        await house.until(lambda: house.in_flight.posts == 0)
        assert house.transactor.chunks[-1][1] == {POSTS: Progress(5)}


async def test_answers_to_posts_and_to_retried_ones_come_in_one_order() -> None:
    house = House()
    async with house.open():
        answers = [house.answer("old", RETRY), house.answer("new"), house.answer("other", RETRY)]
        house.lane.put(answers)
        await house.until(lambda: house.in_flight.posts == 0)
    assert house.transactor.posts == [["old", "new", "other"]]
    assert house.transactor.chunks[0][1] == {RETRY: Progress(2), POSTS: Progress(1)}


@pytest.mark.parametrize("limits", [{"posts": 3}, {"bytes": 1}])
async def test_chunk_takes_no_more_than_its_limits(limits: dict[str, int]) -> None:
    house = House(**limits)
    async with house.open():
        house.lane.put([house.answer(f"post-{i}") for i in range(7)])
        await house.until(lambda: house.in_flight.posts == 0)
    sizes = [len(posts) for posts in house.transactor.posts]
    assert sum(sizes) == 7
    assert max(sizes) == limits.get("posts", 1)


async def test_it_reads_on_from_what_is_committed_and_recalls_what_was_answered_beyond() -> None:
    house = House()
    house.committed = {POSTS: Progress(7, (9, 11)), RETRY: None}
    async with house.open():
        assert house.reading.sought == [(POSTS, 7), (RETRY, 0)]
        awaited = []
        for offset in range(7, 13):
            house.watermarks.begin(POSTS, offset)
            if house.watermarks.awaits(POSTS, offset):
                awaited.append(offset)
        assert awaited == [7, 8, 10, 12]


async def test_answer_too_large_is_found_by_halving_and_set_aside_alone() -> None:
    house = House()
    house.transactor.refuse_over = 4_000
    async with house.open():
        sizes = [1, 1, 900, 1, 1]
        house.lane.put([house.answer(f"post-{i}", size=size) for i, size in enumerate(sizes)])
        await house.until(lambda: house.in_flight.posts == 0)
        assert house.watermarks[POSTS].position == 5
    assert house.transactor.all_posts == ["post-0", "post-1", "post-3", "post-4"]
    letters = [
        DeadLetter.from_bytes(message.value)
        for messages, _ in house.transactor.chunks
        for message in messages
        if message.topic == "posts.dead-letter"
    ]
    assert [letter.offset for letter in letters] == [2]


async def test_fenced_lane_drops_what_it_holds_reads_no_more_and_tells() -> None:
    house = House()
    house.transactor.script = [ProducerFenced()]
    async with house.open() as task:
        stale = house.answer("stale")
        house.lane.put([stale])
        await house.until(task.done)
        assert house.transactor.chunks == []
        assert (house.fenced, house.lane.ready) == (1, False)
        assert (house.in_flight.posts, house.in_flight.bytes) == (0, 0)
        assert house.reading.paused == {POSTS, RETRY}
        assert house.watermarks[POSTS].epoch != stale.record.epoch


async def test_what_is_refused_otherwise_is_read_again_from_what_is_committed() -> None:
    house = House()
    house.transactor.script = [OutOfOrderSequenceNumber()]
    async with house.open():
        house.lane.put([house.answer("dropped")])
        await house.until(lambda: house.transactor.starts == 2 and house.lane.ready)
        assert house.in_flight.posts == 0
        house.lane.put([house.answer("read-again")])
        await house.until(lambda: house.in_flight.posts == 0)
    assert house.transactor.posts == [["read-again"]]
    assert house.fenced == 0


async def test_missing_permission_stops_the_worker_and_says_so() -> None:
    house = House()
    house.transactor.script = [TransactionalIdAuthorizationFailed("moderator-posts-3")]
    async with house.open() as task:
        house.lane.put([house.answer("post")])
        await house.until(task.done)
    with pytest.raises(BrokerLostError, match="TransactionalIdAuthorizationFailed"):
        task.result()


async def test_closing_commits_what_waits_and_what_needed_no_answer() -> None:
    house = House(linger_seconds=9.0)
    async with house.open():
        house.answer("never-answered", RETRY)
        waiting = house.answer("post")
        epoch = house.watermarks.begin(POSTS, 1)
        house.lane.put([waiting])
        house.watermarks.finish(POSTS, 1, epoch)
    assert house.transactor.posts[0] == ["post"]
    assert house.transactor.chunks[-1][1][POSTS].position == 2
