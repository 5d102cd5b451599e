"""From records to answers, without Kafka: what fails is isolated, what is stale is dropped."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaTimeoutError

from schemas import ErrorClass, Media, NotScannedReason
from tests.workers.moderator.making import (
    PLACE,
    ChokingScorer,
    make_post,
    make_record,
    make_withdrawal,
)
from tests.workers.moderator.pipeline_house import StubbornEngine, house
from workers.moderator.errors import BrokerLostError, DeviceLostError


async def test_every_record_is_answered_and_only_then_done() -> None:
    async with house() as it:
        picture = make_post("picture", images=(Media(data=b"no picture"),))
        await it.answer(make_post("text"), b"{", picture, make_withdrawal("gone"))
        assert {verdict.post_id for verdict in it.verdicts} == {"text", "picture", "gone"}
        assert [letter.offset for letter in it.letters] == [1]
        assert it.watermarks[PLACE].position == 4
        assert (it.in_flight.posts, it.in_flight.bytes) == (0, 0)


async def test_verdict_says_how_long_each_stage_took_and_how_old_the_record_is() -> None:
    async with house() as it:
        await it.answer(make_post())
        (verdict,) = it.verdicts
        assert verdict.timings.stages.keys() >= {"media", "model"}
        assert verdict.timings.record_age == 60


@pytest.mark.parametrize("stage", ["model", "rules"])
async def test_one_post_that_breaks_a_stage_is_set_aside_and_the_others_are_judged(
    stage: str,
) -> None:
    secret = "do-not-repeat-me"
    scorer = ChokingScorer("bad", ZeroDivisionError(secret)) if stage == "model" else None
    engine = StubbornEngine(frozenset({"bad"}) if stage == "rules" else frozenset())
    async with house(scorer=scorer, engine=engine) as it:
        good = [make_post(f"good-{i}") for i in range(9)]
        await it.answer(*good[:4], make_post("bad", text=secret), *good[4:])
        assert {verdict.post_id for verdict in it.verdicts} == {post.post_id for post in good}
        (letter,) = it.letters
        assert (letter.offset, letter.error_class) == (4, ErrorClass.POISON)
        assert "ZeroDivisionError" in letter.reason
        assert secret not in letter.reason
        assert it.watermarks[PLACE].position == 10


async def test_answers_to_partitions_that_moved_away_are_dropped() -> None:
    async with house() as it:
        it.watermarks.begin(PLACE, 0)
        stale = make_record(make_post().to_bytes(), 0, epoch=it.watermarks[PLACE].epoch)
        it.in_flight.take(1, len(stale.value))
        it.watermarks.revoke([PLACE])
        it.watermarks.assign({PLACE: 0})  # and came back: the record will be read again
        await it.pipeline.answer([stale])
        assert it.producer.sent == []
        assert it.watermarks[PLACE].position == 0
        assert it.in_flight.posts == 0


async def test_broker_that_takes_no_answer_leaves_the_record_undone() -> None:
    async with house(refuse=lambda _topic, _value: KafkaTimeoutError()) as it:
        with pytest.RaisesGroup(BrokerLostError):
            await it.answer(make_post())
        assert it.watermarks[PLACE].position == 0
        assert it.letters == []


async def test_lost_device_makes_no_dead_letters() -> None:
    scorer = ChokingScorer("any", MemoryError())
    async with house(scorer=scorer, broken=(MemoryError,)) as it:
        with pytest.RaisesGroup(DeviceLostError):
            await it.answer(make_post("any"), make_post("other"))
        assert it.producer.sent == []
        assert it.watermarks[PLACE].position == 0


async def test_post_too_large_for_the_device_is_judged_as_not_looked_at() -> None:
    scorer = ChokingScorer("huge", MemoryError())
    async with house(scorer=scorer) as it:
        await it.answer(make_post("huge", images=(Media(data=b"no picture"),)), make_post("small"))
        by_post = {verdict.post_id: verdict for verdict in it.verdicts}
        reasons = {missed.reason for missed in by_post["huge"].not_scanned}
        assert NotScannedReason.MODEL_FAILED in reasons
        assert by_post["small"].not_scanned == ()
        assert it.letters == []
