"""Workers compare a second model, and change models while they judge, as an operator asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from schemas import TOPICS, Action, ModelRollout, ShadowVerdict, Verdict
from tests.support.kafka import produce, produce_posts, read_messages
from tests.support.waiting import eventually_async
from tests.workers.moderator.lineup.making import Failing, model
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import Worker, running_worker
from workers.rollout.command import register
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

Rollout = Callable[..., Result]

NEXT = model("next@2", spam=0.99)


@pytest.fixture
def rollout(kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch) -> Rollout:
    """``moderation rollout``, on the broker of this test."""
    monkeypatch.setenv("MODERATION_KAFKA_BOOTSTRAP_SERVERS", kafka_settings.bootstrap_servers)
    monkeypatch.setenv("MODERATION_KAFKA_TOPIC_PREFIX", kafka_settings.topic_prefix)
    monkeypatch.setenv("USER", "ada")
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return lambda *arguments: CliRunner().invoke(app, ["rollout", *arguments])


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of models with one in it."""
    folder = tmp_path / "models" / "next"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder.parent


class Traffic:
    """Sends posts and reads their verdicts."""

    def __init__(self, kafka: KafkaSettings, worker: Worker) -> None:
        self._kafka = kafka
        self._worker = worker
        self._numbers = count(1)
        self._sent = 0

    async def models_of(self, posts: int) -> set[str]:
        """The models that judge the next posts."""
        sent = [make_post(f"post-{next(self._numbers)}") for _ in range(posts)]
        self._sent += posts
        await produce_posts(self._kafka, TOPICS.posts, sent)
        await self._worker.reaches("moderation_verdicts_total", self._sent)
        ids = {post.post_id for post in sent}
        verdicts = await read_messages(self._kafka, TOPICS.verdicts, Verdict)
        found = [one.versions.model for one in verdicts if one.post_id in ids]
        assert len(found) == posts
        return set(found)


async def gone(worker: Worker, name: str, **labels: str) -> None:
    """Wait until a series is no longer 1."""

    async def is_gone() -> bool:
        return await worker.metric(name, **labels) == 0

    await eventually_async(is_gone, within_seconds=30, describe=f"{name} {labels} gone")


async def test_a_shadow_is_compared_and_judges_nothing(kafka_settings: KafkaSettings) -> None:
    async with running_worker(
        kafka_settings, model(), shadow_model="next", shadow_share=1.0, named={"next": NEXT}
    ) as worker:
        assert await Traffic(kafka_settings, worker).models_of(5) == {"live@1"}
        await worker.reaches("moderation_compared_posts_total", 5, outcome="compared")
        assert await worker.metric("moderation_candidate_info", version="next@2") == 1
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    shadows = await read_messages(kafka_settings, TOPICS.shadow_verdicts, ShadowVerdict)
    assert {one.action for one in verdicts} == {Action.ALLOW}
    assert {one.verdict_id for one in shadows} == {one.verdict_id for one in verdicts}
    assert {one.versions.model for one in shadows} == {"next@2"}
    assert Action.ALLOW not in {one.action for one in shadows}


async def test_a_shadow_that_cannot_be_loaded_is_told_and_posts_are_judged(
    kafka_settings: KafkaSettings,
) -> None:
    async with running_worker(kafka_settings, model(), shadow_model="missing") as worker:
        await worker.is_ready()
        (remark,) = await worker.remarks()
        assert remark.startswith("live@1 judges, without a candidate: MODERATION_WORKER_SHADOW_")
        assert await worker.metric("moderation_rollout_refused") == 1
        assert await Traffic(kafka_settings, worker).models_of(1) == {"live@1"}


async def test_a_model_is_promoted_in_stages_and_taken_back(
    kafka_settings: KafkaSettings, rollout: Rollout, models: Path
) -> None:
    async def command(*arguments: str) -> Result:
        return await asyncio.to_thread(rollout, *arguments)

    async with running_worker(
        kafka_settings, model(), models=models, named={"next": NEXT}
    ) as worker:
        await worker.is_ready()
        address = worker.started.url
        traffic = Traffic(kafka_settings, worker)
        begun = await command("start", str(models / "next"), "--compared", "1")
        assert begun.exit_code == 0, begun.output
        await worker.reaches("moderation_candidate_info", 1, version="next@2")

        refused = await command("promote", address)
        assert refused.exit_code == 1
        assert "- only 0 posts are compared, of the 1,000 that are asked for" in refused.stderr
        assert await traffic.models_of(20) == {"live@1"}
        await worker.reaches("moderation_compared_posts_total", 20, outcome="compared")
        refused = await command("promote", address, "--min-posts", "20")
        assert "100 % of the posts would get another action, more than 5 %" in refused.stderr

        said = json.loads((await command("status", address, "--json")).output)
        assert said["asked"]["candidate"]["name"] == "next"
        assert (said["compared"], said["changed"], said["failed"]) == (20, 20, 0)
        assert said["categories"]["spam"]["agrees"] == 0
        assert said["categories"]["hate"]["agrees"] == 1

        for share in (0.01, 0.1, 0.5, 1.0):
            done = await command("promote", address, "--force")
            assert done.exit_code == 0, done.output
            assert "passed over: only 20 posts" in done.output or share > 0.01
            await worker.reaches("moderation_candidate_share_ratio", share)
        assert await traffic.models_of(10) == {"next@2"}

        back = await command("rollback")
        assert back.output == "OK the workers' own model judges all posts\n"
        await gone(worker, "moderation_candidate_info", version="next@2")
        assert await traffic.models_of(5) == {"live@1"}


