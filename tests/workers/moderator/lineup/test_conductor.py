"""The models that are asked for are brought into force, or those that judge stay."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from schemas import ModelFolder
from tests.workers.moderator.lineup.making import ModelHouse, house, model, slot_of
from tests.workers.moderator.making import NOON, make_post
from workers.moderator.errors import StartError
from workers.moderator.lineup import Conductor, Slot, Wish
from workers.moderator.lineup.conductor import Name
from workers.moderator.status import Status


def folder(name: str) -> ModelFolder:
    return ModelFolder(name=name, digest="sha256:" + "0" * 64)


A, B, BROKEN = folder("a"), folder("b"), folder("broken")


def loaded_models() -> int:
    """In this process: each has a first thread."""
    return sum(thread.name == "device-0" for thread in threading.enumerate())


@asynccontextmanager
async def conducted() -> AsyncIterator[tuple[ModelHouse, Conductor, list[int]]]:
    """A house whose own model is ``own@1``; how many models are loaded after each loading."""
    most: list[int] = []

    async def open_model(name: Name) -> Slot:
        if name == BROKEN:
            raise StartError("its weights are torn")
        assert not isinstance(name, str)
        slot = await slot_of(model("own@1" if name is None else f"{name.name}@1"))
        most.append(loaded_models())
        return slot

    async with house(model("own@1")) as it:
        yield (
            it,
            Conductor(
                it.models,
                open_model,
                wants_vectors=lambda: False,
                metrics=it.metrics,
                clock=lambda: NOON,
            ),
            most,
        )


async def judges(it: ModelHouse) -> str:
    (verdict,) = await it.judge(make_post("p-1"))
    return verdict.versions.model


async def test_shares_change_without_loading() -> None:
    async with conducted() as (it, conductor, most):
        for share in (0.0, 0.5, 1.0):
            assert await conductor.follow(Wish(None, A, share, 0.1), source="topic")
        assert await judges(it) == "a@1"
        assert len(most) == 1


async def test_a_candidate_that_is_settled_needs_no_loading_and_the_old_model_goes() -> None:
    async with conducted() as (it, conductor, most):
        await conductor.follow(Wish(None, A, 1.0), source="topic")
        await conductor.follow(Wish(A), source="topic")
        await it.models.settled()
        assert (await judges(it), len(most), loaded_models()) == ("a@1", 1, 1)


async def test_never_more_than_two_models_are_loaded() -> None:
    async with conducted() as (it, conductor, most):
        for wish in (Wish(None, A), Wish(None, B, 0.5), Wish(A, B, 0.5), Wish(None, A), Wish(B)):
            assert await conductor.follow(wish, source="topic")
        await it.models.settled()
        assert await judges(it) == "b@1"
        assert max(most) == 2


async def test_a_model_that_cannot_be_loaded_leaves_the_others_and_is_told() -> None:
    async with conducted() as (it, conductor, _):
        assert not await conductor.follow(Wish(BROKEN, None), source="topic")
        assert await judges(it) == "own@1"
        assert conductor.refusal is not None
        assert conductor.refusal.reason == "its weights are torn"
        assert it.value("rollout_refused") == 1
        assert await conductor.follow(Wish(A), source="topic")
        assert conductor.refusal is None
        assert it.value("rollout_refused") == 0


@pytest.mark.parametrize(
    ("wish", "judge"),
    [
        (Wish(BROKEN, A, 0.5), "own@1"),
        (Wish(None, BROKEN, 0.5), "own@1"),
        (Wish(A, BROKEN, 0.5), "a@1"),
    ],
    ids=["another live model", "another candidate", "one after the one that is promoted"],
)
async def test_what_is_in_force_after_a_refusal_is_what_is_told(
    wish: Wish, judge: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with conducted() as (it, conductor, _):
        assert await conductor.follow(Wish(None, A, 0.5), source="topic")
        assert not await conductor.follow(wish, source="topic")
        await it.models.settled()
        assert await judges(it) == judge
        assert loaded_models() == 1
        in_force = f"{judge} judges, without a candidate"
        (remark,) = Status(liveness_seconds=60, conductor=conductor).remarks()
        assert remark.startswith(f"{in_force}: topic was refused at ")
        assert [getattr(one, "in_force", None) for one in caplog.records][-1] == in_force


async def test_a_record_that_cannot_be_read_leaves_both_models_and_says_so() -> None:
    async with conducted() as (_, conductor, _):
        assert await conductor.follow(Wish(None, A, 0.5), source="topic")
        conductor.refuse("topic", "it is no roll-out")
        assert conductor.in_force == "own@1 judges, with the candidate a@1"


async def test_the_same_model_in_another_folder_is_refused_and_let_go() -> None:
    async with conducted() as (it, conductor, _):
        assert await conductor.follow(Wish(A), source="topic")
        await it.models.settled()
        assert not await conductor.follow(Wish(A, folder("a")), source="topic")
        assert conductor.refusal is not None
        assert "judges already" in conductor.refusal.reason
        assert loaded_models() == 1


async def test_what_is_asked_twice_changes_nothing() -> None:
    async with conducted() as (it, conductor, most):
        for _ in range(2):
            await conductor.follow(Wish(None, A, 0.1, 0.1), source="topic")
        assert len(most) == 1
        assert it.value("rollout_changes_total", {"outcome": "unchanged"}) == 1
