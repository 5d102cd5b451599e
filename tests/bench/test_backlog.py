"""A backlog on real Kafka is worked off by a process, and every answer is counted."""

from __future__ import annotations

import sys

import pytest

from bench.performance.backlog import Command, work_off
from bench.performance.commands import module
from bench.performance.made_posts import small_post
from bench.performance.processes import ProcessEndedError
from workers.settings import KafkaSettings

POSTS = [(f"author-{number % 7}".encode(), small_post(number)) for number in range(300)]


def test_every_post_is_answered_and_its_cost_is_told(apache_kafka: str) -> None:
    worked = work_off(apache_kafka, POSTS, module("bench.performance.peers.raw_loop"))

    assert worked.posts == 300
    assert worked.repeated == 0
    assert worked.rate > 0
    assert worked.cpu_ms > 0
    assert len(worked.rates) == len(worked.rss_mib) == 10


def test_several_processes_share_a_backlog_from_its_first_post(apache_kafka: str) -> None:
    def command(kafka: KafkaSettings) -> Command:
        loop = module("bench.performance.peers.raw_loop")(kafka)
        return Command(loop.line, loop.environment, copies=2)

    assert work_off(apache_kafka, POSTS, command, group="raw").posts == 300


def test_a_process_that_ends_is_not_waited_for(apache_kafka: str) -> None:
    command = Command((sys.executable, "-c", "raise SystemExit('out of order')"), {})

    with pytest.raises(ProcessEndedError, match="out of order"):
        work_off(apache_kafka, POSTS, lambda _kafka: command)
