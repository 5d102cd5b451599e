"""Posts go to the model that judges them, and models change between two groups of posts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from moderation.media import DecodedPost
from moderation.model import prepare_image
from moderation.scoring import ConstantScorer, PostScores
from tests.support.waiting import eventually_async
from tests.workers.moderator.lineup.making import Failing, house, model, slot_of
from tests.workers.moderator.making import HARMLESS, ChokingScorer, GatedScorer, make_post
from workers.moderator.errors import DeviceFullError, DeviceLostError
from workers.moderator.lineup import Lineup, Slot

POSTS = [make_post(f"p-{number}") for number in range(200)]


async def test_each_post_is_judged_by_one_model_and_says_which() -> None:
    async with house(model(), model("next@2", spam=0.9), candidate_share=0.25) as it:
        verdicts = await it.judge(*POSTS)
        by_candidate = [one for one in verdicts if one.versions.model == "next@2"]
        assert [one.post_id for one in verdicts] == [post.post_id for post in POSTS]
        assert 20 < len(by_candidate) < 80
        for verdict in verdicts:
            assert verdict.trace is not None
            expected = 0.9 if verdict.versions.model == "next@2" else 0.01
            assert verdict.trace.model_scores["spam"] == expected
        assert it.value("judged_posts_total", {"role": "candidate"}) == len(by_candidate)
        assert it.value("judged_posts_total", {"role": "live"}) == 200 - len(by_candidate)


async def test_a_growing_share_takes_no_post_back() -> None:
    async with house(model(), model("next@2")) as it:
        taken: list[set[str]] = []
        for share in (0.01, 0.1, 0.5, 1.0):
            it.models.swap(replace(it.models.current, candidate_share=share))
            verdicts = await it.judge(*POSTS)
            taken.append({v.post_id for v in verdicts if v.versions.model == "next@2"})
    for smaller, larger in pairwise(taken):
        assert smaller <= larger
    assert len(taken[-1]) == len(POSTS)


async def test_the_live_model_judges_where_the_candidate_fails() -> None:
    async with house(model(), Failing("next@2"), candidate_share=1.0) as it:
        verdicts = await it.judge(*POSTS[:3])
        assert {verdict.versions.model for verdict in verdicts} == {"live@1"}
        assert it.value("candidate_fallbacks_total") == 3


class GatedFailing(GatedScorer):
    """Fails at the first group, once its gate is open."""

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        scores = super().score(posts, embed=embed)
        if len(self.batches) == 1:
            raise ZeroDivisionError
        return scores


async def test_where_the_live_model_has_gone_meanwhile_its_successor_judges() -> None:
    promoted = GatedFailing()
    async with house(model(), promoted, candidate_share=1.0) as it:
        asked = asyncio.create_task(it.models.score([DecodedPost("p-1", text="hello")]))
        await asyncio.sleep(0)
        candidate = it.models.current.candidate
        assert candidate is not None
        it.models.swap(Lineup(candidate))
        await it.models.settled()
        promoted.gate.set()
        (scores,) = await asked
        assert scores.model == "constant@1"
        assert it.value("candidate_fallbacks_total") == 1


async def test_a_lost_device_is_no_reason_to_fall_back() -> None:
    async with house(model()) as it:
        lost = await slot_of(Failing("next@2"))
        lost.score = _lost
        it.models.swap(Lineup(it.models.current.live, lost, 1.0))
        with pytest.raises(DeviceLostError):
            await it.judge(POSTS[0])


async def _lost(*_: object, **__: object) -> list[object]:
    raise DeviceLostError("gone")


async def test_a_group_that_is_being_scored_keeps_the_model_that_it_began_with() -> None:
    gated = GatedScorer()
    async with house(gated) as it:
        first = asyncio.create_task(it.models.score([DecodedPost("p-1", text="hello")]))
        await asyncio.sleep(0)
        it.models.swap(Lineup(await slot_of(model("next@2"))))
        (after,) = await it.models.score([DecodedPost("p-2", text="hello")])
        gated.gate.set()
        (before,) = await first
        await it.models.settled()
        assert (before.model, after.model) == ("constant@1", "next@2")
        assert it.value("model_info", {"version": "next@2"}) == 1
        assert it.registry.get_sample_value("moderation_model_info", {"version": "live@1"}) is None


async def test_models_that_were_let_go_and_still_compute_are_closed_with_the_others() -> None:
    gated = GatedScorer()
    async with house(gated) as it:
        first = asyncio.create_task(it.models.score([DecodedPost("p-1", text="hello")]))

        async def begun() -> bool:
            return it.models.waiting_groups() == 0

        await asyncio.sleep(0)
        await eventually_async(begun)
        second = asyncio.create_task(it.models.score([DecodedPost("p-2", text="hello")]))
        await asyncio.sleep(0)
        it.models.swap(Lineup(await slot_of(model("next@2"))))
        closing = asyncio.create_task(it.models.close())
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(second, 20)
        gated.gate.set()
        await closing
        (scores,) = await first
        assert scores.model == "constant@1"


async def test_verdicts_without_scores_name_the_model_that_judges_now() -> None:
    async with house(model()) as it:
        it.models.swap(Lineup(await slot_of(model("next@2"))))
        assert it.rulebook.current.versions.model == "next@2"
        await it.models.settled()


async def test_pictures_are_prepared_only_while_all_models_see_them_alike() -> None:
    post = DecodedPost("p-1", text="hello")

    def mark(one: DecodedPost) -> DecodedPost:
        return replace(one, text="prepared")

    async with house(model()) as it:
        live, other = it.models.current.live, await slot_of(model("next@2"))
        live.loaded = replace(live.loaded, prepare=mark, picture_size=224)
        for size, text in ((224, "prepared"), (256, "hello")):
            other.loaded = replace(other.loaded, picture_size=size)
            it.models.swap(Lineup(live, other))
            assert it.models.prepare(post).text == text


class Sized(ConstantScorer):
    """Takes pictures of one size, as the shipped model does, and keeps them."""

    def __init__(self, version: str, side: int) -> None:
        super().__init__(HARMLESS, version=version)
        self._side = side
        self.seen: list[NDArray[np.uint8]] = []

    def prepare(self, post: DecodedPost) -> DecodedPost:
        return replace(post, images=tuple(prepare_image(one, self._side) for one in post.images))

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        taken = (3, self._side, self._side)
        for image in (image for post in posts for image in post.images):
            self.seen.append(image if image.shape == taken else prepare_image(image, self._side))
        return super().score(posts, embed=embed)

    async def slot(self) -> Slot:
        return await slot_of(self, prepare=self.prepare, picture_size=self._side)


async def test_pictures_prepared_before_a_change_are_seen_by_the_model_after_it() -> None:
    left_half = np.zeros((40, 60, 3), np.uint8)
    left_half[:, :30] = (200, 100, 50)
    one, other = Sized("one@1", 8), Sized("other@1", 16)
    async with house(model()) as it:
        it.models.swap(Lineup(await one.slot()))
        prepared = it.models.prepare(DecodedPost("p-1", images=(left_half,)))
        it.models.swap(Lineup(await other.slot()))
        unprepared = DecodedPost("p-2", images=(left_half,))
        scored = await it.models.score([prepared, unprepared, it.models.prepare(unprepared)])
        assert {one.model for one in scored} == {"other@1"}
    assert one.seen == []
    for image in other.seen:
        assert image.shape == (3, 16, 16)
        np.testing.assert_array_equal(image[:, :, 0].T, np.full((16, 3), (200, 100, 50)))
        assert not image[:, :, -1].any()


class NoRoomError(RuntimeError):
    """What this model's device says when it has no memory."""


