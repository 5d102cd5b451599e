"""aiokafka with fixed batches: 32 posts, or what has come within 10 ms."""

from __future__ import annotations

import asyncio
import time

from bench.performance.peers.consuming import Loop, in_thread
from bench.performance.peers.model import PeerModel

BATCH_POSTS = 32
TIMER_SECONDS = 0.010


async def run() -> None:
    """Answer posts until ended."""
    model = PeerModel()
    loop = Loop("fixed-batches")
    await loop.start()
    while True:
        posts, deadline = await loop.poll(100, BATCH_POSTS), time.monotonic() + TIMER_SECONDS
        while posts and len(posts) < BATCH_POSTS and (left := deadline - time.monotonic()) > 0:
            posts += await loop.poll(max(1, int(left * 1000)), BATCH_POSTS - len(posts))
        if posts:
            await loop.send(await in_thread(model.answers, posts))
            await loop.consumer.commit()


if __name__ == "__main__":
    asyncio.run(run())
