"""Posts are read by the dozen while others wait for the device, and at once otherwise."""

from __future__ import annotations

import asyncio

import pytest

from workers.moderator.pacing import PAUSE_SECONDS, unhurried


def test_nothing_is_held_up_while_the_device_waits_for_posts() -> None:
    opening = unhurried(lambda: 0)(0.1)
    with pytest.raises(StopIteration) as opened:
        opening.__await__().__next__()
    assert opened.value.value is True


async def test_while_posts_wait_for_the_device_the_next_are_let_in_a_moment_later() -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    assert await unhurried(lambda: 3)(0.1)
    assert loop.time() - begin >= PAUSE_SECONDS / 2
