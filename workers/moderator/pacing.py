"""Intake does not hurry while posts wait for the device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from workers.moderator.intake import Gate

PAUSE_SECONDS: Final = 0.02
"""Posts that come one by one are then read by the dozen, and so scored, judged and committed. Each
read wakes the event loop, the rules and the lanes, whose Python the scoring threads wait for. Far
less than a batch takes on a CPU; polls of 256 posts come to 12,800 posts/s."""


def unhurried(waiting: Callable[[], int]) -> Gate:
    """A gate that opens a moment later while something waits for the device.

    Args:
        waiting: groups of posts that wait for it.
    """

    async def gate(_seconds: float) -> bool:
        if waiting():
            await asyncio.sleep(PAUSE_SECONDS)
        return True

    return gate
