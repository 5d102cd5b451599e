"""At-least-once delivery: whatever happens to the workers, every record is answered, under one id.

One story with real Apache Kafka and real workers, told once; the tests look at what it left:

1. A worker meets unreadable records, then posts that keep coming, and dies by SIGKILL before it has
   committed anything.
2. Another takes over, and a third joins it. That one is asked to stop, and leaves.
3. The one that remains answers everything. Then a burst comes, and it is asked to stop in the
   middle of it.

The scorer is constant: what is judged is the plumbing.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import pytest

from schemas import TOPICS, DeadLetter, ErrorClass, Post
from tests.support.delivery import (
    SOME,
    Outcome,
    fresh_topics,
    look,
    verdicts_by,
    wait_for_answers,
    wait_for_verdicts_by,
)
from tests.support.kafka import produce, produce_posts
from tests.support.traffic import CREATED_AT, Revision, make_post, revision_of, traffic
from tests.support.worker_process import running_worker
from workers.moderator.delivery_settings import DeliveryMode

pytestmark = pytest.mark.kafka

MODE: Final = DeliveryMode.AT_LEAST_ONCE

CONTENT: Final = "the quick brown fox"
"""In posts and in unreadable records; no log may hold it."""

KEY: Final = b"author-of-the-unreadable"
UNREADABLE: Final = {
    b"\xff\xfe no JSON, " + CONTENT.encode(): ErrorClass.NOT_JSON,
    b'{"post_id": "p", "text": "' + CONTENT.encode() + b'"}': ErrorClass.CONTRACT,
    b'{"post_id": 7, "author_id": [], "created_at": "yesterday"}': ErrorClass.CONTRACT,
    b"": ErrorClass.NOT_JSON,
}
BEHIND: Final = Post(
    post_id="behind-the-unreadable", author_id=KEY.decode(), created_at=CREATED_AT, text=CONTENT
)

BURST: Final = range(1_000_000, 1_003_000)
"""Numbers of the last posts: more than the worker takes in at once."""


@dataclass(frozen=True)
class Story:
    at_kill: Outcome
    by_each: tuple[float, float]
    """Verdicts of the two while they shared the partitions."""
    exit_codes: tuple[int | None, int | None]
    expected: set[Revision]
    """Every post that came before the burst."""
    all_answered: Outcome
    at_stop: Outcome
    logs: str


@pytest.fixture(scope="module")
def story(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    kafka, folder = fresh_topics(apache_kafka), tmp_path_factory.mktemp("workers")
    unreadable = [(KEY, value) for value in (*UNREADABLE, None, BEHIND.to_bytes())]
    with ExitStack() as stack:
        # No commit before the kill: the worst moment, when all that was answered is read again.
        killed = stack.enter_context(
            running_worker(kafka, folder, commit_seconds=600, delivery=MODE)
        )
        killed.wait_ready()
        asyncio.run(produce(kafka, TOPICS.posts, unreadable))
        posts = stack.enter_context(traffic(kafka))
        wait_for_verdicts_by(killed, SOME)
        killed.kill()
        at_kill = look(kafka)

        last = stack.enter_context(running_worker(kafka, folder, delivery=MODE))
        wait_for_verdicts_by(last, SOME)
        leaver = stack.enter_context(running_worker(kafka, folder, delivery=MODE))
        wait_for_verdicts_by(leaver, SOME)
        alone = verdicts_by(last)
        wait_for_verdicts_by(last, alone + SOME)
        by_each = verdicts_by(last) - alone, verdicts_by(leaver)
        left = leaver.stop()
        wait_for_verdicts_by(last, verdicts_by(last) + SOME)

        expected = posts.finish() | {revision_of(BEHIND)}
        wait_for_answers(kafka, expected)
        all_answered = look(kafka)

        before = verdicts_by(last)
        asyncio.run(produce_posts(kafka, TOPICS.posts, map(make_post, BURST)))
        wait_for_verdicts_by(last, before + 1)
        stopped = last.stop()
        return Story(
            at_kill=at_kill,
            by_each=by_each,
            exit_codes=(left, stopped),
            expected=expected,
            all_answered=all_answered,
            at_stop=look(kafka),
            logs=killed.log + last.log + leaver.log,
        )


def test_the_kill_came_in_the_middle_with_nothing_committed(story: Story) -> None:
    assert 0 < len(story.at_kill.answered) < len(story.expected)
    assert story.at_kill.committed == 0


def test_two_workers_share_the_posts(story: Story) -> None:
    assert min(story.by_each) >= SOME


def test_every_post_is_answered_in_spite_of_kill_join_and_leave(story: Story) -> None:
    assert story.all_answered.answered == story.expected


def test_every_post_revision_has_one_verdict_id(story: Story) -> None:
    assert {len(ids) for ids in story.at_stop.identities.values()} == {1}


def test_only_the_kill_repeats_verdicts_and_neither_join_nor_leave_nor_stop(story: Story) -> None:
    assert story.at_stop.repeated <= story.at_kill.answered


def test_workers_that_are_asked_to_stop_end_with_success(story: Story) -> None:
    assert story.exit_codes == (0, 0)


def test_a_stopped_worker_has_committed_exactly_what_it_answered(story: Story) -> None:
    # A null names no post: it is skipped, which is all the answer that it gets.
    answered = len(story.at_stop.answered) + len(UNREADABLE) + 1
    assert story.at_stop.committed == answered


def test_unreadable_records_are_set_aside_with_key_place_and_original_bytes(story: Story) -> None:
    letters = [DeadLetter.from_bytes(record.value) for record in story.at_stop.dead_letters]
    assert {letter.value: letter.error_class for letter in letters} == UNREADABLE
    assert {record.key for record in story.at_stop.dead_letters} == {KEY}
    assert {letter.key for letter in letters} == {KEY}
    assert len({letter.partition for letter in letters}) == 1
    assert {letter.offset for letter in letters} == set(range(len(UNREADABLE)))


def test_a_post_behind_unreadable_records_is_answered(story: Story) -> None:
    assert revision_of(BEHIND) in story.all_answered.answered


def test_no_log_holds_content(story: Story) -> None:
    assert "drained" in story.logs
    assert CONTENT not in story.logs
