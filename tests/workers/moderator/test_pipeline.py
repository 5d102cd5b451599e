"""From records to answers, without Kafka: what fails is isolated, what is stale is dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, MediaLimits
from moderation.scoring import ConstantScorer, PostScorer
from rules import Case, Decision
from schemas import DeadLetter, ErrorClass, Media, Post, Verdict
from tests.workers.moderator.making import (
    HARMLESS,
    NOON,
    PLACE,
    VERSIONS,
    ChokingScorer,
    RecordingProducer,
    Refusal,
    make_decision,
    make_post,
    make_record,
    make_withdrawal,
)
from workers.moderator.device import Device
from workers.moderator.emit import EmitStage
from workers.moderator.errors import BrokerLostError, DeviceLostError
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.media import MediaStage
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.pipeline import Pipeline
from workers.moderator.rulebook import Edition, Rulebook
from workers.moderator.rules_stage import RulesStage
from workers.settings import KafkaSettings
from workers.streams import Watermarks


@dataclass
class StubbornEngine:
    """Decides everything alike; raises for the posts that it was told."""

    chokes_on: frozenset[str] = frozenset()

    def decide(self, case: Case) -> Decision:
        if case.post.post_id in self.chokes_on:
            raise ZeroDivisionError(case.post.text)
        return make_decision()


@dataclass
class House:
    """A pipeline and what stands around it."""

    pipeline: Pipeline
    watermarks: Watermarks
    in_flight: InFlight
    producer: RecordingProducer

    async def answer(self, *values: bytes | Post) -> None:
        """Take the values in as records of one poll, and answer them."""
        records = []
        for offset, value in enumerate(values):
            epoch = self.watermarks.begin(PLACE, offset)
            raw = value.to_bytes() if isinstance(value, Post) else value
            records.append(make_record(raw, offset, epoch=epoch))
        self.in_flight.take(len(records), sum(len(record.value) for record in records))
        await self.pipeline.answer(records)

    @property
    def verdicts(self) -> list[Verdict]:
        return [
            Verdict.from_bytes(v) for topic, _, v, _ in self.producer.sent if topic == "verdicts"
        ]

    @property
    def letters(self) -> list[DeadLetter]:
        return [
            DeadLetter.from_bytes(v)
            for topic, _, v, _ in self.producer.sent
            if topic == "posts.dead-letter"
        ]


@asynccontextmanager
async def house(
    *,
    scorer: PostScorer | None = None,
    engine: StubbornEngine | None = None,
    refuse: Refusal = lambda _topic, _value: None,
    broken: tuple[type[Exception], ...] = (),
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(2))
        device = Device(scorer or ConstantScorer(HARMLESS), max_batch_posts=64, broken=broken)
        stack.push_async_callback(device.close)
        watermarks = Watermarks()
        watermarks.assign({PLACE: 0})
        in_flight = InFlight(WaterMarks(1000, 500, 10**9, 10**8))
        producer = RecordingProducer(refuse)
        pipeline = Pipeline(
            media=MediaStage(CompositeFetcher(), MediaLimits(), threads, concurrency=4),
            device=device,
            rules=RulesStage(
                Rulebook(Edition(engine or StubbornEngine(), VERSIONS)),
                lambda _author_id, _now: None,
                audit=AUDIT_OFF,
                thread=threads,
                clock=lambda: NOON,
            ),
            emit=EmitStage(producer, KafkaSettings(), lambda: NOON),
            watermarks=watermarks,
            in_flight=in_flight,
            metrics=WorkerMetrics(CollectorRegistry()),
            threads=threads,
            group_posts=4,
            clock=lambda: NOON,
        )
        yield House(pipeline, watermarks, in_flight, producer)


async def test_every_record_is_answered_and_only_then_done() -> None:
    async with house() as it:
        picture = make_post("picture", images=(Media(data=b"no picture"),))
        await it.answer(make_post("text"), b"{", picture, make_withdrawal("gone"))
        assert {verdict.post_id for verdict in it.verdicts} == {"text", "picture", "gone"}
        assert [letter.offset for letter in it.letters] == [1]
        assert it.watermarks[PLACE].position == 4
        assert (it.in_flight.posts, it.in_flight.bytes) == (0, 0)


async def test_verdict_says_how_long_each_stage_took_and_how_old_the_record_is() -> None:
    async with house() as it:
        await it.answer(make_post())
        (verdict,) = it.verdicts
        assert verdict.timings.stages.keys() >= {"media", "model"}
        assert verdict.timings.record_age == 60


@pytest.mark.parametrize("stage", ["model", "rules"])
async def test_one_post_that_breaks_a_stage_is_set_aside_and_the_others_are_judged(
    stage: str,
) -> None:
    secret = "do-not-repeat-me"
    scorer = ChokingScorer("bad", ZeroDivisionError(secret)) if stage == "model" else None
    engine = StubbornEngine(frozenset({"bad"}) if stage == "rules" else frozenset())
    async with house(scorer=scorer, engine=engine) as it:
        good = [make_post(f"good-{i}") for i in range(9)]
        await it.answer(*good[:4], make_post("bad", text=secret), *good[4:])
        assert {verdict.post_id for verdict in it.verdicts} == {post.post_id for post in good}
        (letter,) = it.letters
        assert (letter.offset, letter.error_class) == (4, ErrorClass.POISON)
        assert "ZeroDivisionError" in letter.reason
        assert secret not in letter.reason
        assert it.watermarks[PLACE].position == 10


async def test_answers_to_partitions_that_moved_away_are_dropped() -> None:
    async with house() as it:
        it.watermarks.begin(PLACE, 0)
        stale = make_record(make_post().to_bytes(), 0, epoch=it.watermarks[PLACE].epoch)
        it.in_flight.take(1, len(stale.value))
        it.watermarks.revoke([PLACE])
        it.watermarks.assign({PLACE: 0})  # and came back: the record will be read again
        await it.pipeline.answer([stale])
        assert it.producer.sent == []
        assert it.watermarks[PLACE].position == 0
        assert it.in_flight.posts == 0


async def test_broker_that_takes_no_answer_leaves_the_record_undone() -> None:
    async with house(refuse=lambda _topic, _value: KafkaTimeoutError()) as it:
        with pytest.RaisesGroup(BrokerLostError):
            await it.answer(make_post())
        assert it.watermarks[PLACE].position == 0
        assert it.letters == []


async def test_lost_device_makes_no_dead_letters() -> None:
    scorer = ChokingScorer("any", MemoryError())
    async with house(scorer=scorer, broken=(MemoryError,)) as it:
        with pytest.RaisesGroup(DeviceLostError):
            await it.answer(make_post("any"), make_post("other"))
        assert it.producer.sent == []
        assert it.watermarks[PLACE].position == 0
