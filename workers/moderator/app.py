"""The worker as a whole: what it is made of, how it starts, and how it stops.

::

    posts ---> intake -> media -> model -> rules -> delivery -> verdicts, escalations,
                 ^                           ^         |         posts.dead-letter
    posts.retry -+    banks, author-signals, |         |
         ^            review-decisions ------+         |
         +---------------------------------------------+
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from prometheus_client import CollectorRegistry

from schemas import TOPICS
from workers.moderator.delivery import Books, choose_delivery, open_delivery
from workers.moderator.errors import StartError
from workers.moderator.in_flight import InFlight, WaterMarks
from workers.moderator.lineup import LoadNamed, opened_models, second_model
from workers.moderator.media import media_stage
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.pacing import unhurried
from workers.moderator.pipeline import Pipeline
from workers.moderator.post_spans import PostSpans, exemplar
from workers.moderator.readers import describe, load_readers
from workers.moderator.recollection import Recollection
from workers.moderator.resources import started, threads
from workers.moderator.retries import Retries
from workers.moderator.revisions import Revisions
from workers.moderator.rulebook import OpenedPolicy
from workers.moderator.rules_side import rules_side
from workers.moderator.rules_stage import Clock
from workers.moderator.scorers import LoadedScorer, load_scorer
from workers.moderator.settings import ModeratorSettings
from workers.moderator.status import Status
from workers.moderator.supervisor import Supervisor
from workers.settings import KafkaSettings
from workers.streams import (
    MAX_REACH,
    StatusServer,
    Tracing,
    Watermarks,
    describe_topics,
    make_consumer,
    status_server,
    watch_certificates,
    watch_process,
)


@dataclass(frozen=True, slots=True)
class Started:
    """What a worker that has started works with."""

    url: str
    """Of /metrics, /healthz and /readyz."""
    model: str
    policy: str
    device: str
    delivery: str
    """What a crash does to answers."""
    readers: Mapping[str, str]
    """Of the words in pictures and in sounds: a name, or ``none``."""


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def run_worker(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    *,
    load: Callable[[], LoadedScorer],
    load_named: LoadNamed | None = None,
    policy: OpenedPolicy,
    stop: asyncio.Event,
    on_started: Callable[[Started], object] = lambda _: None,
    clock: Clock = utc_now,
    tracing: Tracing | None = None,
) -> None:
    """Judge posts until ``stop`` is set, then drain, commit, and leave the group.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        load: loads the scorer; called in a thread.
        load_named: loads another one by its folder, likewise; by default as the settings say.
        policy: judges first.
        stop: asks the worker to drain and return.
        on_started: told once the model is warm and the group is being joined.
        clock: the time of everything that is written.
        tracing: traces posts; None where they are not traced.

    Raises:
        StartError: the worker cannot begin.
        StreamsError: the broker does not answer at the start, or the status port is taken.
        BrokerLostError: the broker takes no answers any more.
        DeviceLostError: only a new process can score again.
    """
    metrics = WorkerMetrics(CollectorRegistry(), deadline_seconds=settings.deadline_seconds)
    if tracing is not None:
        metrics.exemplar_of = exemplar
    watch_certificates(kafka, metrics.registry)
    watch_process(metrics.registry)
    status = Status(settings.liveness_seconds)
    in_flight = InFlight(_water_marks(settings))
    metrics.watch(in_flight)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(_status(settings, metrics, status))
        await _require_topics(settings, kafka)
        choice = await choose_delivery(settings, kafka)
        metrics.deliver_by(choice.mode)
        opened = await stack.enter_async_context(opened_models(settings, load, metrics))
        status.model_warm = True
        models = opened.models

        decode = stack.enter_context(threads("decode", settings.decode_threads_chosen))
        rules = await stack.enter_async_context(
            rules_side(
                settings,
                kafka,
                policy,
                scorer=models.current.live.loaded.scorer,
                metrics=metrics,
                clock=clock,
            )
        )
        status.reloader = rules.reloader
        rules.beside.gates.append(unhurried(models.waiting_groups))
        second = await stack.enter_async_context(
            second_model(
                settings,
                kafka,
                opened,
                rules.rulebook,
                load=load,
                load_named=load_named or partial(load_scorer, settings),
                wants_vectors=lambda: rules.stage.wants_vectors,
                beside=rules.beside,
                metrics=metrics,
                clock=clock,
            )
        )
        status.conductor = None if second is None else second.conductor
        wanted = (settings.read_pictures, settings.transcriber, settings.device)
        readers = await asyncio.to_thread(load_readers, *wanted)
        metrics.reader_info.labels(**describe(readers)).set(1)
        media = await stack.enter_async_context(
            media_stage(
                settings,
                decode,
                readers,
                rules.known.fingerprinter,
                prepare=models.prepare,
                on_stopped=lambda why: metrics.decoding_stopped.labels(why).inc(),
            )
        )
        watermarks = Watermarks(max_span_records=MAX_REACH)
        consumer = await stack.enter_async_context(started(_consumer(settings, kafka)))
        revisions = Revisions(settings.revisions_remembered)
        recollection = Recollection(kafka, revisions, records=settings.revisions_recalled)
        delivery = await stack.enter_async_context(
            open_delivery(
                choice,
                settings,
                kafka,
                consumer=consumer,
                books=Books(watermarks, in_flight, metrics, clock),
                recall=recollection.recall,
            )
        )
        pipeline = Pipeline(
            media=media,
            device=models,
            rules=rules.stage,
            compare=None if second is None else second.shadow.offer,
            delivery=delivery,
            in_flight=in_flight,
            metrics=metrics,
            threads=decode,
            group_posts=models.batch_posts,
            revisions=revisions,
            retries=Retries(settings.retry_attempts, settings.retry_seconds, clock),
            clock=clock,
            spans=None if tracing is None else PostSpans(tracing),
        )
        supervisor = Supervisor(
            settings,
            consumer,
            topics=(kafka.topic(TOPICS.posts), kafka.topic(TOPICS.retry)),
            pipeline=pipeline,
            delivery=delivery,
            watermarks=watermarks,
            in_flight=in_flight,
            beside=rules.beside,
            metrics=metrics,
            status=status,
            clock=clock,
        )
        on_started(
            Started(
                url=server.url,
                model=models.current.live.version,
                policy=rules.rulebook.current.versions.policy,
                device=models.current.live.loaded.device,
                delivery=choice.sentence,
                readers=describe(readers),
            )
        )
        await supervisor.run(stop)


def _consumer(settings: ModeratorSettings, kafka: KafkaSettings) -> AIOKafkaConsumer:
    return make_consumer(
        kafka,
        group=kafka.group(settings.group),
        client_id="moderation-worker",
        session_timeout_ms=round(settings.session_seconds * 1000),
        max_poll_interval_ms=round(settings.poll_interval_seconds * 1000),
        # Partitions of equal number go to one worker, so it sees a post's retries with its edits.
        partition_assignment_strategy=(RangePartitionAssignor,),
    )


def _water_marks(settings: ModeratorSettings) -> WaterMarks:
    return WaterMarks(
        high_posts=settings.high_water_posts,
        low_posts=settings.low_water_posts,
        high_bytes=settings.high_water_bytes,
        low_bytes=settings.low_water_bytes,
    )


def _status(
    settings: ModeratorSettings, metrics: WorkerMetrics, status: Status
) -> AbstractAsyncContextManager[StatusServer]:
    return status_server(
        metrics.registry,
        not_ready=status.not_ready,
        not_healthy=status.not_healthy,
        remarks=status.remarks,
        host=settings.http_host,
        port=settings.http_port,
    )


async def _require_topics(settings: ModeratorSettings, kafka: KafkaSettings) -> None:
    topics = [TOPICS.posts, TOPICS.retry, TOPICS.verdicts, TOPICS.escalations, TOPICS.dead_letter]
    topics.append(TOPICS.quotas)
    if settings.author_signals:
        topics.append(TOPICS.author_signals)
    if settings.human_decisions:
        topics.append(TOPICS.review_decisions)
    if settings.follow_policy is not None:
        topics.append(TOPICS.policies)
    if settings.shadow_model is not None or settings.models is not None:
        topics.append(TOPICS.shadow_verdicts)
    if settings.models is not None:
        topics.append(TOPICS.model_rollouts)
    missing = [
        report.name for report in await describe_topics(kafka, topics) if report.state == "missing"
    ]
    if missing:
        raise StartError(
            f"the broker at {kafka.bootstrap_servers} lacks the topics {', '.join(missing)}; "
            "make them by `moderation topics create`"
        )
