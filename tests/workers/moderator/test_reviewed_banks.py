"""On real Kafka, with the real console: a reviewer's word on a match reaches the bank."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rules.banks import load_bank
from schemas import TOPICS, Action, Media, Post, Verdict
from tests.support.kafka import produce_posts, read_messages
from tests.support.waiting import eventually_async
from tests.workers.moderator.banking import digest, drawing, make_bank
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import WITHIN_SECONDS, running_worker
from tests.workers.review.process import NAME, running_console
from tests.workers.review.web.conftest import Visitor
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

START_TIMEOUT_SECONDS = 300
"""A broker, a worker and a console start; far above what that takes on two idle cores."""


def with_picture(post_id: str) -> Post:
    return make_post(post_id, images=(Media(data=drawing(1)),))


async def verdict_on(kafka: KafkaSettings, post_id: str) -> Verdict:
    (found,) = [
        verdict
        for verdict in await read_messages(kafka, TOPICS.verdicts, Verdict)
        if verdict.post_id == post_id and verdict.source == "machine"
    ]
    return found


@pytest.mark.timeout(START_TIMEOUT_SECONDS)
async def test_a_match_that_a_reviewer_denies_is_no_match_any_more(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    entries = {"seen": [digest(drawing(1))], "other": [digest(drawing(2))]}
    bank = make_bank(tmp_path / "banks" / "files", "image", entries)
    (tmp_path / "console").mkdir()
    with running_console(kafka_settings, tmp_path / "console") as console:
        async with running_worker(
            kafka_settings, banks=tmp_path / "banks", banks_seconds=0.1
        ) as worker:
            await produce_posts(kafka_settings, TOPICS.posts, [with_picture("first")])
            await worker.reaches("moderation_escalations_total", 1)
            escalated = await verdict_on(kafka_settings, "first")
            assert escalated.trace is not None
            assert escalated.trace.bank_matches["files"][0].entry == "seen"

            async with httpx.AsyncClient(base_url=console.url or "") as http:
                reviewer = Visitor(http)
                await reviewer.sign_in(NAME, console.password)
                item = f"/items/{escalated.verdict_id}"

                async def arrived() -> bool:
                    return (await reviewer.get(item)).status_code == 200

                await eventually_async(
                    arrived, within_seconds=WITHIN_SECONDS, describe="the item is in the console"
                )
                form = {"claim": await reviewer.claim(escalated.verdict_id), "match-0": "wrong"}
                answer = await reviewer.post(f"{item}/decide", action="allow", **form)
                assert answer.status_code == 303

            await worker.reaches(
                "moderation_bank_words_written_total", 1, bank="files", word="deny"
            )
            assert load_bank(bank).standing.denied == {"seen"}
            await worker.reaches("moderation_bank_denials", 1, bank="files")
            assert await worker.metric("moderation_bank_entries", bank="files") == 1
            await produce_posts(kafka_settings, TOPICS.posts, [with_picture("second")])
            await worker.reaches("moderation_verdicts_total", 2)
    again = await verdict_on(kafka_settings, "second")
    assert again.action is Action.ALLOW
    assert again.trace is not None
    assert again.trace.bank_matches["files"] == ()
