"""The way of a post, from a record that was read to an answer that the broker has."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import PurePath
from typing import Final

from moderation.media import DecodedPost
from moderation.scoring import PostScores
from schemas import ErrorClass, Op
from workers.moderator.answer_lines import naming
from workers.moderator.answers import Answer
from workers.moderator.degrade import unscored
from workers.moderator.delivery import Delivery
from workers.moderator.device import Scoring
from workers.moderator.errors import DeviceFullError, DeviceLostError, UnreadableRecordError
from workers.moderator.in_flight import InFlight
from workers.moderator.judge import Judgement
from workers.moderator.media import MediaStage, PreparedPost, decoded_bytes, has_media
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.post_spans import PostSpans, exemplar
from workers.moderator.records import Arrival, Record, dead_letter, read_post
from workers.moderator.retries import (
    MEDIA_AWAY,
    STAGE_FAILED,
    Retries,
    failed_for_now,
    media_are_away,
)
from workers.moderator.revisions import Revisions
from workers.moderator.rules_stage import Clock, RulesStage
from workers.moderator.stage_times import StageTimes
from workers.streams import get_logger

log = get_logger(__name__)

Judged = tuple[Arrival, Answer]

Compare = Callable[[Sequence[Arrival], Sequence[DecodedPost], Sequence[Judgement]], object]
"""Told of posts that are judged; returns at once."""

THREAD_WORTHY_BYTES: Final = 64 * 1024
"""Records of a poll from which on they are parsed on a thread: about a millisecond of parsing."""


class Pipeline:
    """Answers records: each one by a verdict or a dead letter, and only then marks it done.

    Args:
        media: fetches and decodes.
        device: scores.
        rules: judges.
        compare: asks another model about posts that are judged, where there is one.
        delivery: takes the answers.
        in_flight: told of decoded media.
        metrics: times stages.
        threads: where large records are parsed.
        group_posts: how many posts without media travel together now.
        revisions: knows what is overtaken.
        retries: puts off what has to wait.
        clock: the time of dead letters.
        spans: traces posts; None where tracing is off.
    """

    def __init__(
        self,
        *,
        media: MediaStage,
        device: Scoring,
        rules: RulesStage,
        delivery: Delivery,
        in_flight: InFlight,
        metrics: WorkerMetrics,
        threads: Executor,
        group_posts: Callable[[], int],
        revisions: Revisions,
        retries: Retries,
        clock: Clock,
        spans: PostSpans | None = None,
        compare: Compare | None = None,
    ) -> None:
        self._media = media
        self._device = device
        self._rules = rules
        self._delivery = delivery
        self._in_flight = in_flight
        self._metrics = metrics
        self._threads = threads
        self._group_posts = group_posts
        self._revisions = revisions
        self._retries = retries
        self._clock = clock
        self._spans = spans
        self._compare = compare
        self._trace_of = None if spans is None else exemplar

    async def answer(self, records: Sequence[Record]) -> None:
        """Answer the records of a poll: intake, then each group by itself to its answers.

        Posts without media travel in groups; each post with media travels alone, so that a slow
        fetch delays nobody else.

        Raises:
            ExceptionGroup: of BrokerLostError, where an answer could not be produced, and of
                DeviceLostError, where nothing can be scored any more.
        """
        if self._spans is None:
            await self._answer_all(records)
            return
        traced = self._spans.begin(records)
        try:
            await self._answer_all(traced)
        finally:
            self._spans.finish(traced)

    async def _answer_all(self, records: Sequence[Record]) -> None:
        arrivals, settled = self._sort(await self._intake(records))
        async with asyncio.TaskGroup() as tasks:
            if settled:
                tasks.create_task(self._send(settled))
            for group in self._groups(arrivals):
                tasks.create_task(self._answer(group))

    def _groups(self, arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
        texts = [arrival for arrival in arrivals if not has_media(arrival.post)]
        size = self._group_posts()
        for start in range(0, len(texts), size):
            yield texts[start : start + size]
        for arrival in arrivals:
            if has_media(arrival.post):
                yield [arrival]

    async def _answer(self, group: Sequence[Arrival]) -> None:
        """Judge the group and send its answers; what cannot be judged is sought and set aside."""
        try:
            with naming(group, self._trace_of):
                answers = await self._judge(group)
        except DeviceLostError:
            raise
        except Exception as error:  # noqa: BLE001 - any failure is isolated to its post
            if len(group) > 1:
                middle = len(group) // 2
                await self._answer(group[:middle])
                await self._answer(group[middle:])
                return
            with naming(group, self._trace_of):
                answers = [self._failed(group[0], error)]
        # What was overtaken meanwhile has its answer already.
        await self._send([answer for arrival, answer in answers if self._revisions.answer(arrival)])

    async def _judge(self, group: Sequence[Arrival]) -> list[Judged]:
        """Media -> model -> rules. What has to wait for its media is put off."""
        times = StageTimes(self._metrics, passed=self._watch(group))
        with times.stage("media"):
            prepared = await self._media.prepare([arrival.post for arrival in group])
        judged: list[Judged] = []
        ready: list[tuple[Arrival, PreparedPost]] = []
        for arrival, post in zip(group, prepared, strict=True):
            later = None
            if media_are_away(post.decoded):
                later = self._retries.put_off(arrival.record, MEDIA_AWAY)
            if later is not None:
                judged.append((arrival, later))
            elif self._revisions.is_awaited(arrival):
                ready.append((arrival, post))
        if ready:
            judged += await self._score(ready, times)
        return judged

    async def _score(
        self, ready: Sequence[tuple[Arrival, PreparedPost]], times: StageTimes
    ) -> list[Judged]:
        arrivals = [arrival for arrival, _ in ready]
        decoded = [post.decoded for _, post in ready]
        prints = [post.fingerprints for _, post in ready]
        times.passed = self._watch(arrivals)
        with self._in_flight.holding(decoded_bytes(decoded)):
            with times.stage("model"):
                scored = await self._scores(arrivals, decoded)
            with times.stage("rules"):
                judged = await self._rules.judge(arrivals, scored, prints, times.seconds)
        if self._compare is not None:
            self._compare(arrivals, decoded, judged)
        return [
            (arrival, Answer(arrival.record, judgement))
            for arrival, judgement in zip(arrivals, judged, strict=True)
        ]

    async def _scores(
        self, arrivals: Sequence[Arrival], decoded: Sequence[DecodedPost]
    ) -> list[PostScores]:
        try:
            return await self._device.score(decoded, embed=self._rules.wants_vectors)
        except DeviceFullError:
            if len(arrivals) > 1:
                raise  # less at once needs less memory
            return [unscored(arrivals[0].post, decoded[0].not_scanned)]

    def _failed(self, arrival: Arrival, error: Exception) -> Judged:
        """The answer to a post that raised although it was alone."""
        record = arrival.record
        if failed_for_now(error):
            later = self._retries.put_off(record, STAGE_FAILED)
            if later is not None:
                return arrival, later
        return arrival, self._poisoned(record, ErrorClass.POISON, error)

    async def _intake(self, records: Sequence[Record]) -> list[Arrival | Answer]:
        """The posts, and dead letters for what is none."""
        with StageTimes(self._metrics).stage("intake"):
            if sum(len(record.value) for record in records) < THREAD_WORTHY_BYTES:
                return self._read(records)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._read, records)

    def _read(self, records: Sequence[Record]) -> list[Arrival | Answer]:
        read: list[Arrival | Answer] = []
        for record in records:
            try:
                read.append(Arrival(record, read_post(record.value)))
            except UnreadableRecordError as error:
                letter = dead_letter(record, error.error_class, str(error), self._clock())
                read.append(Answer(record, letter))
            except Exception as error:  # noqa: BLE001 - a record that breaks the parser
                read.append(self._poisoned(record, ErrorClass.INTERNAL, error))
        return read

    def _sort(self, read: Sequence[Arrival | Answer]) -> tuple[Sequence[Arrival], Sequence[Answer]]:
        """The posts to judge, and the answers that need no judging."""
        arrivals: list[Arrival] = []
        settled: list[Answer] = []
        for one in read:
            if isinstance(one, Answer):
                settled.append(one)
                continue
            arrived = self._revisions.arrive(one)
            settled += [
                self._withdrawn(old, arrived.newest.revision)
                for old in arrived.overtaken
                if self._revisions.answer(old)
            ]
            if arrived.is_late:
                settled.append(self._withdrawn(one, arrived.newest.revision))
            elif one.post.op is Op.DELETE:
                settled.append(self._withdrawn(one))
            else:
                arrivals.append(one)
        if settled:  # perhaps one of these, by a later record of the same poll
            arrivals = [one for one in arrivals if self._revisions.is_awaited(one)]
        return arrivals, settled

    def _withdrawn(self, arrival: Arrival, superseded_by: int | None = None) -> Answer:
        return Answer(arrival.record, self._rules.withdraw(arrival, superseded_by))

    async def _send(self, answers: Sequence[Answer]) -> None:
        with self._sending(answers), StageTimes(self._metrics).stage("emit"):
            await self._delivery.deliver(answers)

    def _watch(self, arrivals: Sequence[Arrival]) -> Callable[[str, float], None] | None:
        if self._spans is None:
            return None
        return self._spans.watch([arrival.record for arrival in arrivals])

    def _sending(self, answers: Sequence[Answer]) -> AbstractContextManager[None]:
        return nullcontext() if self._spans is None else self._spans.sending(answers)

    def _poisoned(self, record: Record, error_class: ErrorClass, error: Exception) -> Answer:
        # The error's own text may quote the post, so only its class and place are told.
        place = _raised_at(error)
        log.error(
            "a post could not be processed and is set aside",
            partition=record.place.partition,
            offset=record.offset,
            error_class=error_class,
            error=type(error).__name__,
            raised_at=place,
        )
        reason = f"no stage could process it: {type(error).__name__} in {place}"
        return Answer(record, dead_letter(record, error_class, reason, self._clock()))


def _raised_at(error: Exception) -> str:
    """``file:line`` of the innermost frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "no frame"
