"""Workers of one group share a rule's quota, obey each other's trip, and a person's reset."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import TOPICS, Verdict
from tests.support.kafka import produce_posts, read_messages
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import Worker, running_worker
from workers.quotas import read_quotas, write_quotas
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

POLICY = {
    "policy": "braked",
    "categories": {"spam": {"review": 0.5, "remove": 0.9}},
    "queues": {"default": {"due": "1h"}},
    "rules": [
        {
            "id": "flood",
            "when": "text.length > 0",
            "then": {"action": "remove"},
            "quota": {"posts": 6, "per": "1h"},
        }
    ],
}


async def post(kafka: KafkaSettings, name: str, count: int) -> Counter[str]:
    """Send posts of as many authors; how they were answered."""
    wanted = {f"{name}-{number}" for number in range(count)}
    await produce_posts(kafka, TOPICS.posts, [make_post(one) for one in sorted(wanted)])

    async def answered() -> dict[str, str]:
        verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
        found = {one.post_id: str(one.action) for one in verdicts if one.post_id in wanted}
        return found if len(found) == count else {}

    return Counter((await eventually_async(answered, describe=f"answers to {name}")).values())


async def has(worker: Worker, name: str, value: float) -> None:
    async def so() -> bool:
        return await worker.metric(name, rule="flood") == value

    await eventually_async(so, describe=f"{name} is {value:g}")


async def test_two_workers_use_one_quota_and_obey_one_trip_and_one_reset(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    policy = tmp_path / "braked.yaml"
    policy.write_text(json.dumps(POLICY), encoding="utf-8")
    async with (
        running_worker(kafka_settings, policy=policy, quota_seconds=0.05) as first,
        running_worker(kafka_settings, policy=policy, quota_seconds=0.05) as second,
    ):
        for worker in (first, second):
            await worker.is_ready()
        # Fewer than the quota; both have heard of all of them before the next ones come.
        assert await post(kafka_settings, "first", 5) == {"remove": 5}
        for worker in (first, second):
            await has(worker, "moderation_quota_tokens_left", 1)

        answers = await post(kafka_settings, "second", 12)
        assert answers["review"] >= 10  # at most one unheard post of the other worker
        for worker in (first, second):
            await has(worker, "moderation_quota_tripped", 1)
        assert await post(kafka_settings, "third", 12) == {"review": 12}
        held = [
            await worker.metric("moderation_held_posts_total", rule="flood", brake="quota")
            for worker in (first, second)
        ]
        assert sum(held) == answers["review"] + 12
        assert all(held)

        now = datetime.now(UTC)
        ledger, _ = await read_quotas(kafka_settings, "test")
        ledger.reset(ledger.standings(now)[0].terms, "ana", now)
        await write_quotas(kafka_settings, ledger.outgoing(now))
        for worker in (first, second):
            await has(worker, "moderation_quota_tripped", 0)
        assert await post(kafka_settings, "fourth", 5) == {"remove": 5}

    async with running_worker(kafka_settings, policy=policy) as again:
        await has(again, "moderation_quota_tokens_left", 1)
