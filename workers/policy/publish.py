"""Put a policy on the topic ``policies``, from where workers take it, or the one before it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from pydantic import ValidationError

from rules import PolicyError, find_policy, read_bundle
from schemas import TOPICS, PolicyBundle
from workers.policy.report import exit_with
from workers.settings import KafkaSettings
from workers.streams import StreamsError, TopicError, make_producer, read_topic

PREVIOUS: Final = "@previous"
"""Ends the key of the policy that was in force before; no policy's name can hold an @."""


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
        raise _failed(error) from error
    return (
        f"OK {bundle.version} is on {kafka.topic(TOPICS.policies)} with {len(bundle.lists)} lists\n"
        f"workers with MODERATION_WORKER_FOLLOW_POLICY={bundle.name} switch to it"
    )


def taken_back(name: str) -> str:
    """Publish the policy that was in force before; what to say about it.

    Raises:
        typer.Exit: none was before, or the broker does not take it.
    """
    kafka = KafkaSettings()
    try:
        bundle = asyncio.run(_take_back(kafka, name))
    except StreamsError as error:
        raise _failed(error) from error
    return f"OK {bundle.version} is on {kafka.topic(TOPICS.policies)} again"


async def _take_back(kafka: KafkaSettings, name: str) -> PolicyBundle:
    before = (await _bundles(kafka)).get(name + PREVIOUS)
    if before is None:
        raise TopicError(
            f"no policy was in force before the present {name}; publish the older file by "
            "`moderation rules publish`"
        )
    again = before.model_copy(update={"published_at": datetime.now(UTC)})
    await send_bundle(kafka, again)
    return again


async def send_bundle(kafka: KafkaSettings, bundle: PolicyBundle) -> None:
    """Produce the bundle, and the one that it replaces beside it; wait until the broker has both.

    Raises:
        TopicError: there is no such topic, or the broker does not take the bundle.
    """
    topic, replaced = kafka.topic(TOPICS.policies), (await _bundles(kafka)).get(bundle.name)
    value = bundle.to_bytes()
    producer = make_producer(kafka, client_id="moderation-publish")
    try:
        await producer.start()
        if replaced is not None and replaced.version != bundle.version:
            key = (bundle.name + PREVIOUS).encode()
            await producer.send_and_wait(topic, replaced.to_bytes(), key=key)
        await producer.send_and_wait(topic, value, key=bundle.name.encode())
    except MessageSizeTooLargeError as error:
        raise TopicError(
            f"{bundle.version} is too large for {topic} ({len(value):,} bytes); shorten its "
            "lists, or bring it to the workers as files"
        ) from error
    except KafkaError as error:
        raise TopicError(f"the broker does not take {bundle.version}: {error}") from error
    finally:
        await producer.stop()


async def _bundles(kafka: KafkaSettings) -> dict[str, PolicyBundle]:
    """The newest bundle under each key; what is none is left out."""
    newest: dict[str, PolicyBundle] = {}
    async for record in read_topic(kafka, TOPICS.policies, client_id="moderation-publish"):
        try:
            key = (record.key or b"").decode()
            if record.value is None:
                newest.pop(key, None)
            else:
                newest[key] = PolicyBundle.from_bytes(record.value)
        except (ValidationError, UnicodeDecodeError):
            continue  # workers refuse it as well: the one before it is in force
    return newest


def _failed(error: StreamsError) -> typer.Exit:
    """Tell on standard error; the exit to raise."""
    typer.echo(str(error), err=True)
    return typer.Exit(1)
