"""A post that is older than the deadline is judged all the same, and counted."""

from __future__ import annotations

from schemas import TOPICS, Verdict
from tests.support.kafka import produce_posts, read_messages
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import running_worker
from workers.settings import KafkaSettings

VERDICTS = "moderation_verdicts_total"
LATE = "moderation_late_verdicts_total"


async def test_late_posts_are_judged_and_counted(kafka_settings: KafkaSettings) -> None:
    posts = [make_post(f"post-{number}") for number in range(5)]
    await produce_posts(kafka_settings, TOPICS.posts, posts)

    async with running_worker(kafka_settings, deadline_seconds=1e-6) as worker:
        await worker.reaches(VERDICTS, 5)
        assert await worker.metric(LATE) == 5

    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert {verdict.post_id for verdict in verdicts} == {post.post_id for post in posts}


async def test_what_is_answered_in_time_is_not_late(kafka_settings: KafkaSettings) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post("post-0")])

    async with running_worker(kafka_settings, deadline_seconds=3600) as worker:
        await worker.reaches(VERDICTS, 1)
        assert await worker.metric(LATE) == 0
