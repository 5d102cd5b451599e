"""Wait for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

POLL_SECONDS: Final = 0.1


class StalledError(Exception):
    """Something that must happen did not within its deadline."""


def until(
    probe: Callable[[], bool],
    *,
    seconds: float,
    describe: str,
    tend: Callable[[], object] = lambda: None,
) -> float:
    """Wait until the probe says so; returns the seconds that it took.

    Args:
        probe: asked again and again.
        seconds: the deadline.
        describe: what is waited for, for the error.
        tend: called before each question.

    Raises:
        StalledError: the deadline has passed.
    """
    begin = time.monotonic()
    while True:
        tend()
        if probe():
            return time.monotonic() - begin
        if time.monotonic() - begin > seconds:
            raise StalledError(f"not within {seconds:g} s: {describe}")
        time.sleep(POLL_SECONDS)
