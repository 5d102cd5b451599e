"""How much is between intake and answer, in posts and in bytes, and when intake has to pause."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaterMarks:
    """Intake pauses when either high mark is reached, and resumes below both low marks."""

    high_posts: int
    low_posts: int
    high_bytes: int
    low_bytes: int


class InFlight:
    """Counts what is in flight. Belongs to the event loop; not thread-safe."""

    def __init__(self, marks: WaterMarks) -> None:
        self._marks = marks
        self._posts = 0
        self._bytes = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def posts(self) -> int:
        """Records taken in and not answered."""
        return self._posts

    @property
    def bytes(self) -> int:
        """Bytes of those records, and of their media while these are decoded."""
        return self._bytes

    @property
    def paused(self) -> bool:
        """Whether intake has to wait."""
        return not self._flowing.is_set()

    def take(self, posts: int, size: int) -> None:
        """Note that so many posts of so many bytes in all came in."""
        self._posts += posts
        self._bytes += size
        self._settle()

    def release(self, posts: int, size: int) -> None:
        """Note that they are answered, or dropped."""
        self._posts -= posts
        self._bytes -= size
        self._settle()

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """Count further bytes, such as decoded media, while the block runs."""
        self.take(0, size)
        try:
            yield
        finally:
            self.release(0, size)

    async def wait_flowing(self, timeout_seconds: float) -> bool:
        """Wait until intake may go on; returns False when the time is over first."""
        return await _wait(self._flowing, timeout_seconds)

    async def wait_empty(self, timeout_seconds: float) -> bool:
        """Wait until nothing is in flight; returns False when the time is over first."""
        return await _wait(self._empty, timeout_seconds)

    def _settle(self) -> None:
        marks = self._marks
        if self._posts >= marks.high_posts or self._bytes >= marks.high_bytes:
            self._flowing.clear()
        elif self._posts <= marks.low_posts and self._bytes <= marks.low_bytes:
            self._flowing.set()
        if self._posts:
            self._empty.clear()
        else:
            self._empty.set()


async def _wait(event: asyncio.Event, timeout_seconds: float) -> bool:
    if event.is_set():
        return True
    try:
        await asyncio.wait_for(event.wait(), timeout_seconds)
    except TimeoutError:
        return False
    return True
