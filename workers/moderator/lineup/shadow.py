"""Scores posts that are judged by the model that did not judge them, and tells how both compare.

::

    verdict ---> drawn? ---> queue ---> the other model ---> the same policy ---> shadow-verdicts
                               |                                                  metrics
                               +-- full: dropped, and counted

Verdicts wait for none of it, and nothing that goes wrong here reaches them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaError

from schemas import Post, ShadowVerdict, Verdict
from workers.moderator.judge import Judgement
from workers.moderator.lineup.comparing import Compared, compare, reached
from workers.moderator.lineup.lineup import Lineup
from workers.moderator.lineup.metrics import LineupMetrics
from workers.moderator.lineup.models import Models
from workers.moderator.lineup.slot import Slot
from workers.moderator.media import decoded_bytes
from workers.moderator.records import Arrival
from workers.moderator.rulebook import Decider, Rulebook
from workers.streams import get_logger

if TYPE_CHECKING:
    from moderation.media import DecodedPost
    from moderation.scoring import PostScores

log = get_logger(__name__)

QUEUE_POSTS: Final = 512
QUEUE_BYTES: Final = 64 * 1024 * 1024
"""Of decoded media. What may wait for the second model: a burst, and no backlog. One that cannot
follow its share drops posts."""

GROUP_POSTS: Final = 32
"""Scored together: small, because the live model shares the cores or the GPU with it."""

SAYING_SECONDS: Final = 60.0
"""Between log lines about failures, which metrics count one by one."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A judged post that waits for the other model."""

    post: Post
    decoded: DecodedPost
    verdict: Verdict
    slot: Slot
    """The other model."""
    lineup: Lineup
    engine: Decider
    bytes: int


class Shadow:
    """The comparison of a worker's two models.

    Args:
        models: which there are.
        rulebook: names the policy in force.
        producer: of shadow verdicts; started, and not the one of verdicts.
        topic: full name of ``shadow-verdicts``.
        thread: one thread, where policies are asked what would be.
        metrics: count and compare.
    """

    def __init__(
        self,
        models: Models,
        rulebook: Rulebook,
        producer: Any,
        topic: str,
        *,
        thread: Executor,
        metrics: LineupMetrics,
    ) -> None:
        self._models = models
        self._rulebook = rulebook
        self._producer = producer
        self._topic = topic
        self._thread = thread
        self._metrics = metrics
        self._waiting: deque[_Drawn] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._next_saying = 0.0

    def offer(
        self,
        arrivals: Sequence[Arrival],
        decoded: Sequence[DecodedPost],
        judged: Sequence[Judgement],
    ) -> None:
        """Take those of the judged posts that are drawn, if there is room. Returns at once."""
        lineup = self._models.current
        edition = self._rulebook.current
        if lineup.candidate is None or edition.what_if is None:
            return
        for arrival, post, judgement in zip(arrivals, decoded, judged, strict=True):
            verdict = judgement.verdict
            slot = lineup.shadow_of(verdict.post_id, verdict.versions.model)
            if slot is None:
                continue
            size = decoded_bytes([post])
            if (
                len(self._waiting) >= QUEUE_POSTS
                or (self._waiting and self._bytes + size > QUEUE_BYTES)
                or verdict.versions.policy != edition.versions.policy
            ):
                self._metrics.drawn("dropped")
                continue
            self._waiting.append(
                _Drawn(arrival.post, post, verdict, slot, lineup, edition.what_if, size)
            )
            self._bytes += size
            self._arrived.set()

    async def run(self) -> None:
        """Compare what waits, until cancelled."""
        while True:
            await self._arrived.wait()
            group = self._take()
            if group:
                await self._compare(group)

    def _take(self) -> list[_Drawn]:
        """Posts for one model, the oldest first; none of models that were changed meanwhile."""
        group: list[_Drawn] = []
        while self._waiting and len(group) < GROUP_POSTS:
            first = self._waiting[0]
            if group and first.slot is not group[0].slot:
                break
            self._waiting.popleft()
            self._bytes -= first.bytes
            if self._is_current(first):
                group.append(first)
            else:
                self._metrics.drawn("dropped")
        if not self._waiting:
            self._arrived.clear()
        return group

    async def _compare(self, group: Sequence[_Drawn]) -> None:
        """Score and compare the group; one post that cannot be is sought and counted."""
        slot = group[0].slot
        try:
            begin = time.monotonic()
            scored = await slot.score([one.decoded for one in group])
            self._metrics.seconds.observe(time.monotonic() - begin)
            loop = asyncio.get_running_loop()
            compared = await loop.run_in_executor(self._thread, _compare_all, group, scored)
        except Exception as error:  # noqa: BLE001 - it is a shadow: counted, and never more
            if len(group) > 1:
                middle = len(group) // 2
                await self._compare(group[:middle])
                await self._compare(group[middle:])
                return
            self._metrics.drawn("failed")
            self._say("the second model failed on a post", slot, error)
            return
        records: list[ShadowVerdict] = []
        for drawn, one in zip(group, compared, strict=True):
            if self._is_current(drawn):
                self._count(one, by_candidate=slot is drawn.lineup.candidate)
            else:  # the figures are another candidate's by now
                self._metrics.drawn("dropped")
            records.append(one.record(slot.version, drawn.lineup.compared_share))
        await self._send(records, slot)

    def _is_current(self, drawn: _Drawn) -> bool:
        return drawn.lineup.slots == self._models.current.slots

    def _count(self, compared: Compared, *, by_candidate: bool) -> None:
        pair = (compared.judge, compared.shadow)
        live, candidate = pair if by_candidate else pair[::-1]
        self._metrics.drawn("compared")
        self._metrics.actions(live.action, candidate.action)
        if compared.shadow.status is not compared.judge.status:
            self._metrics.degraded()
        ours, theirs = live.trace.model_scores, candidate.trace.model_scores
        at_live, at_candidate = reached(live), reached(candidate)
        for category in ours.keys() & theirs.keys():
            self._metrics.category(
                category,
                live=ours[category],
                candidate=theirs[category],
                agrees=at_live.get(category) == at_candidate.get(category),
            )

    async def _send(self, records: Sequence[ShadowVerdict], slot: Slot) -> None:
        for record in records:
            try:
                sent = await self._producer.send(
                    self._topic, record.to_bytes(), key=record.post_id.encode()
                )
            except KafkaError as error:
                self._unsent(slot, error)
            else:
                sent.add_done_callback(partial(self._acknowledged, slot))

    def _acknowledged(self, slot: Slot, sent: asyncio.Future[object]) -> None:
        error = None if sent.cancelled() else sent.exception()
        if error is not None:
            self._unsent(slot, error)

    def _unsent(self, slot: Slot, error: BaseException) -> None:
        self._metrics.drawn("unsent")
        self._say("the broker does not take shadow verdicts", slot, error)

    def _say(self, what: str, slot: Slot, error: BaseException) -> None:
        now = time.monotonic()
        if now < self._next_saying:
            return
        self._next_saying = now + SAYING_SECONDS
        log.warning(what, model=slot.version, exception=type(error).__name__)


def _compare_all(group: Sequence[_Drawn], scored: Sequence[PostScores]) -> list[Compared]:
    return [
        compare(one.post, one.verdict, scores, one.engine)
        for one, scores in zip(group, scored, strict=True)
    ]