async def test_the_model_that_scores_says_by_which_errors_its_device_is_full() -> None:
    async with house(model()) as it:
        too_large = ChokingScorer("huge", NoRoomError())
        it.models.swap(Lineup(await slot_of(too_large, out_of_memory=(NoRoomError,))))
        with pytest.raises(DeviceFullError):
            await it.models.score([DecodedPost("huge", text="hello")])


async def test_groups_of_posts_fill_the_device_of_the_model_that_judges() -> None:
    async with house(model()) as it:
        before = it.models.batch_posts()
        it.models.swap(Lineup(await slot_of(model("next@2"), batch_posts=7)))
        assert (before, it.models.batch_posts()) == (64, 7)


@pytest.mark.parametrize(
    ("scorer", "why"),
    [
        (model(), "judges already"),
        (ConstantScorer({"spam": 0.1}, version="next@2"), "differ in what they score (drugs, "),
        (ConstantScorer(HARMLESS, version="next@2", embeddings={}), "make the banks anew"),
    ],
    ids=["the same", "other categories", "other vectors"],
)
async def test_a_model_that_cannot_follow_the_live_one_is_refused(
    scorer: ConstantScorer, why: str
) -> None:
    async with house(model()) as it:
        slot = await slot_of(scorer)
        told = it.models.refusal_of(slot, wants_vectors=True)
        assert told is not None
        assert why in told
        await slot.close()
