"""The audit's book: what is entered twice, late or in another order changes nothing."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import Action, Verdict, VerdictSource, VerdictStatus
from tests.workers.ledger.records import NOT_SAMPLED, a_decision, a_verdict, sampled
from workers.ledger.accuracy import AuditBook, AuditRow, Label, SampledVerdict

WINDOW = timedelta(days=28)


def _sampled(post: str = "post-1", after: timedelta = timedelta(0)) -> SampledVerdict:
    cut = SampledVerdict.of(a_verdict(post=post, sampling=sampled(), after=after))
    assert cut is not None
    return cut


POSTS = st.sampled_from(["post-1", "post-2"])
MOMENTS = st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes))
EVENTS = st.lists(
    st.builds(_sampled, POSTS, MOMENTS)
    | st.builds(
        lambda action, post, after, reviewer: Label.of(
            a_decision(action, post=post, after=after, reviewer=reviewer)
        ),
        st.sampled_from(Action),
        POSTS,
        MOMENTS,
        st.sampled_from(["reviewer-1", "reviewer-2"]),
    ),
    max_size=10,
)


def book_of(table: dict[bytes, bytes], *events: SampledVerdict | Label) -> AuditBook:
    book = AuditBook(table, WINDOW)
    for event in events:
        book.enter(event.to_bytes())
    return book


@given(EVENTS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_row(
    events: list[SampledVerdict | Label], random: Random
) -> None:
    repeated = [*events, *events[::2]]
    random.shuffle(repeated)
    one: dict[bytes, bytes] = {}
    other: dict[bytes, bytes] = {}
    book_of(one, *events)
    book_of(other, *repeated)

    assert _rows(one) == _rows(other)


def _rows(table: dict[bytes, bytes]) -> dict[bytes, AuditRow]:
    return {key: AuditRow.from_bytes(row) for key, row in table.items()}


@given(EVENTS)
def test_a_replay_is_no_news(events: list[SampledVerdict | Label]) -> None:
    book = book_of({}, *events)
    book.news()
    for event in events:
        book.enter(event.to_bytes())

    assert book.news() is None


@given(EVENTS)
def test_a_book_that_is_reopened_says_the_same(events: list[SampledVerdict | Label]) -> None:
    table: dict[bytes, bytes] = {}
    before = book_of(table, *events).news() or []
    reopened = AuditBook(table, WINDOW)
    reopened.reopen()
    after = reopened.news()

    assert after is not None
    assert sorted(map(AuditRow.to_bytes, after)) == sorted(map(AuditRow.to_bytes, before))


def test_an_answer_before_its_verdict_waits_for_it() -> None:
    book = book_of({}, Label.of(a_decision(Action.ALLOW)))
    assert book.news() is None

    book.enter(_sampled().to_bytes())
    (row,) = book.news() or []
    assert row.label is not None


def test_an_answer_on_what_was_not_sampled_such_as_a_golden_post_never_enters() -> None:
    book = book_of({}, _sampled("post-1"), Label.of(a_decision(Action.REMOVE, post="golden")))

    (row,) = book.news() or []
    assert row.label is None


def test_a_verdict_that_has_left_the_window_is_forgotten() -> None:
    book = book_of({}, _sampled("old"), _sampled("new", WINDOW + timedelta(seconds=1)))

    assert len(book.news() or []) == 1


@pytest.mark.parametrize(
    "verdict",
    [
        a_verdict(sampling=NOT_SAMPLED),
        a_verdict(sampling=sampled(), source=VerdictSource.HUMAN),
        a_verdict(sampling=sampled(), status=VerdictStatus.WITHDRAWN),
    ],
)
def test_only_sampled_machine_verdicts_on_posts_that_stand_are_audited(verdict: Verdict) -> None:
    assert SampledVerdict.of(verdict) is None


def test_bytes_that_are_no_event_are_refused() -> None:
    with pytest.raises(ValidationError):
        AuditBook({}, WINDOW).enter(b'{"kind": "verdict"}')
