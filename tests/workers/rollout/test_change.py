"""Two people who change a roll-out at once skip no stage unseen, and are told of each other."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import ModelFolder, ModelRollout
from workers.rollout.change import change
from workers.rollout.errors import RolloutError
from workers.rollout.stages import Order, promote, roll_back, start
from workers.rollout.topic import read_rollout
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADA, BEN = Order("ada", NOON), Order("ben", NOON)
GROUP = "moderator"
NEW = ModelFolder(name="new", digest="sha256:" + "1" * 64)


@pytest.fixture
async def kafka(kafka_settings: KafkaSettings) -> KafkaSettings:
    """Where a roll-out has begun, beside one of another group."""
    for group in (GROUP, "another"):
        await change(kafka_settings, group, ADA, lambda now, by: start(now, NEW, 0.1, by))
    return kafka_settings


def meanwhile(work: Coroutine[Any, Any, ModelRollout]) -> ModelRollout:
    """What another process does while this one is at work."""
    with ThreadPoolExecutor(1) as another:
        return another.submit(asyncio.run, work).result()


async def test_one_after_the_other_take_one_stage_each(kafka: KafkaSettings) -> None:
    for order in (ADA, BEN):
        seen = await read_rollout(kafka, GROUP)
        asked = await change(kafka, GROUP, order, promote, seen=seen)
        assert (await read_rollout(kafka, GROUP)).rollout == asked
    assert asked.candidate_share == 0.1


async def test_a_stage_that_was_decided_on_older_figures_is_not_taken(kafka: KafkaSettings) -> None:
    seen = await read_rollout(kafka, GROUP)
    await change(kafka, GROUP, BEN, promote)
    with pytest.raises(RolloutError, match=r"nothing is asked for: .* what ben asked for: new jud"):
        await change(kafka, GROUP, ADA, promote, seen=seen)
    now = (await read_rollout(kafka, GROUP)).rollout
    assert now is not None
    assert (now.by, now.candidate_share) == ("ben", 0.01)


async def test_who_overwrites_a_change_of_the_same_moment_is_told(kafka: KafkaSettings) -> None:
    def slowly(now: ModelRollout, order: Order) -> ModelRollout:
        meanwhile(change(kafka, GROUP, BEN, roll_back))
        return promote(now, order)

    with pytest.raises(RolloutError, match=r"at the same time\. .* what ada asked for: new judges"):
        await change(kafka, GROUP, ADA, slowly)


async def test_a_change_of_another_group_disturbs_nobody(kafka: KafkaSettings) -> None:
    def slowly(now: ModelRollout, order: Order) -> ModelRollout:
        meanwhile(change(kafka, "another", BEN, promote))
        return promote(now, order)

    seen = await read_rollout(kafka, GROUP)
    assert (await change(kafka, GROUP, ADA, slowly, seen=seen)).candidate_share == 0.01
