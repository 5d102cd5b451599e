"""Waiting on a condition with a deadline, never on the clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.05


class DeadlineExceededError(AssertionError):
    """The condition did not come true in time."""


def eventually(
    probe: Callable[[], T | None], *, within_seconds: float = 30.0, describe: str = "condition"
) -> T:
    """Call ``probe`` until it returns something truthy, and return that.

    Raises:
        DeadlineExceededError: it did not within the deadline; the last value is in the message.
    """
    deadline = time.monotonic() + within_seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise DeadlineExceededError(
                f"{describe} not true after {within_seconds:g} s (last value: {value!r})"
            )
        time.sleep(POLL_SECONDS)


async def eventually_async(
    probe: Callable[[], Awaitable[T | None]],
    *,
    within_seconds: float = 30.0,
    describe: str = "condition",
) -> T:
    """:func:`eventually` for a coroutine function."""
    deadline = time.monotonic() + within_seconds
    while True:
        value = await probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise DeadlineExceededError(
                f"{describe} not true after {within_seconds:g} s (last value: {value!r})"
            )
        await asyncio.sleep(POLL_SECONDS)
