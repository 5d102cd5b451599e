"""The least that consumes, transforms and produces: aiokafka, JSON, and the same scores for all.

No contract, no rules, no media, no back-pressure; answers as large as the worker's. Idempotent
production and a commit a poll, so at least once.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from schemas import CATEGORIES, TOPICS
from workers.settings import KafkaSettings
from workers.streams import make_consumer, make_producer

POLL_POSTS = 500
PADDING = "x" * 500
"""Brings an answer to the size of a verdict."""


def answer(value: bytes) -> tuple[bytes, bytes]:
    """Key and value of what is said about a post."""
    post: dict[str, Any] = json.loads(value)
    said = {
        "post_id": post["post_id"],
        "action": "allow",
        "scores": dict.fromkeys(CATEGORIES, 0.01),
        "padding": PADDING,
    }
    return post["post_id"].encode(), json.dumps(said).encode()


async def run() -> None:
    """Answer posts until ended."""
    kafka = KafkaSettings()
    consumer = make_consumer(kafka, kafka.topic(TOPICS.posts), group=kafka.group("raw"))
    producer = make_producer(kafka)
    await consumer.start()
    await producer.start()
    verdicts = kafka.topic(TOPICS.verdicts)
    while True:
        batches = await consumer.getmany(timeout_ms=100, max_records=POLL_POSTS)
        sent = []
        for records in batches.values():
            for record in records:
                key, value = answer(record.value)
                sent.append(await producer.send(verdicts, value, key))
        for acknowledged in sent:
            await acknowledged
        if sent:
            await consumer.commit()


if __name__ == "__main__":
    asyncio.run(run())
