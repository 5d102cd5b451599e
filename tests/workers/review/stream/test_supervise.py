"""A task that fails is started again; one that is cancelled is not."""

from __future__ import annotations

import asyncio

import pytest

from workers.review.stream import keep_running


async def test_work_that_raises_is_logged_and_started_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tries = 0
    again = asyncio.Event()

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ConnectionError("no broker")
        again.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(keep_running("relay", work))
    await asyncio.wait_for(again.wait(), timeout=30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "no broker" in caplog.text
    assert tries == 2
