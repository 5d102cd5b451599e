"""Intake pauses at the high mark of posts or bytes, and resumes below both low marks."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from workers.moderator.in_flight import InFlight, WaterMarks

MARKS = WaterMarks(high_posts=4, low_posts=2, high_bytes=100, low_bytes=50)


async def test_pauses_at_the_high_mark_of_posts_and_resumes_at_the_low_one() -> None:
    in_flight = InFlight(MARKS)
    in_flight.take(4, 4)
    assert in_flight.paused
    in_flight.release(1, 1)
    assert in_flight.paused
    in_flight.release(1, 1)
    assert not in_flight.paused


async def test_pauses_at_the_high_mark_of_bytes_and_resumes_at_the_low_one() -> None:
    in_flight = InFlight(MARKS)
    in_flight.take(1, 60)
    assert not in_flight.paused
    with in_flight.holding(40):
        assert in_flight.paused
    assert in_flight.paused  # 60 bytes are still above the low mark
    in_flight.release(1, 60)
    assert not in_flight.paused


async def test_waiting_ends_when_the_time_is_over() -> None:
    in_flight = InFlight(MARKS)
    in_flight.take(4, 4)
    assert not await in_flight.wait_flowing(0.01)
    assert not await in_flight.wait_empty(0.01)
    in_flight.release(4, 4)
    assert await in_flight.wait_flowing(0)
    assert await in_flight.wait_empty(0)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40)), max_size=30), st.randoms())
def test_answers_to_everything_leave_nothing_in_flight(
    polls: list[tuple[int, int]], order: Random
) -> None:
    in_flight = InFlight(MARKS)
    for posts, size in polls:
        in_flight.take(posts, size)
    order.shuffle(polls)
    for posts, size in polls:
        in_flight.release(posts, size)
    assert (in_flight.posts, in_flight.bytes, in_flight.paused) == (0, 0, False)
