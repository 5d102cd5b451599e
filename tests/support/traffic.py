"""Posts that keep coming while a test injects its fault."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from schemas import TOPICS, Op, Post
from tests.support.kafka import started_producer
from workers.settings import KafkaSettings

CREATED_AT: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)

POSTS_A_BURST: Final = 20
BURST_SECONDS: Final = 0.2
"""100 posts a second: always something in flight, and no more than a busy machine can judge."""

AUTHORS: Final = 50
"""Enough for every partition."""

Revision = tuple[str, int]
"""A post's id and its revision: what is answered once."""


def revision_of(post: Post) -> Revision:
    return post.post_id, post.revision


class Traffic:
    """A thread that produces posts, edits and withdrawals until it is told to finish."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self._kafka = kafka
        self._finish = threading.Event()
        self._acknowledged: list[Post] = []
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="traffic")

    @property
    def acknowledged(self) -> int:
        """Posts that the broker has taken so far."""
        return len(self._acknowledged)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> set[Revision]:
        """Stop producing; returns every revision that the broker has acknowledged."""
        self._finish.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return {revision_of(post) for post in self._acknowledged}

    def _run(self) -> None:
        try:
            asyncio.run(self._produce())
        except Exception as error:  # noqa: BLE001 - raised again by finish()
            self._failure = error

    async def _produce(self) -> None:
        number = 0
        async with started_producer(self._kafka) as producer:
            while not self._finish.is_set():
                burst = [make_post(number + place) for place in range(POSTS_A_BURST)]
                number += len(burst)
                sent = [
                    await producer.send(
                        self._kafka.topic(TOPICS.posts),
                        key=post.author_id.encode(),
                        value=post.to_bytes(),
                    )
                    for post in burst
                ]
                for acknowledgement in sent:
                    await acknowledgement
                self._acknowledged += burst
                await asyncio.sleep(BURST_SECONDS)


@contextmanager
def traffic(kafka: KafkaSettings) -> Iterator[Traffic]:
    """Posts that come for as long as the block runs, unless finished before."""
    posts = Traffic(kafka)
    posts.start()
    try:
        yield posts
    finally:
        posts.finish()


def make_post(number: int) -> Post:
    """Of ten posts seven are new, the eighth is edited by the ninth and withdrawn by the tenth."""
    place = number % 10
    first = number - max(0, place - 7)
    withdrawn = place == 9
    return Post(
        post_id=f"post-{first}",
        revision=number - first + 1,
        op=Op.DELETE if withdrawn else Op.UPSERT,
        author_id=f"author-{first % AUTHORS}",
        created_at=CREATED_AT,
        text=None if withdrawn else f"good morning, number {number}",
    )
