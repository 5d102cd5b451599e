"""A second worker joins while posts keep coming, then the first one leaves.

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
    verdicts_by,
    wait_for_answers,
    wait_for_verdicts_by,
)
from tests.support.traffic import Revision, traffic
from tests.support.worker_process import running_worker

pytestmark = pytest.mark.kafka


@dataclass(frozen=True)
class Story:
    by_first: float
    """Verdicts after the join."""
    by_second: float
    """Verdicts before the leave."""
    end: Outcome
    expected: set[Revision]


@pytest.fixture(scope="module")
def story(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    kafka, folder = fresh_topics(apache_kafka), tmp_path_factory.mktemp("share")
    with traffic(kafka) as posts, running_worker(kafka, folder) as first:
        wait_for_verdicts_by(first, SOME)
        with running_worker(kafka, folder) as second:
            before = verdicts_by(first)
            wait_for_verdicts_by(second, SOME)
            wait_for_verdicts_by(first, before + SOME)
            by_first, by_second = verdicts_by(first) - before, verdicts_by(second)
            first.stop()
            wait_for_verdicts_by(second, by_second + SOME)
            expected = posts.finish()
            wait_for_answers(kafka, expected)
            second.stop()
    return Story(by_first, by_second, look(kafka), expected)


def test_both_workers_work_side_by_side(story: Story) -> None:
    assert min(story.by_first, story.by_second) >= SOME


def test_neither_the_join_nor_the_leave_loses_a_post(story: Story) -> None:
    assert story.end.answered == story.expected
    assert story.end.committed == story.end.records


def test_every_verdict_has_one_identity(story: Story) -> None:
    assert {len(ids) for ids in story.end.identities.values()} == {1}
