"""An event loop on a thread of its own, for what goes on while faults are injected."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, Final, TypeVar

T = TypeVar("T")

CALL_SECONDS: Final = 60.0
"""For a call that takes a moment on a machine that is well."""


class Background:
    """Runs coroutines for a caller without an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._running: list[Future[Any]] = []

    def call(self, work: Coroutine[Any, Any, T], *, seconds: float = CALL_SECONDS) -> T:
        """Run it to its end, and return what it returns.

        Raises:
            TimeoutError: it took longer than ``seconds``.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Leave it running until the end."""
        self._running.append(asyncio.run_coroutine_threadsafe(work, self._loop))

    def require_well(self) -> None:
        """Raise the failure of what was left running, if there is one."""
        for future in self._running:
            if future.done():
                future.result()

    def cancel(self) -> None:
        """End what was left running."""
        for future in self._running:
            future.cancel()


@contextmanager
def background() -> Iterator[Background]:
    """A loop that runs as long as the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="background", daemon=True)
    thread.start()
    running = Background(loop)
    try:
        yield running
    finally:
        running.cancel()
        running.call(_settled())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(CALL_SECONDS)
        loop.close()


async def _settled() -> None:
    """Wait until what was cancelled has cleaned up."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
