"""``moderation rules backtest --from-kafka`` and ``record`` over real topics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from schemas import TOPICS, Action, Message, Topic
from tests.support.kafka import started_producer
from tests.workers.policy.backtest.making import policies
from tests.workers.policy.backtest.posted import (
    a_decision,
    a_persons,
    a_post,
    a_verdict,
    an_escalation,
    at,
)
from workers.cli import build_app
from workers.policy.backtest.joining import NO_POST
from workers.policy.backtest.topics import UNREADABLE
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

POSTS = [a_post(number) for number in range(12)]
VERDICTS = [a_verdict(post, spam=number / 12) for number, post in enumerate(POSTS)]


async def send(kafka: KafkaSettings, topic: Topic, sent: Iterable[tuple[float, Message]]) -> None:
    """Messages with the minute of their timestamp, under keys of their own."""
    async with started_producer(kafka) as producer:
        for minute, message in sent:
            await producer.send_and_wait(
                kafka.topic(topic),
                value=message.to_bytes(),
                key=b"%f" % minute,
                timestamp_ms=int(at(minute).timestamp() * 1000),
            )


@pytest.fixture
async def traffic(kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    """Twelve posts with verdicts; the sixth post is gone, the fifth verdict is a person's now."""
    kafka = kafka_settings
    posts = [post for number, post in enumerate(POSTS) if number != 6]
    await send(kafka, TOPICS.posts, [(float(post.post_id[2:]), post) for post in posts])
    replaced = {5: a_persons(VERDICTS[5], Action.REMOVE)}
    verdicts = [replaced.get(number, verdict) for number, verdict in enumerate(VERDICTS)]
    await send(kafka, TOPICS.verdicts, [(n + 0.5, one) for n, one in enumerate(verdicts)])
    escalation = an_escalation(POSTS[5], VERDICTS[5])
    await send(kafka, TOPICS.escalations, [(5.5, escalation)])
    decision = a_decision(VERDICTS[9], Action.ALLOW, minutes=60)
    await send(kafka, TOPICS.review_decisions, [(69.5, decision)])
    async with started_producer(kafka) as producer:
        moment = int(at(3).timestamp() * 1000)
        name = kafka.topic(TOPICS.verdicts)
        await producer.send_and_wait(name, b"{}", b"broken", timestamp_ms=moment)
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", kafka.topic_prefix)
    return kafka


async def invoke(*arguments: str | Path) -> Result:
    """The command runs an event loop of its own, so not on this one's thread."""
    command = ["rules", *map(str, arguments)]
    return await asyncio.to_thread(CliRunner().invoke, build_app(), command)


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


@pytest.mark.usefixtures("traffic")
async def test_posts_and_verdicts_are_joined_and_judged_again(tmp_path: Path) -> None:
    old, new = (policy.path for policy in policies(tmp_path))
    found = figures(await invoke("backtest", old, new, "--from-kafka", "--since", "24h"))
    assert found["posts"] == 11
    assert found["left_out"] == {NO_POST: 1, UNREADABLE: 1}
    # The scores of spam are twelfths: 4 and 5 reach 0.3, and 9 and 10 reach 0.7, 11 did 0.9.
    assert found["changes"] == {"allow->review": 2, "review->remove": 2}
    people = found["people"]["reviewed"]
    assert (people["before"]["posts"], people["before"]["missed"]) == (2, 1)
    assert (people["after"]["removed"], people["after"]["rightly_removed"]) == (1, 0)
    assert found["unknown"] == {}


@pytest.mark.usefixtures("traffic")
async def test_a_stretch_is_of_the_verdicts(tmp_path: Path) -> None:
    old, new = (policy.path for policy in policies(tmp_path))
    stretch = ["--since", at(1).isoformat(), "--until", at(4).isoformat()]
    found = figures(await invoke("backtest", old, new, "--from-kafka", *stretch))
    assert found["posts"] == 3
    last = figures(await invoke("backtest", old, new, "--from-kafka", "--last", "2"))
    assert last["posts"] == 2
    assert last["changes"] == {"review->remove": 1}


@pytest.mark.usefixtures("traffic")
async def test_recorded_cases_say_the_same_as_the_topics(tmp_path: Path) -> None:
    old, new = (policy.path for policy in policies(tmp_path))
    output = tmp_path / "posts.jsonl.gz"
    written = figures(await invoke("record", output, "--since", "24h"))
    assert written["records"] == 11
    live = figures(await invoke("backtest", old, new, "--from-kafka", "--since", "24h"))
    again = figures(await invoke("backtest", old, new, output))
    for found in (live, again):
        del found["seconds"], found["posts_per_second"], found["left_out"]
    assert again == live


async def test_topics_without_verdicts_are_said_to_be_empty(
    tmp_path: Path, kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", kafka_settings.bootstrap_servers)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", kafka_settings.topic_prefix)
    old, new = (policy.path for policy in policies(tmp_path))
    result = await invoke("backtest", old, new, "--from-kafka")
    assert result.exit_code == 1
    assert "there are no records to judge" in result.stderr
