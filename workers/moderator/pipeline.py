"""The way of a post, from a record that was read to an answer that the broker has."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from schemas import ErrorClass, Op
from workers.moderator.device import Device
from workers.moderator.emit import Answer, EmitStage
from workers.moderator.errors import DeviceLostError, UnreadableRecordError
from workers.moderator.in_flight import InFlight
from workers.moderator.media import MediaStage, decoded_bytes, has_media
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Arrival, Record, dead_letter, read_post
from workers.moderator.rules_stage import Clock, RulesStage
from workers.streams import Watermarks

log = logging.getLogger(__name__)

THREAD_WORTHY_BYTES: Final = 64 * 1024
"""Records of a poll from which on they are parsed on a thread: about a millisecond of parsing."""


@dataclass(slots=True)
class StageTimes:
    """Seconds that each stage took for one group of posts."""

    metrics: WorkerMetrics
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - begin
            self.seconds[name] = round(taken, 6)
            self.metrics.stage_seconds.labels(name).observe(taken)


class Pipeline:
    """Answers records: each one by a verdict or a dead letter, and only then marks it done.

    Args:
        media: fetches and decodes.
        device: scores.
        rules: judges.
        emit: produces, and waits for the broker.
        watermarks: told of each answer that the broker has.
        in_flight: told of decoded media, and of each answer.
        metrics: counts answers and times stages.
        threads: where large records are parsed.
        group_posts: posts without media that travel together.
        clock: the time of dead letters.
    """

    def __init__(
        self,
        *,
        media: MediaStage,
        device: Device,
        rules: RulesStage,
        emit: EmitStage,
        watermarks: Watermarks,
        in_flight: InFlight,
        metrics: WorkerMetrics,
        threads: Executor,
        group_posts: int,
        clock: Clock,
    ) -> None:
        self._media = media
        self._device = device
        self._rules = rules
        self._emit = emit
        self._watermarks = watermarks
        self._in_flight = in_flight
        self._metrics = metrics
        self._threads = threads
        self._group_posts = group_posts
        self._clock = clock

    async def answer(self, records: Sequence[Record]) -> None:
        """Answer the records of a poll: intake, then each group by itself to its answers.

        Posts without media travel in groups; each post with media travels alone, so that a slow
        fetch delays nobody else.

        Raises:
            ExceptionGroup: of BrokerLostError, where an answer could not be produced, and of
                DeviceLostError, where nothing can be scored any more.
        """
        arrivals, settled = await self._intake(records)
        async with asyncio.TaskGroup() as tasks:
            if settled:
                tasks.create_task(self._send(settled))
            for group in self._groups(arrivals):
                tasks.create_task(self._answer(group))

    def _groups(self, arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
        texts = [arrival for arrival in arrivals if not has_media(arrival.post)]
        for start in range(0, len(texts), self._group_posts):
            yield texts[start : start + self._group_posts]
        for arrival in arrivals:
            if has_media(arrival.post):
                yield [arrival]

    async def _answer(self, group: Sequence[Arrival]) -> None:
        """Judge the group and send its answers; what cannot be judged is sought and set aside."""
        try:
            answers = await self._judge(group)
        except DeviceLostError:
            raise
        except Exception as error:  # noqa: BLE001 - any failure is isolated to its post
            if len(group) > 1:
                middle = len(group) // 2
                await self._answer(group[:middle])
                await self._answer(group[middle:])
                return
            answers = [self._poisoned(group[0].record, ErrorClass.POISON, error)]
        await self._send(answers)

    async def _judge(self, group: Sequence[Arrival]) -> list[Answer]:
        """Media -> model -> rules."""
        times = StageTimes(self._metrics)
        with times.stage("media"):
            prepared = await self._media.prepare([arrival.post for arrival in group])
        decoded = [one.decoded for one in prepared]
        prints = [one.fingerprints for one in prepared]
        with self._in_flight.holding(decoded_bytes(decoded)):
            with times.stage("model"):
                scored = await self._device.score(decoded)
            with times.stage("rules"):
                judged = await self._rules.judge(group, scored, prints, times.seconds)
        return [
            Answer(arrival.record, judgement)
            for arrival, judgement in zip(group, judged, strict=True)
        ]

    async def _intake(self, records: Sequence[Record]) -> tuple[list[Arrival], list[Answer]]:
        """The posts to judge, and the answers that need no judging."""
        with StageTimes(self._metrics).stage("intake"):
            if sum(len(record.value) for record in records) < THREAD_WORTHY_BYTES:
                return self._read(records)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._read, records)

    def _read(self, records: Sequence[Record]) -> tuple[list[Arrival], list[Answer]]:
        arrivals, settled = [], []
        for record in records:
            try:
                arrival = Arrival(record, read_post(record.value))
            except UnreadableRecordError as error:
                letter = dead_letter(record, error.error_class, str(error), self._clock())
                settled.append(Answer(record, letter))
            except Exception as error:  # noqa: BLE001 - a record that breaks the parser
                settled.append(self._poisoned(record, ErrorClass.INTERNAL, error))
            else:
                if arrival.post.op is Op.DELETE:
                    settled.append(Answer(record, self._rules.withdraw(arrival)))
                else:
                    arrivals.append(arrival)
        return arrivals, settled

    async def _send(self, answers: Sequence[Answer]) -> None:
        current = [answer for answer in answers if self._is_current(answer.record)]
        with StageTimes(self._metrics).stage("emit"):
            sent = await self._emit.send(current)
        now = self._clock()
        for answer in sent:
            record = answer.record
            self._watermarks.finish(record.place, record.offset, record.epoch)
            self._metrics.answered(answer, now)
        self._in_flight.release(len(answers), sum(len(answer.record.value) for answer in answers))

    def _is_current(self, record: Record) -> bool:
        """Whether the record's partition is still ours; if not, its new owner answers."""
        return (
            record.place in self._watermarks
            and self._watermarks[record.place].epoch == record.epoch
        )

    def _poisoned(self, record: Record, error_class: ErrorClass, error: Exception) -> Answer:
        # The error's own text may quote the post, so only its class and place are told.
        place = _raised_at(error)
        log.error(
            "a post could not be processed and is set aside",
            extra={
                "partition": record.place.partition,
                "offset": record.offset,
                "error_class": error_class,
                "exception": type(error).__name__,
                "raised_at": place,
            },
        )
        reason = f"no stage could process it: {type(error).__name__} in {place}"
        return Answer(record, dead_letter(record, error_class, reason, self._clock()))


def _raised_at(error: Exception) -> str:
    """``file:line`` of the innermost frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no frame"
