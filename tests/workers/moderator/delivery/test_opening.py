"""A broker that keeps no transactions is served as well as it can be, and that is said."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from schemas import TOPICS, Verdict
from tests.support.kafka import produce_posts, read_messages, unique_settings
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import running_worker
from workers.moderator.delivery import choose_delivery
from workers.moderator.delivery_settings import DeliveryMode
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import BrokerKindUnavailableError, create_topics, running_broker


async def test_embedded_broker_gets_at_least_once_and_a_plain_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        broker = running_broker("embedded", data_dir=tmp_path / "broker")
        with broker as running, caplog.at_level(logging.WARNING):
            kafka = unique_settings(running.bootstrap_servers)
            await create_topics(kafka)
            posts = [make_post(f"post-{i}") for i in range(20)]
            await produce_posts(kafka, TOPICS.posts, posts)
            async with running_worker(kafka) as worker:
                assert "although exactly_once is set" in worker.started.delivery
                assert await worker.metric("moderation_delivery_info", mode="at_least_once") == 1
                await worker.reaches("moderation_verdicts_total", 20)
            verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no embedded broker here: {missing}")
    assert {verdict.post_id for verdict in verdicts} == {post.post_id for post in posts}
    assert any("keeps no transactions" in record.getMessage() for record in caplog.records)


@pytest.mark.kafka
async def test_real_broker_gets_what_is_set(kafka_settings: KafkaSettings) -> None:
    for mode in DeliveryMode:
        choice = await choose_delivery(ModeratorSettings(delivery=mode), kafka_settings)
        assert (choice.mode, choice.sentence) == (mode, mode)
