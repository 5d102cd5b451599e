"""What comes later overtakes what waits, and every record is still answered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas import Op, Post, Retry
from tests.workers.moderator.making import NOON, make_post, make_record
from workers.moderator.records import Arrival
from workers.moderator.revisions import Arrived, Revisions


def arrival(offset: int, revision: int | None = 1, **fields: Any) -> Arrival:
    """A post as it arrives; without a revision it gives none."""
    given_fields = fields if revision is None else {"revision": revision, **fields}
    return Arrival(make_record(b"{}", offset), make_post("post", **given_fields))


def withdrawal(offset: int, revision: int | None) -> Arrival:
    return arrival(offset, revision, op=Op.DELETE, text=None)


def overtaken(arrived: Arrived) -> list[int]:
    return [old.record.offset for old in arrived.overtaken]


def test_newer_revision_overtakes_the_older_ones_in_flight() -> None:
    revisions = Revisions(10)
    assert overtaken(revisions.arrive(arrival(0, 1))) == []
    second = revisions.arrive(arrival(1, 2))
    assert (overtaken(second), second.is_late) == ([0], False)
    assert second.newest.revision == 2


def test_answered_revision_is_not_overtaken_any_more() -> None:
    revisions = Revisions(10)
    first = arrival(0, 1)
    revisions.arrive(first)
    assert revisions.answer(first)
    assert not revisions.answer(first)
    assert overtaken(revisions.arrive(arrival(1, 2))) == []


def test_older_revision_that_comes_late_is_late() -> None:
    revisions = Revisions(10)
    revisions.arrive(arrival(0, 3))
    late = revisions.arrive(arrival(1, 2))
    assert (late.is_late, late.newest.revision) == (True, 3)


def test_record_that_comes_twice_is_judged_twice() -> None:
    revisions = Revisions(10)
    revisions.arrive(arrival(0, 1))
    again = revisions.arrive(arrival(1, 1))
    assert (again.is_late, overtaken(again)) == (False, [])


def test_withdrawal_covers_what_it_counts_and_no_later_revision() -> None:
    revisions = Revisions(10)
    revisions.arrive(arrival(0, 1))
    assert overtaken(revisions.arrive(withdrawal(1, 2))) == [0]
    assert revisions.arrive(arrival(2, 1)).is_late
    assert not revisions.arrive(arrival(3, 3)).is_late
    assert revisions.arrive(withdrawal(4, 2)).is_late


def test_withdrawal_without_a_number_covers_all_that_came_before() -> None:
    revisions = Revisions(10)
    revisions.arrive(arrival(0, 7))
    taken_back = revisions.arrive(withdrawal(1, None))
    assert (overtaken(taken_back), taken_back.newest.revision) == ([0], 7)
    assert revisions.arrive(arrival(2, 6)).is_late


def test_post_that_is_posted_again_after_its_withdrawal_is_judged() -> None:
    revisions = Revisions(10)
    revisions.arrive(arrival(0, None))
    revisions.arrive(withdrawal(1, None))
    assert not revisions.arrive(arrival(2, None)).is_late


def test_post_that_waited_elsewhere_does_not_outlive_its_withdrawal() -> None:
    revisions = Revisions(10)
    first = arrival(0, None)
    revisions.arrive(first)
    revisions.answer(first)  # put off
    revisions.arrive(withdrawal(1, None))
    place = first.record.place
    retry = Retry(
        attempt=1,
        due_at=NOON + timedelta(seconds=1),
        reason="media_unreachable",
        topic=place.topic,
        partition=place.partition,
        offset=0,
        timestamp=NOON,
    )
    elsewhere = place._replace(topic="posts.retry")
    again = replace(first, record=first.record._replace(place=elsewhere, offset=0, retry=retry))
    assert revisions.arrive(again).is_late


def test_only_the_latest_posts_are_remembered() -> None:
    revisions = Revisions(2)
    for offset, post_id in enumerate(("a", "b", "c")):
        post = Post(post_id=post_id, revision=5, author_id="x", created_at=NOON, text="t")
        revisions.arrive(Arrival(make_record(b"{}", offset), post))
    for post_id, late in (("a", False), ("c", True)):
        old = Post(post_id=post_id, revision=4, author_id="x", created_at=NOON, text="t")
        assert revisions.arrive(Arrival(make_record(b"{}", 9), old)).is_late is late


steps = st.lists(
    st.tuples(st.sampled_from(["post", "withdrawal", "answer"]), st.integers(1, 4)), max_size=40
)


@given(steps)
def test_every_record_is_answered_once_and_the_newest_post_is_judged(
    steps: list[tuple[str, int]],
) -> None:
    revisions = Revisions(10)
    waiting: list[Arrival] = []
    unjudged: list[int] = []
    judged: list[int] = []
    newest = 0
    for offset, (kind, number) in enumerate(steps):
        if kind == "answer":
            judged += [old.record.offset for old in waiting[:number] if revisions.answer(old)]
            waiting = waiting[number:]
            continue
        one = arrival(offset, number) if kind == "post" else withdrawal(offset, number)
        arrived = revisions.arrive(one)
        unjudged += [old.record.offset for old in arrived.overtaken if revisions.answer(old)]
        if arrived.is_late or kind == "withdrawal":
            unjudged.append(offset)
            assert arrived.newest.revision > number or kind == "withdrawal"
        else:
            waiting.append(one)
            assert number >= newest
        newest = max(newest, number)
    judged += [old.record.offset for old in waiting if revisions.answer(old)]
    arrived_offsets = [offset for offset, (kind, _) in enumerate(steps) if kind != "answer"]
    assert sorted(judged + unjudged) == arrived_offsets
