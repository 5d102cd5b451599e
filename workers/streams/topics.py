"""Make the topics of the contract, and tell where a broker's topics drift from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

from schemas import TOPICS, Topic
from workers.settings import KafkaSettings
from workers.streams.capabilities import has_controller
from workers.streams.clients import make_admin
from workers.streams.errors import TopicDriftError, TopicError
from workers.streams.limits import topic_configs

CREATE_TIMEOUT_MS: Final = 30_000

SERVED_SECONDS: Final = 15.0
"""From the controller's yes to leaders in the brokers' metadata; milliseconds as a rule."""

SERVED_POLL_SECONDS: Final = 0.02

State = Literal["created", "exists", "missing"]


@dataclass(frozen=True, slots=True)
class TopicReport:
    """What is known about one topic of the contract on a broker."""

    topic: Topic
    name: str
    """With the prefix of the settings."""
    state: State
    partitions: int
    drift: tuple[str, ...] = ()
    """Where it differs from the contract, in plain words."""


async def create_topics(
    kafka: KafkaSettings, topics: Iterable[Topic] = TOPICS
) -> tuple[TopicReport, ...]:
    """Make the topics that are missing, and look at the others.

    Calling it again changes nothing. A topic that exists is never altered: retention or limits that
    differ are reported as drift, for the operator to judge.

    On a broker that cannot make topics by request (the embedded one), asking for a topic makes it,
    with that broker's own settings, which are reported as drift.

    Raises:
        TopicDriftError: ``posts``, ``posts.retry`` and ``author-signals`` differ in partitions, so
            that a worker would look for an author's signals in the wrong place.
        TopicError: the broker refused, or did not answer.
    """
    wanted = tuple(topics)
    async with _connected(kafka) as admin:
        created = await _create(admin, kafka, wanted)
        await _wait_until_served(admin, created)
        return await _reports(admin, kafka, wanted, created)


async def describe_topics(
    kafka: KafkaSettings, topics: Iterable[Topic] = TOPICS
) -> tuple[TopicReport, ...]:
    """Look at the topics without making any.

    Raises:
        TopicDriftError: as :func:`create_topics`.
        TopicError: the broker did not answer.
    """
    async with _connected(kafka) as admin:
        return await _reports(admin, kafka, tuple(topics), frozenset())


@asynccontextmanager
async def _connected(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client; what goes wrong inside becomes a :class:`TopicError`."""
    admin = make_admin(kafka)
    try:
        try:
            await admin.start()
        except KafkaError as error:
            raise TopicError(
                f"no broker answers at {kafka.bootstrap_servers}; start one by `moderation "
                "broker up`, or set MODERATION_KAFKA_BOOTSTRAP_SERVERS"
            ) from error
        yield admin
    except KafkaError as error:
        raise TopicError(f"the broker at {kafka.bootstrap_servers} refused: {error}") from error
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient, kafka: KafkaSettings, topics: tuple[Topic, ...]
) -> frozenset[str]:
    """Make what is missing; returns the names of the new topics."""
    existing = set(await admin.list_topics())
    missing = [topic for topic in topics if kafka.topic(topic) not in existing]
    names = frozenset(kafka.topic(topic) for topic in missing)
    if not missing:
        return names
    if not await has_controller(admin):
        await admin.describe_topics(sorted(names))  # the question makes them
        return names
    response = await admin.create_topics(
        [
            NewTopic(
                name=kafka.topic(topic),
                num_partitions=topic.partitions,
                replication_factor=kafka.replication_factor,
                topic_configs=topic_configs(topic),
            )
            for topic in missing
        ],
        timeout_ms=CREATE_TIMEOUT_MS,
    )
    for name, code, message in response.topic_errors:
        error = for_code(code)
        # Somebody else made it meanwhile: then it is there, which is all that was wanted.
        if code and error is not TopicAlreadyExistsError:
            raise TopicError(f"cannot make the topic {name}: {message or error.description}")
    return names


async def _wait_until_served(admin: AIOKafkaAdminClient, names: frozenset[str]) -> None:
    """Wait until the brokers have heard from the controller and lead every partition."""
    deadline = time.monotonic() + SERVED_SECONDS
    while names:
        described = await admin.describe_topics(sorted(names))
        if all(_is_served(topic) for topic in described):
            return
        if time.monotonic() > deadline:
            late = ", ".join(topic["topic"] for topic in described if not _is_served(topic))
            raise TopicError(
                f"made, yet without leaders after {SERVED_SECONDS:g} s: {late}; look at the brokers"
            )
        await asyncio.sleep(SERVED_POLL_SECONDS)


def _is_served(described: dict[str, Any]) -> bool:
    leaders = [partition["leader"] for partition in described["partitions"]]
    return described["error_code"] == 0 and bool(leaders) and min(leaders) >= 0


async def _reports(
    admin: AIOKafkaAdminClient,
    kafka: KafkaSettings,
    topics: tuple[Topic, ...],
    created: frozenset[str],
) -> tuple[TopicReport, ...]:
    existing = set(await admin.list_topics())
    present = [topic for topic in topics if kafka.topic(topic) in existing]
    partitions = await _partition_counts(admin, [kafka.topic(topic) for topic in present])
    configs = await _configs(admin, [kafka.topic(topic) for topic in present])
    reports = []
    for topic in topics:
        name = kafka.topic(topic)
        if topic not in present:
            reports.append(TopicReport(topic=topic, name=name, state="missing", partitions=0))
            continue
        reports.append(
            TopicReport(
                topic=topic,
                name=name,
                state="created" if name in created else "exists",
                partitions=partitions[name],
                drift=_drift(topic, partitions[name], configs.get(name, {})),
            )
        )
    _require_copartitioned(reports)
    return tuple(reports)


async def _partition_counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    return {
        described["topic"]: len(described["partitions"])
        for described in await admin.describe_topics(names)
    }


async def _configs(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """Configuration by topic; empty where the broker cannot say (the embedded one)."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        responses = await admin.describe_configs(resources) if resources else []
    except IncompatibleBrokerVersion:
        return {}
    found: dict[str, dict[str, str]] = {}
    for response in responses:
        for code, message, _, name, entries in response.resources:
            if code:
                raise TopicError(f"cannot read the configuration of {name}: {message}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _drift(topic: Topic, partitions: int, configs: dict[str, str]) -> tuple[str, ...]:
    found = []
    if partitions != topic.partitions:
        found.append(f"{partitions} partitions, the contract says {topic.partitions}")
    for option, wanted in topic_configs(topic).items():
        actual = configs.get(option, wanted)
        # The order in a list such as `compact,delete` means nothing.
        if set(actual.split(",")) != set(wanted.split(",")):
            found.append(f"{option} is {actual}, the contract says {wanted}")
    return tuple(found)


def _require_copartitioned(reports: list[TopicReport]) -> None:
    counts = {
        report.name: report.partitions
        for report in reports
        if report.topic in (TOPICS.posts, TOPICS.retry, TOPICS.author_signals)
        and report.state != "missing"
    }
    if len(set(counts.values())) > 1:
        stand = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise TopicDriftError(
            "posts, posts.retry and author-signals must have equally many partitions, but "
            f"{stand}; make them anew, or add partitions to the smaller one while nothing is "
            "produced"
        )
