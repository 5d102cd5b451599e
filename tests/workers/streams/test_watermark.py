from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from workers.streams import (
    OffsetNeverTakenError,
    OffsetWentBackwardsError,
    Watermark,
    WatermarkFullError,
    Watermarks,
)

P0, P1 = TopicPartition("posts", 0), TopicPartition("posts", 1)

# Offsets as a partition delivers them: rising, with gaps where compaction or markers were.
delivered = st.lists(st.integers(1, 5), min_size=1, max_size=60).map(
    lambda steps: [sum(steps[: place + 1]) for place in range(len(steps))]
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], list[tuple[str, int]]]:
    """Offsets, and an interleaving of taking them in order and answering them in any order.

    Some answers come twice.
    """
    offsets = draw(delivered)
    events: list[tuple[str, int]] = []
    waiting = list(offsets)
    taken: list[int] = []
    answered: list[int] = []
    while waiting or taken:
        choices = ["take"] * bool(waiting) + ["answer"] * bool(taken) + ["again"] * bool(answered)
        choice = draw(st.sampled_from(choices))
        if choice == "take":
            taken.append(waiting.pop(0))
            events.append(("take", taken[-1]))
        elif choice == "answer":
            answered.append(taken.pop(draw(st.integers(0, len(taken) - 1))))
            events.append(("answer", answered[-1]))
        else:
            events.append(("answer", draw(st.sampled_from(answered))))
            if len(events) > 4 * len(offsets):
                break
    for offset in waiting:
        taken.append(offset)
        events.append(("take", offset))
    events.extend(("answer", offset) for offset in draw(st.permutations(taken)))
    return offsets, events


@given(histories())
def test_position_never_passes_an_unanswered_record_and_ends_behind_the_last(
    history: tuple[list[int], list[tuple[str, int]]],
) -> None:
    offsets, events = history
    watermark = Watermark(offsets[0])
    unanswered = set(offsets)
    before = watermark.position
    for event, offset in events:
        if event == "take":
            watermark.begin(offset)
        else:
            watermark.finish(offset)
            unanswered.discard(offset)
        assert watermark.position <= min(unanswered, default=offsets[-1] + 1)
        assert watermark.position >= before
        before = watermark.position
    assert watermark.position == offsets[-1] + 1
    assert watermark.in_flight == watermark.span == 0


@given(histories())
def test_position_moves_as_soon_as_everything_taken_in_is_answered(
    history: tuple[list[int], list[tuple[str, int]]],
) -> None:
    offsets, events = history
    watermark = Watermark(offsets[0])
    open_records: set[int] = set()
    last = offsets[0] - 1
    for event, offset in events:
        if event == "take":
            watermark.begin(offset)
            open_records.add(offset)
            last = offset
        else:
            watermark.finish(offset)
            open_records.discard(offset)
        expected = min(open_records, default=last + 1)
        assert watermark.position == expected
        assert watermark.in_flight == len(open_records)


def test_nothing_taken_in_leaves_the_position_where_it_was() -> None:
    assert Watermark(17).position == 17


def test_a_record_that_comes_again_is_an_error() -> None:
    watermark = Watermark(5)
    watermark.begin(5)
    watermark.begin(6)
    with pytest.raises(OffsetWentBackwardsError, match="offset 6 after 6"):
        watermark.begin(6)
    with pytest.raises(OffsetWentBackwardsError, match="offset 3 after 6"):
        watermark.begin(3)


def test_a_record_before_the_committed_position_is_an_error() -> None:
    with pytest.raises(OffsetWentBackwardsError):
        Watermark(5).begin(4)


def test_an_answer_for_a_record_never_taken_in_is_an_error() -> None:
    watermark = Watermark(0)
    watermark.begin(0)
    with pytest.raises(OffsetNeverTakenError, match="answer for offset 1"):
        watermark.finish(1)


def test_a_stuck_record_fills_the_span_and_its_answer_frees_it() -> None:
    watermark = Watermark(0, max_span_records=3)
    for offset in range(3):
        watermark.begin(offset)
    watermark.finish(1)
    watermark.finish(2)
    assert watermark.is_full
    with pytest.raises(WatermarkFullError, match="3 records wait behind offset 0"):
        watermark.begin(3)
    assert watermark.finish(0)
    assert (watermark.is_full, watermark.span) == (False, 0)
    watermark.begin(3)
    assert watermark.position == 3


def test_only_what_moved_since_the_last_commit_is_committable() -> None:
    watermarks = Watermarks()
    epoch = watermarks.assign({P0: 0, P1: 10})
    for offset in (0, 1):
        watermarks.begin(P0, offset)
    watermarks.begin(P1, 10)
    watermarks.finish(P0, 0, epoch)
    assert watermarks.committable() == {P0: 1}
    watermarks.committed({P0: 1})
    assert watermarks.committable() == {}
    watermarks.finish(P1, 10, epoch)
    watermarks.finish(P0, 1, epoch)
    assert watermarks.committable() == {P0: 2, P1: 11}
    assert watermarks.committable([P1]) == {P1: 11}


def test_an_answer_from_an_earlier_assignment_changes_nothing() -> None:
    watermarks = Watermarks()
    old = watermarks.assign({P0: 0})
    watermarks.begin(P0, 0)
    watermarks.revoke([P0])
    assert not watermarks.finish(P0, 0, old)
    new = watermarks.assign({P0: 0})
    assert watermarks.begin(P0, 0) == new
    assert not watermarks.finish(P0, 0, old)
    assert watermarks.committable() == {}
    assert watermarks.finish(P0, 0, new)
    assert watermarks.committable() == {P0: 1}


def test_revoked_partitions_are_no_longer_counted_nor_committed() -> None:
    watermarks = Watermarks()
    epoch = watermarks.assign({P0: 0, P1: 0})
    watermarks.begin(P0, 0)
    watermarks.begin(P1, 0)
    watermarks.finish(P0, 0, epoch)
    watermarks.revoke([P0])
    assert P0 not in watermarks
    assert len(watermarks) == 1
    assert watermarks.in_flight == 1
    assert watermarks.committable([P0, P1]) == {}
    watermarks.committed({P0: 1})
    assert P0 not in watermarks