async def test_a_promoted_model_judges_after_a_restart_and_can_be_taken_back(
    kafka_settings: KafkaSettings, rollout: Rollout, models: Path
) -> None:
    assert (await asyncio.to_thread(rollout, "start", str(models / "next"))).exit_code == 0
    for _ in range(5):
        done = await asyncio.to_thread(rollout, "promote", "127.0.0.1:9", "--force")
        assert done.exit_code == 0, done.output
    assert done.output.startswith("OK next judges all posts\n")
    async with running_worker(
        kafka_settings, model(), models=models, named={"next": NEXT}
    ) as worker:
        traffic = Traffic(kafka_settings, worker)
        assert await traffic.models_of(5) == {"next@2"}
        assert await worker.metric("moderation_model_info", version="next@2") == 1
        back = await asyncio.to_thread(rollout, "rollback")
        assert back.output == "OK the workers' own model judges all posts\n"
        await worker.reaches("moderation_model_info", 1, version="live@1")
        assert await traffic.models_of(5) == {"live@1"}


async def test_another_model_under_the_same_name_is_refused(
    kafka_settings: KafkaSettings, rollout: Rollout, models: Path
) -> None:
    assert (await asyncio.to_thread(rollout, "start", str(models / "next"))).exit_code == 0
    (models / "next" / "model.safetensors").write_bytes(b"other weights")
    async with running_worker(
        kafka_settings, model(), models=models, named={"next": NEXT}
    ) as worker:
        await worker.reaches("moderation_rollout_refused", 1)
        (remark,) = await worker.remarks()
        assert "is another than the one that is asked for" in remark
        assert await Traffic(kafka_settings, worker).models_of(3) == {"live@1"}
        refused = await asyncio.to_thread(rollout, "promote", worker.started.url)
        assert "cannot have the models that are asked for" in refused.stderr


async def test_a_candidate_that_fails_on_posts_is_not_promoted(
    kafka_settings: KafkaSettings, rollout: Rollout, models: Path
) -> None:
    async with running_worker(
        kafka_settings, model(), models=models, named={"next": Failing("next@2")}
    ) as worker:
        await worker.is_ready()
        start = ("start", str(models / "next"), "--compared", "1")
        assert (await asyncio.to_thread(rollout, *start)).exit_code == 0
        await worker.reaches("moderation_candidate_info", 1, version="next@2")
        assert await Traffic(kafka_settings, worker).models_of(3) == {"live@1"}
        await worker.reaches("moderation_compared_posts_total", 3, outcome="failed")
        refused = await asyncio.to_thread(
            rollout, "promote", worker.started.url, "--min-posts", "0"
        )
        assert refused.exit_code == 1
        assert "a model failed on 3 posts" in refused.stderr


async def test_a_record_that_is_no_rollout_changes_nothing(
    kafka_settings: KafkaSettings, models: Path
) -> None:
    async with running_worker(kafka_settings, model(), models=models) as worker:
        await worker.is_ready()
        await produce(kafka_settings, TOPICS.model_rollouts, [(b"moderator", b"{")])
        await worker.reaches("moderation_rollout_refused", 1)
        (remark,) = await worker.remarks()
        assert "it is no roll-out" in remark
        assert await Traffic(kafka_settings, worker).models_of(1) == {"live@1"}


async def test_commands_say_what_makes_no_sense(
    kafka_settings: KafkaSettings, rollout: Rollout, models: Path, tmp_path: Path
) -> None:
    async def complaint(*arguments: str) -> str:
        result = await asyncio.to_thread(rollout, *arguments)
        assert result.exit_code == 1
        return result.stderr

    folder = str(models / "next")
    assert "no roll-out is on; begin one" in await complaint("promote", "127.0.0.1:9")
    assert "there is no way back" in await complaint("rollback")
    assert "cannot be read" in await complaint("start", str(tmp_path / "nothing"))
    assert "--by" in await complaint("start", folder, "--by", "who is it")
    assert await read_messages(kafka_settings, TOPICS.model_rollouts, ModelRollout) == []
    assert (await asyncio.to_thread(rollout, "start", folder)).exit_code == 0
    assert "a roll-out of next is on" in await complaint("start", folder)
