"""What a delivery story left on the topics, and how to wait for it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiokafka import ConsumerRecord

from schemas import TOPICS, Verdict
from tests.support.kafka import committed_offsets, read_messages, read_records, unique_settings
from tests.support.traffic import Revision
from tests.support.waiting import eventually
from tests.support.worker_process import WorkerProcess
from workers.settings import KafkaSettings
from workers.streams import create_topics

GROUP: Final = "moderator"
ANSWER_SECONDS: Final = 60.0

SOME: Final = 100
"""Posts that a story lets pass before it goes on."""


@dataclass(frozen=True)
class Outcome:
    """The topics at one moment."""

    records: int
    """Of ``posts``."""
    committed: int
    """How many of those the workers' group has committed."""
    verdicts: list[Verdict]
    dead_letters: list[ConsumerRecord]

    @property
    def identities(self) -> dict[Revision, set[UUID]]:
        """The verdict ids of each post revision."""
        found: dict[Revision, set[UUID]] = defaultdict(set)
        for verdict in self.verdicts:
            found[verdict.post_id, verdict.revision].add(verdict.verdict_id)
        return found

    @property
    def answered(self) -> set[Revision]:
        """The revisions that have a verdict."""
        return set(self.identities)

    @property
    def repeated(self) -> set[Revision]:
        """The revisions that have more than one verdict."""
        times = Counter((verdict.post_id, verdict.revision) for verdict in self.verdicts)
        return {revision for revision, count in times.items() if count > 1}


def look(kafka: KafkaSettings) -> Outcome:
    """The topics now."""
    return asyncio.run(_look(kafka))


async def _look(kafka: KafkaSettings) -> Outcome:
    committed = await committed_offsets(kafka, TOPICS.posts, GROUP)
    return Outcome(
        records=len(await read_records(kafka, TOPICS.posts)),
        committed=sum(committed.values()),
        verdicts=await read_messages(kafka, TOPICS.verdicts, Verdict),
        dead_letters=await read_records(kafka, TOPICS.dead_letter),
    )


def fresh_topics(bootstrap_servers: str) -> KafkaSettings:
    """Settings and topics of a story's own."""
    kafka = unique_settings(bootstrap_servers)
    asyncio.run(create_topics(kafka))
    return kafka


def verdicts_by(worker: WorkerProcess) -> float:
    """How many verdicts the worker has given in its life."""
    return worker.total("moderation_verdicts_total")


def wait_for_verdicts_by(worker: WorkerProcess, count: float) -> None:
    """Wait until the worker is ready, and has given so many verdicts in its life."""
    worker.wait_ready()
    eventually(
        lambda: verdicts_by(worker) >= count,
        within_seconds=ANSWER_SECONDS,
        describe=f"worker gives {count:g} verdicts",
    )


def wait_for_answers(kafka: KafkaSettings, expected: set[Revision]) -> None:
    """Wait until every revision has a verdict on the topic."""

    async def answered() -> set[Revision]:
        given = await read_messages(kafka, TOPICS.verdicts, Verdict)
        return {(verdict.post_id, verdict.revision) for verdict in given}

    eventually(
        lambda: expected <= asyncio.run(answered()),
        within_seconds=ANSWER_SECONDS,
        describe="every post is answered",
    )
