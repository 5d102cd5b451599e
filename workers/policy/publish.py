"""Put a policy on the topic ``policies``, from where workers take it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import typer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from rules import PolicyError, find_policy, read_bundle
from schemas import TOPICS, PolicyBundle
from workers.policy.report import exit_with
from workers.settings import KafkaSettings
from workers.streams import StreamsError, TopicError, describe_topics, make_producer


def published(path: Path) -> str:
    """Publish the policy of a file or folder; what to say about it.

    Raises:
        typer.Exit: it cannot be used, has no cases or fails one, or the broker does not take it.
    """
    try:
        bundle = read_bundle(find_policy(path), datetime.now(UTC))
    except PolicyError as error:
        raise exit_with(error) from error
    kafka = KafkaSettings()
    try:
        asyncio.run(send_bundle(kafka, bundle))
    except StreamsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    return (
        f"OK {bundle.version} is on {kafka.topic(TOPICS.policies)} with {len(bundle.lists)} lists\n"
        f"workers with MODERATION_WORKER_FOLLOW_POLICY={bundle.name} switch to it"
    )


async def send_bundle(kafka: KafkaSettings, bundle: PolicyBundle) -> None:
    """Produce the bundle, and wait until the broker has it.

    Raises:
        TopicError: there is no such topic, or the broker does not take the bundle.
    """
    (topic,) = await describe_topics(kafka, [TOPICS.policies])
    if topic.state == "missing":
        raise TopicError(
            f"there is no topic {topic.name}; `moderation topics create` makes it, and "
            "MODERATION_KAFKA_TOPIC_PREFIX says what its name begins with"
        )
    value = bundle.to_bytes()
    producer = make_producer(kafka, client_id="moderation-publish")
    try:
        await producer.start()
        await producer.send_and_wait(topic.name, value, key=bundle.name.encode())
    except MessageSizeTooLargeError as error:
        raise TopicError(
            f"{bundle.version} is too large for {topic.name} ({len(value):,} bytes); shorten its "
            "lists, or bring it to the workers as files"
        ) from error
    except KafkaError as error:
        raise TopicError(f"the broker does not take {bundle.version}: {error}") from error
    finally:
        await producer.stop()
