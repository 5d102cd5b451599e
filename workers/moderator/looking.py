"""Looks at what may change while a worker runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

LOOK_SECONDS: Final = 5.0
"""Between looks: a policy may change, and banks may come and go."""


async def look_now_and_then(*looks: Callable[[], object]) -> None:
    """Look at once and again after pauses, until cancelled."""
    while True:
        for look in looks:
            look()
        await asyncio.sleep(LOOK_SECONDS)
