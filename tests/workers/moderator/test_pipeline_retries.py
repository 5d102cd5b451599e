"""What fails for now is put off, as it stands, and is judged or set aside in the end."""

from __future__ import annotations

from datetime import timedelta

from schemas import NotScannedReason
from tests.workers.moderator.making import NOON, PLACE, ChokingScorer, make_post
from tests.workers.moderator.pipeline_house import PICTURE, Away, house


async def test_post_whose_media_are_away_is_put_off_with_its_bytes_and_where_it_stood() -> None:
    async with house(fetcher=Away()) as it:
        await it.answer(PICTURE, make_post("text"))
        assert [verdict.post_id for verdict in it.verdicts] == ["text"]
        (retry,) = it.retries
        assert (retry.attempt, retry.due_at) == (1, NOON + timedelta(seconds=3))
        assert (retry.topic, retry.partition, retry.offset) == (*PLACE, 0)
        (value,) = [v for topic, _, v, _ in it.producer.sent if topic == "posts.retry"]
        assert value == PICTURE.to_bytes()
        assert it.watermarks[PLACE].position == 2
        assert it.in_flight.posts == 0


async def test_pauses_double_and_after_the_last_attempt_it_is_judged_without_its_media() -> None:
    async with house(fetcher=Away()) as it:
        await it.answer(PICTURE)
        await it.answer(PICTURE, first=1, retry=it.retries[0])
        assert it.retries[1].due_at == NOON + timedelta(seconds=6)
        assert it.retries[1].offset == 0
        await it.answer(PICTURE, first=2, retry=it.retries[1])
        assert len(it.retries) == 2
        (verdict,) = it.verdicts
        assert verdict.not_scanned[0].reason is NotScannedReason.UNREACHABLE


async def test_post_that_fails_for_now_is_put_off_and_in_the_end_set_aside() -> None:
    async with house(scorer=ChokingScorer("bad", ConnectionError())) as it:
        await it.answer(make_post("good"), make_post("bad"))
        assert [verdict.post_id for verdict in it.verdicts] == ["good"]
        assert [retry.reason for retry in it.retries] == ["stage_failed"]
        last = it.retries[0].model_copy(update={"attempt": 2, "offset": 1})
        await it.answer(make_post("bad"), first=2, retry=last)
        (letter,) = it.letters
        assert (letter.topic, letter.partition, letter.offset) == (*PLACE, 1)
