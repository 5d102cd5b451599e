"""Where hostile media are decoded, and what happens when too many of them come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from moderation.media import DecodingPool, GuardedDecoder, Stopped, UnreachableMediaError
from workers.moderator.resources import threads
from workers.moderator.settings import ModeratorSettings

TOO_MANY: Final = "too many files wait for a decoder that can be stopped; post it again later"


class Guard:
    """Children that decode, and the threads that wait for them.

    Those threads are others than the ones that parse and decode plain media, and no more posts go
    to them than there are children: a flood of bombs keeps no plain file waiting. A post that finds
    no child free for as long as a bomb takes is told so as if its media's host were away, so that
    it is tried again later, and its partition goes on.

    Args:
        pool: of children.
        executor: a thread for each of them.
        children: how many there are.
        seconds: for all hostile media of a post together, and for how long a post waits its turn.
        trusts_nothing: whether plain media go to a child as well.
    """

    def __init__(
        self,
        pool: DecodingPool,
        executor: Executor,
        *,
        children: int,
        seconds: float,
        trusts_nothing: bool = False,
    ) -> None:
        self.executor = executor
        self.trusts_nothing = trusts_nothing
        self._pool = pool
        self._seconds = seconds
        self._turns = asyncio.Semaphore(children)

    def decoder(self) -> GuardedDecoder:
        """For one post."""
        return GuardedDecoder(self._pool, seconds=self._seconds, trusts_nothing=self.trusts_nothing)

    @property
    def is_busy(self) -> bool:
        """Whether a post would have to wait."""
        return self._turns.locked()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A child for the post in the block.

        Raises:
            UnreachableMediaError: none became free in time.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise UnreachableMediaError(TOO_MANY) from None
        try:
            yield
        finally:
            self._turns.release()


@contextmanager
def running_guard(
    settings: ModeratorSettings, on_stopped: Callable[[Stopped], object]
) -> Iterator[Guard]:
    """The guard that the settings describe; its children end with the block."""
    pool = DecodingPool(
        settings.decode_children,
        memory_bytes=settings.decode_memory_bytes,
        on_stopped=on_stopped,
    )
    try:
        with threads("guard", settings.decode_children) as executor:
            yield Guard(
                pool,
                executor,
                children=settings.decode_children,
                seconds=settings.decode_seconds,
                trusts_nothing=settings.decode_isolated == "all",
            )
    finally:
        pool.close()
