"""SIGKILL before anything is committed, while posts keep coming; then another worker goes on.

The story runs once with real Apache Kafka and real workers; the tests look at what it left.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.delivery import (
    SOME,
    Outcome,
    fresh_topics,
    look,
    wait_for_answers,
    wait_for_posts,
    wait_for_verdicts_by,
)
from tests.support.traffic import Revision, traffic
from tests.support.worker_process import running_worker

pytestmark = pytest.mark.kafka


@dataclass(frozen=True)
class Story:
    at_kill: Outcome
    end: Outcome
    expected: set[Revision]


@pytest.fixture(scope="module")
def story(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    kafka, folder = fresh_topics(apache_kafka), tmp_path_factory.mktemp("kill")
    with traffic(kafka) as posts:
        # No commit before the kill: the worst moment, when all that was answered is read again.
        with running_worker(kafka, folder, commit_seconds=600) as first:
            wait_for_verdicts_by(first, SOME)
            first.kill()
        at_kill = look(kafka)
        wait_for_posts(posts, SOME)
        expected = posts.finish()
    with running_worker(kafka, folder) as second:
        wait_for_answers(kafka, expected)
        second.stop()
    return Story(at_kill, look(kafka), expected)


def test_the_worker_died_in_the_middle_with_nothing_committed(story: Story) -> None:
    assert 0 < len(story.at_kill.answered) < len(story.expected)
    assert story.at_kill.committed == 0


def test_every_post_is_answered(story: Story) -> None:
    assert story.end.answered == story.expected
    assert story.end.committed == story.end.records


def test_a_post_that_is_answered_again_gets_the_same_verdict_id(story: Story) -> None:
    assert {len(ids) for ids in story.end.identities.values()} == {1}
