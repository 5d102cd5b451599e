"""A new owner of a partition knows which revisions the last one has answered."""

from __future__ import annotations

import random
from typing import Any

import pytest
from aiokafka import TopicPartition
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import TOPICS, Op, Post
from tests.support.kafka import produce
from tests.workers.moderator.making import make_post, make_record, make_withdrawal
from workers.moderator.recollection import Recollection
from workers.moderator.records import Arrival
from workers.moderator.revisions import Revisions
from workers.settings import KafkaSettings

LATE = make_post("post", revision=1)


def is_late(revisions: Revisions, post: Post, offset: int = 10_000) -> bool:
    """Whether the post would not be judged if it came now."""
    return revisions.arrive(Arrival(make_record(b"{}", offset), post)).is_late


def recollected(*posts: Post) -> Revisions:
    """What is known after these were read back, in this order; their offsets are those of a log."""
    revisions = Revisions(100)
    for offset, post in enumerate(posts):
        revisions.recollect(Arrival(make_record(b"{}", offset), post))
    return revisions


def test_an_older_revision_than_one_answered_before_is_late() -> None:
    assert is_late(recollected(make_post("post", revision=2)), LATE)


def test_a_newer_one_is_not_nor_the_same_one_read_again() -> None:
    for revision in (2, 3):
        known = recollected(make_post("post", revision=2))
        assert not is_late(known, make_post("post", revision=revision))


def test_nothing_that_was_read_back_is_in_flight() -> None:
    known = recollected(make_post("post", revision=1))
    arrived = known.arrive(Arrival(make_record(b"{}", 9), make_post("post", revision=2)))
    assert not arrived.overtaken


def test_what_stood_before_its_withdrawal_is_late() -> None:
    known = recollected(make_post("post", revision=3), make_withdrawal("post", revision=3))
    assert is_late(known, make_post("post", revision=3), offset=0)


@settings(deadline=None)  # the time of one example is the machine's business
@given(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
    st.integers(1, 6),
)
def test_the_order_of_reading_back_makes_no_difference(
    log: list[tuple[int, bool]], shuffled: random.Random, asked: int
) -> None:
    arrivals = [
        Arrival(make_record(b"{}", offset), _revision(number, withdrawn=withdrawn))
        for offset, (number, withdrawn) in enumerate(log)
    ]
    read, lived = Revisions(100), Revisions(100)
    for arrival in arrivals:
        lived.arrive(arrival)
    shuffled.shuffle(arrivals)
    for arrival in arrivals:
        read.recollect(arrival)
    post = make_post("post", revision=asked)
    assert is_late(read, post) == is_late(lived, post)


def _revision(number: int, *, withdrawn: bool) -> Post:
    fields: dict[str, Any] = {"op": Op.DELETE, "text": None} if withdrawn else {}
    return make_post("post", revision=number, **fields)


@pytest.mark.kafka
@pytest.mark.parametrize(("records", "known"), [(0, set()), (1_500, {"old", "new"}), (1, {"new"})])
async def test_so_many_records_before_the_end_are_read_back_newest_first(
    kafka_settings: KafkaSettings, records: int, known: set[str]
) -> None:
    filling = [make_post(f"filling-{number}") for number in range(1_200)]
    posts = [
        make_post("old", revision=2),
        *filling,
        make_post("new", revision=2),
        make_post("after", revision=2),
    ]
    # One key for all, so that they stand in one partition.
    values = [*(post.to_bytes() for post in posts[:5]), b"no post", *map(Post.to_bytes, posts[5:])]
    await produce(kafka_settings, TOPICS.posts, ((b"author", value) for value in values))
    revisions = Revisions(10_000)
    recollection = Recollection(kafka_settings, revisions, records=records)
    for partition in range(TOPICS.posts.partitions):
        place = TopicPartition(kafka_settings.topic(TOPICS.posts), partition)
        await recollection.recall(place, len(values) - 1)
    late = {
        name for name in ("old", "new", "after") if is_late(revisions, make_post(name, revision=1))
    }
    assert late == known
