"""A commit tells what is answered beyond its position, and whoever reads on repeats nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.streams import MAX_REACH, Progress, Watermark

BROKERS_TAKE = 4096
"""Characters of metadata: the default of ``offset.metadata.max.bytes``."""


@given(st.integers(0, 2**53), st.sets(st.integers(1, MAX_REACH)))
def test_what_is_written_is_read_back_and_fits(position: int, beyond: set[int]) -> None:
    progress = Progress(position, tuple(sorted(position + offset for offset in beyond)))
    metadata = progress.to_metadata()
    assert len(metadata) <= BROKERS_TAKE
    assert Progress.from_metadata(position, metadata) == progress


def test_the_furthest_and_the_fullest_fit() -> None:
    progress = Progress(7, tuple(range(8, 7 + MAX_REACH + 1)))
    assert len(progress.to_metadata()) <= BROKERS_TAKE
    assert Progress.from_metadata(7, progress.to_metadata()) == progress


def test_what_lies_too_far_is_refused() -> None:
    with pytest.raises(ValueError, match="in a later one"):
        Progress(0, (MAX_REACH + 1,)).to_metadata()


@pytest.mark.parametrize("foreign", ["", "by hand", "answered:%%%", "answered:Zg"])
def test_what_nobody_here_wrote_tells_of_nothing(foreign: str) -> None:
    assert Progress.from_metadata(5, foreign) == Progress(5)


@st.composite
def partly_answered(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """Offsets of a partition, those answered in some order, and how many of these at the crash."""
    steps = draw(st.lists(st.integers(1, 3), min_size=1, max_size=40))
    offsets = [sum(steps[: place + 1]) for place in range(len(steps))]
    return offsets, draw(st.permutations(offsets)), draw(st.integers(1, len(offsets)))


@given(partly_answered())
def test_after_a_crash_exactly_the_others_are_awaited(
    history: tuple[list[int], list[int], int],
) -> None:
    offsets, order, count = history
    before = Watermark(offsets[0])
    for offset in offsets:
        before.begin(offset)
    committed = Progress(0)
    for offset in order[:count]:
        committed = before.after([offset])
        before.finish(offset)
        assert committed.position == before.position
    answered = set(order[:count])

    read = Progress.from_metadata(committed.position, committed.to_metadata())
    after = Watermark(read.position)
    after.recall(read.beyond)
    awaited = []
    for offset in offsets:
        if offset >= read.position:
            after.begin(offset)
            if after.awaits(offset):
                awaited.append(offset)
    assert awaited == [offset for offset in offsets if offset not in answered]
    # Answering on from there, a second crash forgets nothing of the first.
    for offset in awaited[1:]:
        again = after.after([offset])
        after.finish(offset)
        assert {o for o in offsets if o > again.position} & answered <= set(again.beyond)
    assert after.position == (awaited[0] if awaited else offsets[-1] + 1)
