"""Keep a task alive: what it cannot do now, it tries again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from workers.streams import get_logger

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
"""A broker that comes back is noticed within a quarter of a minute."""

log = get_logger(__name__)


async def keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Await ``work`` until cancelled; when it raises, log, pause and start it again.

    Reviewers go on working meanwhile: the queue and the outbox are in the database, and
    ``/readyz`` says what does not run.
    """
    pause = FIRST_PAUSE_SECONDS
    while True:
        started = asyncio.get_running_loop().time()
        try:
            await work()
        except Exception as error:
            if asyncio.get_running_loop().time() - started > LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            log.exception(
                "failed, trying again",
                task=name,
                error=type(error).__name__,
                pause_seconds=pause,
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
