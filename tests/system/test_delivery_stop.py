"""SIGTERM while posts keep coming, some of them unreadable; then another worker goes on.

The story runs once with real Apache Kafka and real workers; the tests look at what it left.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import pytest

from schemas import TOPICS, DeadLetter, ErrorClass, Post
from tests.support.delivery import (
    SOME,
    Outcome,
    fresh_topics,
    look,
    wait_for_answers,
    wait_for_posts,
    wait_for_verdicts_by,
)
from tests.support.kafka import produce
from tests.support.traffic import CREATED_AT, Revision, revision_of, traffic
from tests.support.worker_process import running_worker

pytestmark = pytest.mark.kafka

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


@dataclass(frozen=True)
class Story:
    exit_code: int
    at_stop: Outcome
    end: Outcome
    expected: set[Revision]
    logs: str


@pytest.fixture(scope="module")
def story(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    kafka, folder = fresh_topics(apache_kafka), tmp_path_factory.mktemp("stop")
    values = [*UNREADABLE, None, BEHIND.to_bytes()]
    asyncio.run(produce(kafka, TOPICS.posts, [(KEY, value) for value in values]))
    with traffic(kafka) as posts:
        with running_worker(kafka, folder) as first:
            wait_for_verdicts_by(first, SOME)
            exit_code = first.stop()
        at_stop = look(kafka)
        wait_for_posts(posts, SOME)
        expected = posts.finish() | {revision_of(BEHIND)}
    with running_worker(kafka, folder) as second:
        wait_for_answers(kafka, expected)
        second.stop()
    return Story(exit_code, at_stop, look(kafka), expected, first.log + second.log)


def test_a_worker_stopped_in_the_middle_of_the_posts_ends_with_success(story: Story) -> None:
    assert 0 < len(story.at_stop.answered) < len(story.expected)
    assert story.exit_code == 0


def test_it_has_committed_exactly_what_it_answered(story: Story) -> None:
    # A null names no post: it is skipped, which is all the answer that it gets.
    answered = len(story.at_stop.verdicts) + len(story.at_stop.dead_letters) + 1
    assert story.at_stop.committed == answered


def test_every_post_is_answered(story: Story) -> None:
    assert story.end.answered == story.expected
    assert story.end.committed == story.end.records


def test_nothing_is_answered_twice(story: Story) -> None:
    assert story.end.repeated == 0
    assert len(story.end.dead_letters) == len(UNREADABLE)


def test_unreadable_records_are_set_aside_with_key_place_and_original_bytes(story: Story) -> None:
    letters = [DeadLetter.from_bytes(record.value) for record in story.end.dead_letters]
    assert {letter.value: letter.error_class for letter in letters} == UNREADABLE
    assert {record.key for record in story.end.dead_letters} == {KEY}
    assert {letter.key for letter in letters} == {KEY}
    places = sorted((letter.partition, letter.offset) for letter in letters)
    assert [offset for _, offset in places] == list(range(len(UNREADABLE)))


def test_a_post_behind_unreadable_records_is_answered(story: Story) -> None:
    assert revision_of(BEHIND) in story.at_stop.answered


def test_no_log_holds_content(story: Story) -> None:
    assert "drained" in story.logs
    assert CONTENT not in story.logs
