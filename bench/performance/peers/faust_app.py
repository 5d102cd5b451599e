"""A Faust app over the topics of a run, as Faust's own guide writes one."""

from __future__ import annotations

import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import faust

from schemas import TOPICS
from workers.settings import KafkaSettings

Answer = Callable[[bytes], tuple[bytes, bytes]]
"""From a post's bytes to key and value of what is said about it."""


def run_agent(answer: Answer) -> None:
    """Run an agent that answers posts one by one; does not return."""
    kafka = KafkaSettings()
    app = faust.App(
        kafka.group("faust"),
        broker=f"kafka://{kafka.bootstrap_servers}",
        topic_disable_leader=True,
        topic_allow_declare=False,
        store="memory://",
        consumer_auto_offset_reset="earliest",
        datadir=tempfile.mkdtemp(prefix="bench-faust-"),
        web_port=_free_port(),
    )
    posts = app.topic(kafka.topic(TOPICS.posts), value_type=bytes, value_serializer="raw")
    verdicts = app.topic(kafka.topic(TOPICS.verdicts), key_serializer="raw", value_serializer="raw")

    async def judge(stream: Any) -> None:
        async for value in stream:
            key, said = answer(value)
            sent: Awaitable[object] = verdicts.send(key=key, value=said)
            await sent

    app.agent(posts)(judge)
    sys.argv = [sys.argv[0], "worker", "--loglevel", "warn", "--without-web"]
    app.main()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
