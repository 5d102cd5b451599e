"""The device computes on threads of its own, in batches that form while they are busy."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from moderation.media import DecodedPost
from moderation.scoring import ConstantScorer, PostScores
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import HARMLESS, ChokingScorer, GatedScorer
from workers.moderator.device import Device
from workers.moderator.errors import DeviceFullError, DeviceLostError, ModeratorError


def decoded(*post_ids: str) -> list[DecodedPost]:
    return [DecodedPost(post_id, text="hello") for post_id in post_ids]


class Paired(ConstantScorer):
    """Scores only two batches at once, and notes the seconds that each took."""

    def __init__(self) -> None:
        super().__init__(HARMLESS)
        self.seconds: list[float] = []
        self._both = threading.Barrier(2, timeout=20)

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        begin = time.perf_counter()
        self._both.wait()
        scores = super().score(posts, embed=embed)
        self.seconds.append(time.perf_counter() - begin)
        return scores


async def test_scores_come_back_to_whom_they_belong() -> None:
    device = Device(ConstantScorer(HARMLESS), max_batch_posts=8)
    answers = await asyncio.gather(*(device.score(decoded(f"a{i}", f"b{i}")) for i in range(20)))
    await device.close()
    assert [[score.post_id for score in answer] for answer in answers] == [
        [f"a{i}", f"b{i}"] for i in range(20)
    ]


async def test_next_batch_forms_while_the_device_works_and_keeps_to_the_budget() -> None:
    scorer = GatedScorer()
    device = Device(scorer, max_batch_posts=4)
    waiting = [asyncio.ensure_future(device.score(decoded(f"p{i}"))) for i in range(9)]
    await asyncio.sleep(0)  # let all of them queue up behind the closed gate
    scorer.gate.set()
    await asyncio.gather(*waiting)
    await device.close()
    assert sum(scorer.batches) == 9
    assert max(scorer.batches) == 4
    assert len(scorer.batches) <= 4  # the first may have begun alone


async def test_group_larger_than_the_budget_is_a_batch_of_its_own() -> None:
    scorer = GatedScorer()
    scorer.gate.set()
    device = Device(scorer, max_batch_posts=2)
    assert len(await device.score(decoded("a", "b", "c"))) == 3
    await device.close()


async def test_event_loop_goes_on_while_the_device_is_busy() -> None:
    scorer = GatedScorer()
    device = Device(scorer, max_batch_posts=4)
    busy = asyncio.ensure_future(device.score(decoded("slow")))
    turns = 0
    for _ in range(10):
        await asyncio.sleep(0)
        turns += 1
    assert turns == 10
    assert not busy.done()
    scorer.gate.set()
    await busy
    await device.close()


async def test_groups_that_shared_a_batch_do_not_pay_for_the_one_that_fails() -> None:
    gate = threading.Event()

    class Gated(ChokingScorer):
        def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
            gate.wait()
            return super().score(posts, embed=embed)

    device = Device(Gated("poison", ValueError("cannot")), max_batch_posts=8)
    names = ("a", "b", "poison", "c", "d")
    waiting = [asyncio.ensure_future(device.score(decoded(name))) for name in names]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await device.close()
    failed = [name for name, out in zip(names, outcomes, strict=True) if isinstance(out, Exception)]
    assert failed == ["poison"]


async def test_broken_device_is_told_apart_from_a_post_that_fails() -> None:
    device = Device(
        ChokingScorer("x", MemoryError("gone")), max_batch_posts=8, broken=(MemoryError,)
    )
    with pytest.raises(DeviceLostError, match="restart the worker"):
        await device.score(decoded("x"))
    await device.close()


async def test_warming_happens_on_the_device_thread_and_its_failure_is_told() -> None:
    threads: list[str] = []

    class Cold(ConstantScorer):
        def warm_up(self) -> None:
            threads.append(threading.current_thread().name)
            raise RuntimeError("no kernel")

    device = Device(Cold(HARMLESS), max_batch_posts=1)
    with pytest.raises(RuntimeError, match="no kernel"):
        await device.warm()
    await device.close()
    assert threads == ["device-0"]


async def test_vectors_come_to_whoever_asks_for_them() -> None:
    vector = np.array([[0.6, 0.8]], np.float32)
    device = Device(ConstantScorer(HARMLESS, embeddings={"a": vector}), max_batch_posts=8)
    (asked,) = await device.score(decoded("a"), embed=True)
    (plain,) = await device.score(decoded("a"))
    await device.close()
    assert asked.embeddings is vector
    assert plain.embeddings is None


async def test_scorer_that_answers_for_other_posts_is_not_believed() -> None:
    class Muddled(ConstantScorer):
        def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
            return super().score(posts, embed=embed)[::-1]

    device = Device(Muddled(HARMLESS), max_batch_posts=8)
    with pytest.raises(ModeratorError, match="other posts"):
        await device.score(decoded("a", "b"))
    await device.close()


async def test_closing_cancels_what_still_waits() -> None:
    scorer = GatedScorer()
    device = Device(scorer, max_batch_posts=1)
    first = asyncio.ensure_future(device.score(decoded("first")))
    await asyncio.sleep(0)

    async def begun() -> bool:
        return device.waiting_groups == 0

    await eventually_async(begun)
    second = asyncio.ensure_future(device.score(decoded("second")))
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(device.close())
    third = asyncio.ensure_future(device.score(decoded("third")))
    await asyncio.sleep(0)
    scorer.gate.set()
    assert (await first)[0].post_id == "first"
    await closing

    with pytest.raises(asyncio.CancelledError):
        await second
    with pytest.raises(ModeratorError, match="closed"):
        await third


async def test_threads_score_side_by_side_and_share_what_waits() -> None:
    device = Device(Paired(), max_batch_posts=1, threads=2)
    names = [f"p{number}" for number in range(6)]
    answers = await asyncio.gather(*(device.score(decoded(name)) for name in names))
    await device.close()
    assert [answer[0].post_id for answer in answers] == names


async def test_time_in_use_is_that_of_the_whole_device() -> None:
    busy: list[float] = []
    scorer = Paired()
    device = Device(scorer, max_batch_posts=1, threads=2, on_busy=busy.append)
    await asyncio.gather(*(device.score(decoded(f"p{number}")) for number in range(40)))
    await device.close()
    assert sum(scorer.seconds) / 2 <= sum(busy) < sum(scorer.seconds)


class Losing(ConstantScorer):
    """Finds the device lost at one post, while another one is being computed."""

    def __init__(self) -> None:
        super().__init__(HARMLESS)
        self.lost = threading.Event()
        self._both = threading.Barrier(2, timeout=20)

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        self._both.wait()
        if posts[0].post_id == "last":
            raise NoDeviceError
        assert self.lost.wait(20)
        return super().score(posts, embed=embed)


class NoDeviceError(RuntimeError):
    """What a scorer raises when its device is gone."""


async def test_what_other_threads_compute_is_answered_though_one_finds_the_device_lost() -> None:
    scorer = Losing()
    device = Device(scorer, max_batch_posts=1, threads=2, broken=(NoDeviceError,))
    other = asyncio.ensure_future(device.score(decoded("other")))
    with pytest.raises(DeviceLostError):
        await device.score(decoded("last"))
    scorer.lost.set()
    (answer,) = await other
    await device.close()
    assert answer.post_id == "other"


async def test_out_of_memory_on_one_thread_costs_no_group_of_another() -> None:
    device = Device(ChokingScorer("huge", MemoryError()), max_batch_posts=3, threads=3)
    names = [f"p{number}" for number in range(30)] + ["huge"]
    outcomes = await asyncio.gather(
        *(device.score(decoded(name)) for name in names), return_exceptions=True
    )
    await device.close()
    assert isinstance(outcomes.pop(), DeviceFullError)
    assert [out[0].post_id for out in outcomes if isinstance(out, list)] == names[:-1]


@pytest.mark.parametrize("error", [None, RuntimeError("no kernel")], ids=["warm", "failed"])
async def test_whoever_stops_waiting_for_the_start_leaves_no_error_behind(
    error: Exception | None,
) -> None:
    gate, told = threading.Event(), []

    class Slow(ConstantScorer):
        def warm_up(self) -> None:
            assert gate.wait(20)
            if error is not None:
                raise error

    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    device = Device(Slow(HARMLESS), max_batch_posts=1, threads=2)
    waiting = asyncio.ensure_future(device.warm())
    await asyncio.sleep(0)
    waiting.cancel()
    closing = asyncio.ensure_future(device.close())
    gate.set()
    await closing
    await asyncio.sleep(0)  # what the threads left to the loop
    assert told == []


async def test_error_while_a_batch_is_begun_is_told_and_stops_no_thread() -> None:
    counted: list[int] = []

    def count(posts: int) -> None:
        counted.append(posts)
        if len(counted) == 1:
            raise ZeroDivisionError

    device = Device(ConstantScorer(HARMLESS), max_batch_posts=1, on_batch=count)
    with pytest.raises(ZeroDivisionError):
        await device.score(decoded("a"))
    assert (await device.score(decoded("b")))[0].post_id == "b"
    await device.close()


async def test_closing_stops_every_thread() -> None:
    device = Device(ConstantScorer(HARMLESS), max_batch_posts=1, threads=3)
    await device.score(decoded("a"))
    await device.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("device-")]
