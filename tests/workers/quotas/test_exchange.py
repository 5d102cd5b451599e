"""Two workers' ledgers over a broker: what one takes, trips or sees reset, the other obeys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer

from schemas import TOPICS
from tests.support.kafka import produce, read_records, unique_settings
from tests.support.waiting import eventually_async
from tests.workers.quotas.making import document, hourly
from workers.quotas import PolicyQuotas, QuotaExchange, SharedLedger, Standing
from workers.settings import KafkaSettings
from workers.streams import create_topics, make_consumer, make_producer

EVERY_SECONDS = 0.05


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def kafka(embedded_kafka: str) -> KafkaSettings:
    settings = unique_settings(embedded_kafka)
    await create_topics(settings, [TOPICS.quotas])
    return settings


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as far as its quotas go."""

    ledger: SharedLedger
    quotas: PolicyQuotas
    exchange: QuotaExchange
    consumer: AIOKafkaConsumer

    def take(self) -> bool:
        return self.quotas.take("flood", now())

    @property
    def standing(self) -> Standing:
        return self.quotas.standings(now())[0]

    async def sees(self, condition: Callable[[Standing], bool], describe: str) -> None:
        async def holds() -> bool:
            return condition(self.standing)

        await eventually_async(holds, describe=f"{describe} at {self.ledger.worker}")


@asynccontextmanager
async def working(kafka: KafkaSettings, name: str, posts: int) -> AsyncIterator[Worker]:
    """A worker that has heard what the topic held, and tells the rest when it leaves."""
    ledger = SharedLedger(name)
    quotas = ledger.of(document(flood=hourly(posts)))
    async with AsyncExitStack() as stack:
        consumer, producer = make_consumer(kafka), make_producer(kafka)
        for client in (consumer, producer):
            await client.start()
            stack.push_async_callback(client.stop)
        exchange = QuotaExchange(
            consumer,
            producer,
            kafka.topic(TOPICS.quotas),
            ledger,
            clock=now,
            every_seconds=EVERY_SECONDS,
        )
        stack.push_async_callback(exchange.flush)
        task = asyncio.create_task(exchange.run())
        try:
            assert await exchange.gate(30.0)
            yield Worker(ledger, quotas, exchange, consumer)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_workers_use_one_quota_together_and_obey_its_trip_and_its_reset(
    kafka: KafkaSettings,
) -> None:
    async with working(kafka, "a", posts=4) as a, working(kafka, "b", posts=4) as b:
        assert [a.take() for _ in range(3)] == [True] * 3
        await b.sees(lambda one: one.used == 3, "what a took")
        assert [b.take() for _ in range(2)] == [True, False]

        await a.sees(lambda one: one.tripped, "b's trip")
        assert not a.take()
        assert a.standing.by == "b"

        b.ledger.reset(b.standing.terms, "ana", now())
        await a.sees(lambda one: not one.tripped, "the reset")
        assert a.standing.left == 4
        assert a.take()
        assert not a.exchange.alone


async def test_a_worker_that_starts_again_knows_what_was_used(kafka: KafkaSettings) -> None:
    async with working(kafka, "first", posts=3) as first:
        assert first.take()
        assert first.take()
    async with working(kafka, "second", posts=3) as second:
        assert second.standing.by_worker == {"first": 2}
        assert [second.take() for _ in range(2)] == [True, False]
    async with working(kafka, "third", posts=3) as third:
        assert third.standing.tripped


async def test_what_cannot_be_read_is_skipped(
    kafka: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    await produce(kafka, TOPICS.quotas, [(b"strange", b"{"), (b"\xff", None)])
    async with working(kafka, "a", posts=1) as a:
        assert a.take()
    assert "breaks the contract" in caplog.text


async def test_a_bucket_is_on_the_topic_before_anybody_takes_from_it(kafka: KafkaSettings) -> None:
    async with working(kafka, "a", posts=1):

        async def announced() -> bool:
            return [record.key for record in await read_records(kafka, TOPICS.quotas)] == [
                b"made/flood/1:3600:any"
            ]

        await eventually_async(announced, describe="the bucket's record")


async def test_a_worker_that_does_not_hear_itself_uses_its_share_until_it_does(
    kafka: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async with working(kafka, "a", posts=8) as a:
        a.exchange.use_share(0.25)
        a.consumer.pause(*a.consumer.assignment())
        assert a.take()

        async def alone() -> bool:
            return a.exchange.alone

        await eventually_async(alone, describe="alone")
        assert [a.take() for _ in range(3)] == [True, False, False]
        assert not a.standing.tripped
        assert "quotas are not shared" in caplog.text

        a.consumer.resume(*a.consumer.assignment())

        async def together() -> bool:
            return not a.exchange.alone

        await eventually_async(together, describe="together")
        assert a.take()
