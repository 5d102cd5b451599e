"""The device's own threads: a batch computes while the next one forms.

There is no timer. A thread takes what waits, up to its budget, as soon as it is free: at low
load a post is scored at once, at high load batches fill by themselves. A GPU is driven by one
thread. On a CPU several score batches side by side, so that no core waits while another cuts texts,
sorts pieces, or gathers what the model said.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from workers.moderator.errors import DeviceFullError, DeviceLostError, ModeratorError

if TYPE_CHECKING:
    from moderation.media import DecodedPost
    from moderation.scoring import PostScorer, PostScores

JOIN_SECONDS: Final = 5.0
"""How long closing waits for the batches that are being computed: longer than one on a slow CPU.
The threads are daemons, so that a device that hangs cannot keep the process alive."""


class Scoring(Protocol):
    """Scores posts for callers on the event loop."""

    async def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The scores of the posts, in their order; see :meth:`Device.score`."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    posts: Sequence[DecodedPost]
    embed: bool
    done: asyncio.Future[list[PostScores]]


class Device:
    """Runs a scorer on threads of its own, for callers on the event loop.

    Args:
        scorer: called on the device's threads only.
        max_batch_posts: a batch that holds so many posts takes in no further group. Groups are
            never split, so a batch may be larger by less than one group.
        threads: that score batches side by side.
        on_batch: told the number of posts of each batch, on the thread that scores it.
        on_busy: told the seconds of the device's time that each batch took, likewise: of two
            threads that both work for a second, each took half a second of it.
        broken: errors of the scorer that say that the device is lost for this process.
        out_of_memory: errors of the scorer that say that the posts are too many or too large.
    """

    def __init__(
        self,
        scorer: PostScorer,
        *,
        max_batch_posts: int,
        threads: int = 1,
        on_batch: Callable[[int], None] = lambda _: None,
        on_busy: Callable[[float], None] = lambda _: None,
        broken: tuple[type[Exception], ...] = (),
        out_of_memory: tuple[type[Exception], ...] = (MemoryError,),
    ) -> None:
        self._scorer = scorer
        self._max_batch_posts = max_batch_posts
        self._on_batch = on_batch
        self._on_busy = on_busy
        self.warm_up_seconds = 0.0
        self._broken = broken
        self._out_of_memory = out_of_memory
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._warm: asyncio.Future[None] = self._loop.create_future()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"device-{number}", daemon=True)
            for number in range(threads)
        ]
        self._is_warm = threading.Event()
        for thread in self._threads:
            thread.start()

    @property
    def waiting_groups(self) -> int:
        """Groups of posts that wait for the device; may be read from any thread."""
        return self._waiting.qsize()

    async def warm(self) -> None:
        """Wait until the scorer is warmed up, on the first of the threads that will use it.

        Raises:
            Exception: whatever the scorer raised.
        """
        await self._warm

    async def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The scores of the posts, in their order; with their vectors where ``embed`` asks.

        Raises:
            ModeratorError: the device is closed.
            DeviceLostError: only a new process can score again.
            DeviceFullError: the device has no memory for these posts.
            Exception: whatever else the scorer raised for them.
        """
        if self._closed:
            raise ModeratorError("the device is closed; no post can be scored any more")
        job = _Job(posts, embed, self._loop.create_future())
        self._waiting.put(job)
        return await job.done

    async def close(self) -> None:
        """Stop each thread after the batch that it computes; what still waits is cancelled."""
        self._closed = True
        self._cancel_waiting()
        for _ in self._threads:
            self._waiting.put(None)
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        deadline = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self, number: int) -> None:
        if number == 0:
            self._warm_up()
        self._is_warm.wait()
        while (first := self._waiting.get()) is not None:
            self._compute(self._fill(first))

    def _warm_up(self) -> None:
        begin = time.perf_counter()
        try:
            self._scorer.warm_up()
        except Exception as error:  # noqa: BLE001 - it goes to whoever waits for the start
            self._on_loop(partial(self._warmed, error))
        else:
            self.warm_up_seconds = time.perf_counter() - begin
            self._on_loop(self._warmed)
        self._is_warm.set()

    def _warmed(self, error: Exception | None = None) -> None:
        if self._warm.cancelled():  # who waited for the start was told to stop meanwhile
            return
        if error is None:
            self._warm.set_result(None)
        else:
            self._warm.set_exception(error)

    def _fill(self, first: _Job) -> list[_Job]:
        """Take what waits, until the budget is reached."""
        batch, posts = [first], len(first.posts)
        while posts < self._max_batch_posts:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            if job is None:
                # The end: finish this batch, then find a mark again.
                self._waiting.put(None)
                break
            batch.append(job)
            posts += len(job.posts)
        return batch

    def _compute(self, batch: list[_Job]) -> None:
        try:
            scores = self._score(batch)
        except self._broken as error:
            lost = DeviceLostError(f"the device is lost ({error}); restart the worker")
            lost.__cause__ = error
            self._settle(batch, lost)
        except Exception as error:  # noqa: BLE001 - it goes to whoever waits for these posts
            if len(batch) == 1:
                self._settle(batch, self._told(error))
                return
            # Groups that merely shared the batch must not pay for one that cannot be scored.
            middle = len(batch) // 2
            self._compute(batch[:middle])
            self._compute(batch[middle:])
        else:
            self._settle(batch, scores)

    def _told(self, error: Exception) -> Exception:
        if not isinstance(error, self._out_of_memory):
            return error
        full = DeviceFullError(f"the device has no memory for these posts ({type(error).__name__})")
        full.__cause__ = error
        return full

    def _score(self, batch: Sequence[_Job]) -> list[PostScores]:
        posts = [post for job in batch for post in job.posts]
        self._on_batch(len(posts))
        begin = time.perf_counter()
        try:
            scores = self._scorer.score(posts, embed=any(job.embed for job in batch))
        finally:
            self._on_busy((time.perf_counter() - begin) / len(self._threads))
        if [score.post_id for score in scores] != [post.post_id for post in posts]:
            raise ModeratorError("the scorer answered for other posts than it was given")
        return scores

    def _settle(self, batch: list[_Job], outcome: list[PostScores] | Exception) -> None:
        """Hand the outcome to the event loop, in one call for the whole batch."""

        def settle() -> None:
            start = 0
            for job in batch:
                end = start + len(job.posts)
                if job.done.cancelled():
                    pass
                elif isinstance(outcome, Exception):
                    job.done.set_exception(outcome)
                else:
                    job.done.set_result(outcome[start:end])
                start = end

        self._on_loop(settle)

    def _cancel_waiting(self) -> None:
        while True:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.done.cancel()

    def _on_loop(self, call: Callable[[], object]) -> None:
        # A closed loop means that closing gave up on this thread, and nobody waits any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call)
