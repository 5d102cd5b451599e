"""Workers change their policy while they run: from the topic, and from the disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from rules import load_policy
from schemas import TOPICS, Verdict
from tests.support.kafka import produce, produce_posts, read_messages
from tests.workers.moderator.making import make_post
from tests.workers.moderator.rulebook.making import cases_text, write_policy
from tests.workers.moderator.running import Worker, running_worker
from workers.policy.command import register
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

Publish = Callable[[Path], Result]


@pytest.fixture
def rules(kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``moderation rules``, on the broker of this test."""
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", kafka_settings.bootstrap_servers)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", kafka_settings.topic_prefix)
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *arguments: CliRunner().invoke(app, ["rules", *arguments])


@pytest.fixture
def publish(rules: Callable[..., Result]) -> Publish:
    """``moderation rules publish``."""
    return lambda path: rules("publish", str(path))


@pytest.fixture
def roll_back(rules: Callable[..., Result]) -> Callable[[], Result]:
    """``moderation rules rollback``, of the policy of these tests."""
    return lambda: rules("rollback", "small")


class Verdicts:
    """Sends posts one after the other and reads by what they were judged."""

    def __init__(self, kafka: KafkaSettings, worker: Worker) -> None:
        self._kafka = kafka
        self._worker = worker
        self._numbers = count(1)

    async def of_next(self) -> Verdict:
        number = next(self._numbers)
        post = make_post(f"post-{number}")
        await produce_posts(self._kafka, TOPICS.posts, [post])
        await self._worker.reaches("moderation_verdicts_total", number)
        verdicts = await read_messages(self._kafka, TOPICS.verdicts, Verdict)
        (verdict,) = (one for one in verdicts if one.post_id == post.post_id)
        return verdict


@asynccontextmanager
async def judging(
    kafka: KafkaSettings, **settings: object
) -> AsyncIterator[tuple[Worker, Verdicts]]:
    async with running_worker(kafka, policy_poll_seconds=0.05, **settings) as worker:
        await worker.is_ready()
        yield worker, Verdicts(kafka, worker)


async def test_workers_follow_what_is_published_and_keep_it_when_the_topic_breaks(
    kafka_settings: KafkaSettings, publish: Publish, tmp_path: Path
) -> None:
    path = write_policy(tmp_path)
    old = load_policy(path).version
    async with judging(kafka_settings, policy=path, follow_policy="small") as (worker, verdicts):
        verdict = await verdicts.of_next()
        assert (verdict.versions.policy, verdict.labels) == (old, ("old",))

        write_policy(tmp_path, "new")
        new = load_policy(path).version
        result = await asyncio.to_thread(publish, path)
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"OK {new} is on ")
        await worker.reaches("moderation_policy_info", 1, version=new)
        verdict = await verdicts.of_next()
        assert (verdict.versions.policy, verdict.labels) == (new, ("new",))

        await produce(kafka_settings, TOPICS.policies, [(b"other", b"{"), (b"small", b"{")])
        await worker.reaches("moderation_policy_refused", 1)
        assert await worker.status("/readyz") == (200, [])
        (remark,) = await worker.remarks()
        assert remark.startswith(f"the policy {new} stays in force: ")
        assert "is no policy bundle: Invalid JSON" in remark
        verdict = await verdicts.of_next()
        assert (verdict.versions.policy, verdict.labels) == (new, ("new",))

        write_policy(tmp_path, "old")
        assert (await asyncio.to_thread(publish, path)).exit_code == 0
        await worker.reaches("moderation_policy_info", 1, version=old)
        assert (await verdicts.of_next()).versions.policy == old
        assert await worker.remarks() == []


async def test_the_policy_before_is_taken_back_in_one_step_and_that_is_undone_by_another(
    kafka_settings: KafkaSettings, publish: Publish, roll_back: Callable[[], Result], tmp_path: Path
) -> None:
    path = write_policy(tmp_path, "old")
    old = load_policy(path).version
    assert (await asyncio.to_thread(publish, path)).exit_code == 0
    nothing_before = await asyncio.to_thread(roll_back)
    assert nothing_before.exit_code == 1
    assert "no policy was in force before the present small" in nothing_before.stderr
    write_policy(tmp_path, "new")
    new = load_policy(path).version
    assert (await asyncio.to_thread(publish, path)).exit_code == 0
    async with judging(kafka_settings, policy=path, follow_policy="small") as (worker, verdicts):
        assert (await verdicts.of_next()).versions.policy == new
        for version in (old, new):
            result = await asyncio.to_thread(roll_back)
            assert result.output.startswith(f"OK {version} is on "), result.output
            await worker.reaches("moderation_policy_info", 1, version=version)
            assert (await verdicts.of_next()).versions.policy == version


async def test_worker_starts_with_the_policy_that_the_topic_holds(
    kafka_settings: KafkaSettings, publish: Publish, tmp_path: Path
) -> None:
    path = write_policy(tmp_path, "new")
    published = load_policy(path).version
    assert (await asyncio.to_thread(publish, path)).exit_code == 0
    write_policy(tmp_path, "old")
    async with judging(kafka_settings, policy=path, follow_policy="small") as (_, verdicts):
        verdict = await verdicts.of_next()
        assert (verdict.versions.policy, verdict.labels) == (published, ("new",))


async def test_worker_takes_a_change_of_its_file_over(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    write_policy(tmp_path)
    async with judging(kafka_settings, policy=tmp_path) as (worker, verdicts):
        assert (await verdicts.of_next()).labels == ("old",)
        write_policy(tmp_path, "new")
        await worker.reaches("moderation_policy_reloads_total", 1, outcome="activated")
        assert (await verdicts.of_next()).labels == ("new",)


async def test_policy_that_fails_a_case_is_not_published(
    kafka_settings: KafkaSettings, publish: Publish, tmp_path: Path
) -> None:
    path = write_policy(tmp_path)
    (tmp_path / "small.cases.yaml").write_text(cases_text("new"), encoding="utf-8")
    result = await asyncio.to_thread(publish, path)
    assert result.exit_code == 1
    assert "expected rules [all_new], the policy says [all_old]" in result.stderr
    assert await read_messages(kafka_settings, TOPICS.policies, TOPICS.policies.value) == []


def test_publishing_without_the_topic_says_what_to_do(
    apache_kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", apache_kafka)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", "nobody-made-these.")
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    result = CliRunner().invoke(app, ["rules", "publish", str(write_policy(tmp_path))])
    assert result.exit_code == 1
    assert "there is no topic nobody-made-these.policies; `moderation topics create`" in (
        result.stderr
    )
