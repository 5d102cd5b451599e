"""From records to answers, without Kafka: what fails is isolated, what is stale is dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, MediaFetcher, MediaLimits, UnreachableMediaError
from moderation.scoring import ConstantScorer, PostScorer
from rules import Case, Decision
from schemas import (
    RETRY_HEADER,
    DeadLetter,
    ErrorClass,
    Media,
    NotScannedReason,
    Post,
    Retry,
    Verdict,
    VerdictStatus,
)
from tests.workers.moderator.making import (
    HARMLESS,
    NOON,
    PLACE,
    VERSIONS,
    ChokingScorer,
    GatedScorer,
    RecordingProducer,
    Refusal,
    make_decision,
    make_post,
    make_record,
    make_withdrawal,
)
from workers.moderator.delivery import AtLeastOnce, Books, Messages
from workers.moderator.device import Device
from workers.moderator.errors import BrokerLostError, DeviceLostError
from workers.moderator.faults import FaultPoint
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.media import MediaStage
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.pipeline import Pipeline
from workers.moderator.post_spans import PostSpans, exemplar
from workers.moderator.records import Record
from workers.moderator.retries import Retries
from workers.moderator.revisions import Revisions
from workers.moderator.rulebook import Edition, Rulebook
from workers.moderator.rules_stage import RulesStage, unknown
from workers.settings import KafkaSettings
from workers.streams import Tracing, Watermarks


@dataclass
class StubbornEngine:
    """Decides everything alike; raises for the posts that it was told."""

    chokes_on: frozenset[str] = frozenset()

    def decide(self, case: Case) -> Decision:
        if case.post.post_id in self.chokes_on:
            raise ZeroDivisionError(case.post.text)
        return make_decision()


class NoCommits:
    """Takes no commit: these tests look at what is answered."""

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        raise AssertionError(offsets)


@dataclass
class House:
    """A pipeline and what stands around it."""

    pipeline: Pipeline
    watermarks: Watermarks
    in_flight: InFlight
    producer: RecordingProducer
    registry: CollectorRegistry

    def take(self, *values: bytes | Post, first: int = 0, **fields: Any) -> list[Record]:
        """Take the values in as records of one poll."""
        records = []
        for offset, value in enumerate(values, first):
            epoch = self.watermarks.begin(PLACE, offset)
            raw = value.to_bytes() if isinstance(value, Post) else value
            records.append(make_record(raw, offset, epoch=epoch, **fields))
        self.in_flight.take(len(records), sum(len(record.value) for record in records))
        return records

    async def answer(self, *values: bytes | Post, first: int = 0, **fields: Any) -> None:
        """Take the values in as records of one poll, and answer them."""
        await self.pipeline.answer(self.take(*values, first=first, **fields))

    @property
    def verdicts(self) -> list[Verdict]:
        return [
            Verdict.from_bytes(v) for topic, _, v, _ in self.producer.sent if topic == "verdicts"
        ]

    @property
    def retries(self) -> list[Retry]:
        return [
            Retry.from_bytes(dict(headers)[RETRY_HEADER])
            for topic, _, _, headers in self.producer.sent
            if topic == "posts.retry"
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
    fetcher: MediaFetcher | None = None,
    broken: tuple[type[Exception], ...] = (),
    tracing: Tracing | None = None,
) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(2))
        device = Device(scorer or ConstantScorer(HARMLESS), max_batch_posts=64, broken=broken)
        stack.push_async_callback(device.close)
        watermarks = Watermarks()
        watermarks.assign({PLACE: 0})
        in_flight = InFlight(WaterMarks(1000, 500, 10**9, 10**8))
        producer = RecordingProducer(refuse)
        metrics = WorkerMetrics(CollectorRegistry())
        metrics.exemplar_of = exemplar if tracing else None
        delivery = AtLeastOnce(
            producer,
            NoCommits(),
            messages=Messages(KafkaSettings()),
            books=Books(watermarks, in_flight, metrics, lambda: NOON),
            commit_seconds=600,
            fault=FaultPoint(),
        )
        pipeline = Pipeline(
            media=MediaStage(fetcher or CompositeFetcher(), MediaLimits(), threads, concurrency=4),
            device=device,
            rules=RulesStage(
                Rulebook(Edition(engine or StubbornEngine(), VERSIONS)),
                unknown,
                audit=AUDIT_OFF,
                thread=threads,
                clock=lambda: NOON,
            ),
            delivery=delivery,
            in_flight=in_flight,
            metrics=metrics,
            threads=threads,
            group_posts=4,
            revisions=Revisions(remembered=100),
            retries=Retries(attempts=2, first_seconds=3.0, clock=lambda: NOON),
            clock=lambda: NOON,
            spans=PostSpans(tracing) if tracing else None,
        )
        yield House(pipeline, watermarks, in_flight, producer, metrics.registry)


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


async def test_post_too_large_for_the_device_is_judged_as_not_looked_at() -> None:
    scorer = ChokingScorer("huge", MemoryError())
    async with house(scorer=scorer) as it:
        await it.answer(make_post("huge", images=(Media(data=b"no picture"),)), make_post("small"))
        by_post = {verdict.post_id: verdict for verdict in it.verdicts}
        reasons = {missed.reason for missed in by_post["huge"].not_scanned}
        assert NotScannedReason.MODEL_FAILED in reasons
        assert by_post["small"].not_scanned == ()
        assert it.letters == []


class Away:
    """A store that does not answer."""

    async def fetch(self, media: Media) -> bytes:
        raise UnreachableMediaError(f"{media.key}: the store does not answer")


PICTURE = make_post("picture", images=(Media(key="p.png"),))


async def test_post_whose_media_are_away_is_put_off_with_its_bytes_and_where_it_stood() -> None:
    async with house(fetcher=Away()) as it:
        await it.answer(PICTURE, make_post("text"))
        assert [verdict.post_id for verdict in it.verdicts] == ["text"]
        (retry,) = it.retries
        assert (retry.attempt, retry.due_at) == (1, NOON + timedelta(seconds=3))
        assert (retry.topic, retry.partition, retry.offset) == (*PLACE, 0)
        (value,) = [v for topic, _, v, _ in it.producer.sent if topic == "posts.retry"]
        assert value == PICTURE.to_bytes()
        assert it.watermarks[PLACE].position == 2
        assert it.in_flight.posts == 0


async def test_pauses_double_and_after_the_last_attempt_it_is_judged_without_its_media() -> None:
    async with house(fetcher=Away()) as it:
        await it.answer(PICTURE)
        await it.answer(PICTURE, first=1, retry=it.retries[0])
        assert it.retries[1].due_at == NOON + timedelta(seconds=6)
        assert it.retries[1].offset == 0
        await it.answer(PICTURE, first=2, retry=it.retries[1])
        assert len(it.retries) == 2
        (verdict,) = it.verdicts
        assert verdict.not_scanned[0].reason is NotScannedReason.UNREACHABLE


async def test_post_that_fails_for_now_is_put_off_and_in_the_end_set_aside() -> None:
    async with house(scorer=ChokingScorer("bad", ConnectionError())) as it:
        await it.answer(make_post("good"), make_post("bad"))
        assert [verdict.post_id for verdict in it.verdicts] == ["good"]
        assert [retry.reason for retry in it.retries] == ["stage_failed"]
        last = it.retries[0].model_copy(update={"attempt": 2, "offset": 1})
        await it.answer(make_post("bad"), first=2, retry=last)
        (letter,) = it.letters
        assert (letter.topic, letter.partition, letter.offset) == (*PLACE, 1)


async def test_newer_revision_overtakes_what_is_in_flight_and_each_is_answered_once() -> None:
    scorer = GatedScorer()
    async with house(scorer=scorer) as it:
        old = it.take(make_post("post", revision=1))
        answering = asyncio.create_task(it.pipeline.answer(old))
        await asyncio.sleep(0)  # the old one is with the device by now, or about to be
        new = it.take(make_post("post", revision=2), first=1)
        scorer.gate.set()
        await asyncio.gather(answering, it.pipeline.answer(new))
        first, second = it.verdicts
        assert (first.revision, first.superseded_by) == (1, 2)
        assert first.status is VerdictStatus.WITHDRAWN
        assert (second.revision, second.superseded_by) == (2, None)
        assert it.watermarks[PLACE].position == 2
        assert (it.in_flight.posts, it.in_flight.bytes) == (0, 0)


async def test_withdrawal_in_the_same_poll_cancels_the_post_before_it_is_judged() -> None:
    async with house() as it:
        await it.answer(make_post("post"), make_withdrawal("post"), make_post("other"))
        answers = [(v.post_id, v.revision, v.status, v.superseded_by) for v in it.verdicts]
        assert answers == [
            ("post", 1, VerdictStatus.WITHDRAWN, 2),
            ("post", 2, VerdictStatus.WITHDRAWN, None),
            ("other", 1, VerdictStatus.COMPLETE, None),
        ]


async def test_older_revision_that_comes_late_is_answered_beside_the_effective_verdict() -> None:
    async with house() as it:
        await it.answer(make_post("post", revision=2))
        await it.answer(make_post("post", revision=1), first=1)
        assert [(v.revision, v.superseded_by) for v in it.verdicts] == [(2, None), (1, 2)]
        assert [key for _, key, _, _ in it.producer.sent] == [b"post", b"post#1"]
