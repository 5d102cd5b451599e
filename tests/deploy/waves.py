"""Traffic that makes every metric move: good, broken and edited posts, and reviewers' decisions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from rules.engine.hit_rates import WINDOW_POSTS
from schemas import TOPICS, Action, Media, Post, ReviewDecision
from tests.support.kafka import produce, produce_messages
from workers.settings import KafkaSettings

WAVE_SECONDS = 0.5
POSTS_A_WAVE = 8
AUTHORS = 5

TEXT = "good morning"
"""Of every post; the bank of the dashboard's test knows it."""

TRUNCATED_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@contextmanager
def waves(kafka: KafkaSettings) -> Iterator[None]:
    """Produce a wave every half second for as long as the block runs."""
    over = threading.Event()
    failures: list[Exception] = []

    def run() -> None:
        number = 0
        try:
            asyncio.run(_window(kafka))
            while not over.wait(WAVE_SECONDS):
                asyncio.run(_wave(kafka, number))
                number += 1
        except Exception as error:  # noqa: BLE001 - raised again below, in the test's own thread
            failures.append(error)

    thread = threading.Thread(target=run, name="waves")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if failures:
        raise failures[0]


async def _window(kafka: KafkaSettings) -> None:
    """As many posts at once as make a window of hit rates."""
    now = datetime.now(UTC)
    posts = [
        Post(post_id=f"window-{n}", author_id="author-1", created_at=now, text=TEXT)
        for n in range(WINDOW_POSTS)
    ]
    await produce_messages(kafka, TOPICS.posts, [(post.author_id, post) for post in posts])


async def _wave(kafka: KafkaSettings, number: int) -> None:
    now = datetime.now(UTC)
    posts = [
        Post(
            post_id=f"wave-{number}-{place}",
            author_id=f"author-{place % AUTHORS}",
            created_at=now,
            text=TEXT,
            # One in eight cannot be scanned whole, and so goes to a reviewer.
            images=(Media(data=TRUNCATED_PNG),) if place == 0 else (),
        )
        for place in range(POSTS_A_WAVE)
    ]
    await produce_messages(kafka, TOPICS.posts, [(post.author_id, post) for post in posts])
    await produce(kafka, TOPICS.posts, [(b"author-0", b"{broken")])
    decision = _overturning(posts[1], now)
    twice = [(decision.post_id, decision)] * 2
    await produce_messages(kafka, TOPICS.review_decisions, twice)


def _overturning(post: Post, now: datetime) -> ReviewDecision:
    return ReviewDecision(
        decision_id=uuid5(NAMESPACE_URL, post.post_id),
        verdict_id=uuid5(NAMESPACE_URL, f"verdict on {post.post_id}"),
        post_id=post.post_id,
        revision=post.revision,
        author_id=post.author_id,
        reviewer="reviewer-1",
        action=Action.ALLOW,
        machine_action=Action.LIMIT,
        claimed_at=now,
        decided_at=now,
    )
