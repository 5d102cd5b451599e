"""A newer revision and a withdrawal overtake what is in flight, and each is answered once."""

from __future__ import annotations

import asyncio

from schemas import VerdictStatus
from tests.workers.moderator.making import PLACE, GatedScorer, make_post, make_withdrawal
from tests.workers.moderator.pipeline_house import house


async def test_newer_revision_overtakes_what_is_in_flight_and_each_is_answered_once() -> None:
    scorer = GatedScorer()
    async with house(scorer=scorer) as it:
        old = it.take(make_post("post", revision=1))
        answering = asyncio.create_task(it.pipeline.answer(old))
        await asyncio.sleep(0)  # the old one is with the device by now, or about to be
        new = it.take(make_post("post", revision=2), first=1)
        scorer.gate.set()
        await asyncio.gather(answering, it.pipeline.answer(new))
        first, second = it.verdicts
        assert (first.revision, first.superseded_by) == (1, 2)
        assert first.status is VerdictStatus.WITHDRAWN
        assert (second.revision, second.superseded_by) == (2, None)
        assert it.watermarks[PLACE].position == 2
        assert (it.in_flight.posts, it.in_flight.bytes) == (0, 0)


async def test_withdrawal_in_the_same_poll_cancels_the_post_before_it_is_judged() -> None:
    async with house() as it:
        await it.answer(make_post("post"), make_withdrawal("post"), make_post("other"))
        answers = [(v.post_id, v.revision, v.status, v.superseded_by) for v in it.verdicts]
        assert answers == [
            ("post", 1, VerdictStatus.WITHDRAWN, 2),
            ("post", 2, VerdictStatus.WITHDRAWN, None),
            ("other", 1, VerdictStatus.COMPLETE, None),
        ]


async def test_older_revision_that_comes_late_is_answered_beside_the_effective_verdict() -> None:
    async with house() as it:
        await it.answer(make_post("post", revision=2))
        await it.answer(make_post("post", revision=1), first=1)
        assert [(v.revision, v.superseded_by) for v in it.verdicts] == [(2, None), (1, 2)]
        assert [key for _, key, _, _ in it.producer.sent] == [b"post", b"post#1"]
