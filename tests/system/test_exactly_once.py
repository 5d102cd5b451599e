"""Exactly-once delivery: whatever happens to the workers, every post has one verdict.

One story with real Apache Kafka and real workers, told once; the tests look at what it left:

1. Posts keep coming. A worker freezes with a transaction that is ready to be committed, for longer
   than the group waits for it, so another takes over its partitions.
2. The frozen one wakes up as a zombie: it still believes that the partitions are its own.
3. A third joins, and is killed right after a commit that it had no time to note; a fourth right
   before one. The others answer the rest.

The scorer is constant: what is judged is the plumbing.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from schemas import TOPICS
from tests.support.delivery import (
    SOME,
    Outcome,
    fresh_topics,
    look,
    verdicts_by,
    wait_for_answers,
    wait_for_verdicts_by,
)
from tests.support.kafka import read_records
from tests.support.traffic import Revision, traffic
from tests.support.waiting import eventually
from tests.support.worker_process import WorkerProcess, running_worker

pytestmark = pytest.mark.kafka

TAKE_OVER_SECONDS = 60.0
"""The group waits ten seconds for a worker that is silent; the rest is for a busy machine."""


@dataclass(frozen=True)
class Story:
    expected: set[Revision]
    outcome: Outcome
    loose: int
    """Verdicts that a reader sees who also reads what was aborted."""
    fenced: float
    """Transactions that the zombie was refused."""
    by_zombie: float
    """Verdicts that it has given since it woke."""


@pytest.fixture(scope="module")
def story(apache_kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Story:
    kafka, folder = fresh_topics(apache_kafka), tmp_path_factory.mktemp("workers")
    with ExitStack() as stack:
        zombie = stack.enter_context(
            running_worker(kafka, folder, fault="SIGSTOP@before_commit:20")
        )
        zombie.wait_ready()
        posts = stack.enter_context(traffic(kafka))
        eventually(
            lambda: is_frozen(zombie), within_seconds=TAKE_OVER_SECONDS, describe="it freezes"
        )
        last = stack.enter_context(running_worker(kafka, folder))
        wait_for_verdicts_by(last, SOME)

        os.kill(zombie.process.pid or 0, signal.SIGCONT)
        eventually(
            lambda: zombie.total("moderation_transactions_total", outcome="fenced") > 0,
            within_seconds=TAKE_OVER_SECONDS,
            describe="the zombie is refused",
        )
        before = verdicts_by(zombie)
        wait_for_verdicts_by(zombie, before + SOME)
        fenced = zombie.total("moderation_transactions_total", outcome="fenced")
        by_zombie = verdicts_by(zombie) - before

        for fault in ("SIGKILL@after_commit:10", "SIGKILL@before_commit:10"):
            doomed = stack.enter_context(running_worker(kafka, folder, fault=fault))
            eventually(
                lambda doomed=doomed: not doomed.process.is_alive(),
                within_seconds=2 * TAKE_OVER_SECONDS,
                describe=f"{fault} comes",
            )
        wait_for_verdicts_by(last, verdicts_by(last) + SOME)
        expected = posts.finish()
        wait_for_answers(kafka, expected)
        loose = asyncio.run(
            read_records(kafka, TOPICS.verdicts, isolation_level="read_uncommitted")
        )
        return Story(expected, look(kafka), len(loose), fenced, by_zombie)


def is_frozen(worker: WorkerProcess) -> bool:
    """Whether the process is stopped by a signal."""
    state = Path(f"/proc/{worker.process.pid}/stat").read_text(encoding="utf-8").rsplit(")")[1]
    return state.split()[0] == "T"


def test_every_post_is_answered(story: Story) -> None:
    assert story.outcome.answered == story.expected


def test_no_post_is_answered_twice(story: Story) -> None:
    assert story.outcome.repeated == set()


def test_there_was_something_to_be_aborted(story: Story) -> None:
    assert story.loose > len(story.outcome.verdicts)


def test_the_zombie_could_not_commit_and_works_again(story: Story) -> None:
    assert story.fenced > 0
    assert story.by_zombie >= SOME
