"""Reads the topics to their end, as a history that can be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from bench.faults.facts import Accepted, Escalated, History, Judged, Place, SetAside
from bench.faults.policies import Policies
from bench.faults.posts import revision_in
from bench.faults.segments import read_transactions
from schemas import TOPICS, DeadLetter, Escalation, Topic, Verdict, VerdictStatus
from workers.settings import KafkaSettings
from workers.streams import make_admin, read_topic

T = TypeVar("T")

ANSWERS = (TOPICS.verdicts, TOPICS.escalations, TOPICS.dead_letter)
"""Where answers go."""


async def read_history(
    kafka: KafkaSettings,
    records_dir: Path,
    acknowledged: Iterable[Accepted],
    policies: Policies,
) -> History:
    """What a reader of committed records finds, and what the broker's files say of it.

    Args:
        kafka: where the topics are.
        records_dir: of the broker.
        acknowledged: what the producer of the posts was told.
        policies: what was published.
    """
    return History(
        accepted=await _each(kafka, TOPICS.posts, _accepted),
        verdicts=await _each(kafka, TOPICS.verdicts, _judged),
        escalations=await _each(kafka, TOPICS.escalations, _escalated),
        dead_letters=await _each(kafka, TOPICS.dead_letter, _set_aside),
        acknowledged=frozenset(one.place for one in acknowledged),
        transactions=read_transactions(records_dir, map(kafka.topic, ANSWERS)),
        policies=policies.published,
        settled=policies.settled,
    )


async def read_behind(kafka: KafkaSettings, group: str) -> list[str]:
    """Where a group, at rest, has not committed all that its topics hold.

    Whoever takes over would read the rest again.
    """
    admin = make_admin(kafka)
    await admin.start()
    try:
        committed = await admin.list_consumer_group_offsets(kafka.group(group))
    finally:
        await admin.close()
    behind = []
    read = {place.topic for place in committed}
    for topic in (one for one in TOPICS if kafka.topic(one) in read):
        # The last record, not the end of the partition: a transaction's marker may stand there.
        places = await _each(kafka, topic, lambda place, _: place)
        last = {place.partition: place.offset for place in places}
        behind += [
            f"{at.topic}-{at.partition} holds {last[at.partition]}, committed to {done.offset}"
            for at, done in committed.items()
            if at.topic == kafka.topic(topic) and done.offset <= last.get(at.partition, -1)
        ]
    return behind


async def _each(kafka: KafkaSettings, topic: Topic, parse: Callable[[Place, bytes], T]) -> list[T]:
    return [
        parse(Place(record.topic, record.partition, record.offset), record.value)
        async for record in read_topic(kafka, topic, client_id="faults-check")
    ]


def _accepted(place: Place, value: bytes) -> Accepted:
    return Accepted(place, revision_in(value))


def _judged(place: Place, value: bytes) -> Judged:
    verdict = Verdict.from_bytes(value)
    return Judged(
        place,
        (verdict.post_id, verdict.revision),
        verdict.verdict_id,
        sampled=verdict.sampling.sampled,
        overtaken_by=verdict.superseded_by,
        policy=verdict.versions.policy,
        rules=None
        if verdict.status is VerdictStatus.WITHDRAWN
        else frozenset(hit.rule for hit in verdict.rule_hits),
    )


def _escalated(place: Place, value: bytes) -> Escalated:
    return Escalated(place, Escalation.from_bytes(value).verdict.verdict_id)


def _set_aside(place: Place, value: bytes) -> SetAside:
    letter = DeadLetter.from_bytes(value)
    return SetAside(place, Place(letter.topic, letter.partition, letter.offset))
