"""Runs the worker's loops side by side: when one fails all stop, when asked to stop they drain."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from workers.moderator.beside import Beside
from workers.moderator.delivery import Delivery
from workers.moderator.errors import BrokerLostError
from workers.moderator.in_flight import InFlight
from workers.moderator.intake import Intake
from workers.moderator.lag import report_lag
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.ownership import Ownership
from workers.moderator.pipeline import Pipeline
from workers.moderator.records import Record
from workers.moderator.rules_stage import Clock
from workers.moderator.settings import ModeratorSettings
from workers.moderator.status import Status
from workers.streams import Watermarks, get_logger

log = get_logger(__name__)


INTAKE_SECONDS: Final = 2.0
"""For intake to notice the stop: many times the length of a poll."""

COMMIT_SECONDS: Final = 5.0
"""For the last commit: many round trips to a broker that answers, and an end if it does not."""


class Supervisor:
    """Owns the running tasks of a worker.

    Args:
        settings: of the worker.
        consumer: of ``posts`` and ``posts.retry``; started, in a group, not yet subscribed.
        topics: full names of these two, in this order.
        pipeline: answers records.
        delivery: takes the pipeline's answers.
        watermarks: shared with the pipeline.
        in_flight: shared with the pipeline.
        beside: what runs beside the answering of posts.
        metrics: of the worker.
        status: shown at /readyz and /healthz.
        clock: tells what is due.
    """

    def __init__(
        self,
        settings: ModeratorSettings,
        consumer: AIOKafkaConsumer,
        *,
        topics: tuple[str, str],
        pipeline: Pipeline,
        delivery: Delivery,
        watermarks: Watermarks,
        in_flight: InFlight,
        beside: Beside,
        metrics: WorkerMetrics,
        status: Status,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._pipeline = pipeline
        self._watermarks = watermarks
        self._beside = beside
        self._metrics = metrics
        self._status = status
        self._answering: set[asyncio.Task[None]] = set()
        self._tasks = asyncio.TaskGroup()
        self._delivery = delivery
        self._retry_topic = topics[1]
        self._ownership = Ownership(
            consumer,
            watermarks=watermarks,
            in_flight=in_flight,
            delivery=delivery,
            topics=topics,
            drain_seconds=settings.drain_seconds,
            on_assigned=self._assigned,
            on_failure=self._failed,
            metrics=metrics,
        )
        self._intake = Intake(
            consumer,
            watermarks=watermarks,
            in_flight=in_flight,
            gates=[in_flight.wait_flowing, *beside.gates],
            may_read=delivery.may_read,
            retry_topic=self._retry_topic,
            handle=self._answer,
            metrics=metrics,
            poll_posts=settings.poll_posts,
            poll_interval_seconds=settings.poll_interval_seconds,
            clock=clock,
        )
        status.intake, status.ownership = self._intake, self._ownership

    async def run(self, stop: asyncio.Event) -> None:
        """Answer records until ``stop`` is set, then drain and commit.

        Raises:
            BrokerLostError: the broker takes no answers, or refuses what the worker asks.
            DeviceLostError: only a new process can score again.
        """
        try:
            async with self._tasks:
                self._ownership.subscribe()
                loops = self._start_loops()
                intake = self._spawn(self._intake.run(stop))
                await stop.wait()
                self._status.draining = True
                await self._drain(intake)
                for task in (*loops, intake, *self._answering):
                    task.cancel()
        except BaseExceptionGroup as group:
            raise _first(group) from group

    def _start_loops(self) -> Sequence[asyncio.Task[None]]:
        every = self._settings.commit_seconds
        loops = [
            self._spawn(self._delivery.run()),
            self._spawn(
                report_lag(
                    self._consumer, self._watermarks, self._metrics, self._retry_topic, every
                )
            ),
        ]
        return loops + [self._spawn(loop()) for loop in self._beside.loops]

    async def _drain(self, intake: asyncio.Task[None]) -> None:
        # A poll during a rebalance waits for its end, which may take longer than we have.
        await asyncio.wait([intake], timeout=INTAKE_SECONDS)
        limit = self._settings.drain_seconds + COMMIT_SECONDS
        try:
            await asyncio.wait_for(self._ownership.drain(), limit)
        except TimeoutError:
            log.warning("the broker took no commit; what is answered since will be repeated")
        else:
            log.info("drained and committed")

    def _answer(self, records: Sequence[Record]) -> None:
        task = self._spawn(self._pipeline.answer(records))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _assigned(self, partitions: frozenset[int]) -> None:
        for tell in self._beside.on_assigned:
            tell(partitions)

    def _failed(self, error: Exception) -> None:
        self._spawn(_fail(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._tasks.create_task(work)


async def _fail(error: Exception) -> None:
    raise error


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first failure inside; one of the broker's in words that say what to do."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, KafkaError):
        return BrokerLostError(
            f"the broker refuses to go on ({type(error).__name__}: {error}); what is unanswered "
            "stays uncommitted. Mend the broker or the permissions, then start the worker"
        )
    return error
