"""A pipeline with all that stands around it, without Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from moderation.media import CompositeFetcher, MediaFetcher, MediaLimits, UnreachableMediaError
from moderation.scoring import ConstantScorer, PostScorer
from rules import Case, Decision
from schemas import RETRY_HEADER, DeadLetter, Media, Post, Retry, Verdict
from tests.workers.moderator.delivering import Delivering
from tests.workers.moderator.making import (
    HARMLESS,
    NOON,
    PLACE,
    VERSIONS,
    RecordingProducer,
    Refusal,
    make_decision,
    make_post,
    make_record,
)
from workers.moderator.device import Device
from workers.moderator.in_flight import InFlight
from workers.moderator.judge import AUDIT_OFF
from workers.moderator.media import MediaStage
from workers.moderator.pipeline import Pipeline
from workers.moderator.post_spans import PostSpans, exemplar
from workers.moderator.records import Record
from workers.moderator.retries import Retries
from workers.moderator.revisions import Revisions
from workers.moderator.rulebook import Edition, Rulebook
from workers.moderator.rules_stage import RulesStage, unknown
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
        answers = Delivering(NoCommits(), refuse)
        in_flight, metrics = answers.in_flight, answers.metrics
        metrics.exemplar_of = exemplar if tracing else None
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
            delivery=answers.delivery,
            in_flight=in_flight,
            metrics=metrics,
            threads=threads,
            group_posts=lambda: 4,
            revisions=Revisions(remembered=100),
            retries=Retries(attempts=2, first_seconds=3.0, clock=lambda: NOON),
            clock=lambda: NOON,
            spans=PostSpans(tracing) if tracing else None,
        )
        yield House(pipeline, answers.watermarks, in_flight, answers.producer, metrics.registry)


class Away:
    """A store that does not answer."""

    async def fetch(self, media: Media) -> bytes:
        raise UnreachableMediaError(f"{media.key}: the store does not answer")


PICTURE = make_post("picture", images=(Media(key="p.png"),))
