"""The reducer and the two tables: what an author's counts are after a series of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from schemas import Action, AuthorSignals, ReviewDecision, Verdict, VerdictSource, VerdictStatus
from tests.workers.ledger.records import a_decision, a_verdict
from workers.ledger.campaigns import CampaignSeen
from workers.ledger.events import DecisionSeen, VerdictSeen, read_event
from workers.ledger.reduce import Step, reduce
from workers.ledger.tables import Tables

AUTHOR = "author-1"


class Ledger:
    """The reducer over tables that are dictionaries."""

    def __init__(self) -> None:
        self.tables = Tables(authors={}, posts={})
        self.overturned: Counter[str] = Counter()

    def take(self, record: Verdict | ReviewDecision) -> Step:
        event = VerdictSeen.of(record) if isinstance(record, Verdict) else DecisionSeen.of(record)
        seen = read_event(event.to_bytes())
        assert not isinstance(seen, CampaignSeen)
        author, post, _ = self.tables.load(seen.author_id, seen.post_id)
        step = reduce(author, post, seen)
        self.tables.save(seen.author_id, step.author, seen.post_id, step.post)
        self.overturned.update(step.overturned)
        return step

    def signals(self, author: str = AUTHOR) -> AuthorSignals:
        return self.tables.load(author, "none")[0].signals(author)


def after(*records: Verdict | ReviewDecision) -> Ledger:
    ledger = Ledger()
    for record in records:
        ledger.take(record)
    return ledger


def counts(signals: AuthorSignals) -> tuple[int, int, int, int]:
    return signals.posts, signals.removals, signals.strikes, signals.overturned


def test_a_removed_post_counts_as_a_post_and_a_removal_but_no_strike() -> None:
    assert counts(after(a_verdict(Action.REMOVE)).signals()) == (1, 1, 0, 0)


def test_a_reviewers_restriction_is_a_strike() -> None:
    ledger = after(a_verdict(Action.REVIEW), a_decision(Action.REMOVE))

    assert counts(ledger.signals()) == (1, 1, 1, 0)


def test_a_milder_decision_overturns_the_machine_and_takes_the_removal_back() -> None:
    ledger = after(
        a_verdict(Action.REMOVE, category="hate"),
        a_decision(Action.ALLOW, machine=Action.REMOVE),
    )

    assert counts(ledger.signals()) == (1, 0, 0, 1)
    assert ledger.overturned == {"hate": 1}


def test_a_verdict_without_a_category_is_overturned_under_none() -> None:
    ledger = after(
        a_verdict(Action.REMOVE, category=None), a_decision(Action.ALLOW, machine=Action.REMOVE)
    )

    assert ledger.overturned == {"none": 1}


def test_a_decision_reversed_by_a_later_one_is_no_strike() -> None:
    ledger = after(
        a_verdict(Action.REVIEW),
        a_decision(Action.REMOVE, after=timedelta(minutes=5)),
        a_decision(Action.ALLOW, after=timedelta(minutes=50)),
    )

    assert counts(ledger.signals()) == (1, 0, 0, 1)


def test_a_newer_revision_replaces_the_posts_effective_action() -> None:
    ledger = after(a_verdict(Action.REMOVE), a_verdict(Action.ALLOW, revision=2))

    assert counts(ledger.signals()) == (1, 0, 0, 0)


def test_an_older_revision_that_comes_late_changes_nothing() -> None:
    ledger = after(a_verdict(Action.ALLOW, revision=2))

    assert not ledger.take(a_verdict(Action.REMOVE, revision=1)).changed
    assert counts(ledger.signals()) == (1, 0, 0, 0)


def test_a_human_verdict_stands_before_a_later_machine_verdict_on_the_same_revision() -> None:
    ledger = after(
        a_verdict(Action.ALLOW, source=VerdictSource.HUMAN),
        a_verdict(Action.REMOVE, after=timedelta(hours=1), policy="policy-2"),
    )

    assert counts(ledger.signals()) == (1, 0, 0, 0)


def test_withdrawing_a_removed_post_does_not_undo_the_removal() -> None:
    withdrawal = a_verdict(Action.ALLOW, revision=2, status=VerdictStatus.WITHDRAWN)

    assert counts(after(a_verdict(Action.REMOVE), withdrawal).signals()) == (1, 1, 0, 0)


def test_a_decision_before_its_verdict_is_unmatched_until_the_verdict_comes() -> None:
    ledger = Ledger()

    waiting = ledger.take(a_decision(Action.ALLOW, machine=Action.REMOVE))
    assert (waiting.author.unmatched, waiting.author.posts) == (1, 0)
    assert not ledger.overturned

    met = ledger.take(a_verdict(Action.REMOVE))
    assert (met.author.unmatched, met.author.posts) == (0, 1)
    assert ledger.overturned == {"spam": 1}


def test_posts_last_hour_forgets_what_is_older_than_an_hour() -> None:
    ledger = after(
        a_verdict(post="a"),
        a_verdict(post="b", after=timedelta(minutes=50)),
        a_verdict(post="c", after=timedelta(minutes=100)),
    )

    signals = ledger.signals()
    assert signals.posts_last_hour == 2
    assert signals.posts == 3


def test_authors_are_counted_apart_even_for_the_same_post_id() -> None:
    ledger = after(a_verdict(Action.REMOVE), a_verdict(Action.REMOVE, author="author-2"))

    assert counts(ledger.signals("author-1")) == (1, 1, 0, 0)
    assert counts(ledger.signals("author-2")) == (1, 1, 0, 0)


MOMENTS = st.integers(0, 180).map(lambda minutes: timedelta(minutes=minutes))
POSTS = st.sampled_from(["post-1", "post-2", "post-3"])
REVISIONS = st.integers(1, 2)
ACTIONS = st.sampled_from(list(Action))
VERDICTS = st.builds(
    a_verdict,
    ACTIONS,
    post=POSTS,
    revision=REVISIONS,
    source=st.sampled_from(list(VerdictSource)),
    status=st.sampled_from([VerdictStatus.COMPLETE, VerdictStatus.WITHDRAWN]),
    after=MOMENTS,
)
DECISIONS = st.builds(
    a_decision, ACTIONS, machine=ACTIONS, post=POSTS, revision=REVISIONS, after=MOMENTS
)


def _identity(record: Verdict | ReviewDecision) -> str:
    return str(record.verdict_id if isinstance(record, Verdict) else record.decision_id)


RECORDS = st.lists(st.one_of(VERDICTS, DECISIONS), max_size=12, unique_by=_identity)


def final(records: Iterable[Verdict | ReviewDecision]) -> AuthorSignals:
    return after(*records).signals()


@given(RECORDS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_the_counts(
    records: list[Verdict | ReviewDecision], random: Random
) -> None:
    shuffled = [*records, *records[::2]]
    random.shuffle(shuffled)

    assert final(shuffled) == final(records)


@given(RECORDS)
def test_a_replay_from_the_beginning_is_idempotent(
    records: list[Verdict | ReviewDecision],
) -> None:
    ledger = after(*records)
    before = ledger.signals()

    replayed = [ledger.take(record) for record in records]

    assert ledger.signals() == before
    assert not any(step.changed for step in replayed)


@given(RECORDS)
def test_the_counts_are_what_a_count_from_scratch_gives(
    records: list[Verdict | ReviewDecision],
) -> None:
    signals = final(records)

    with_verdict = {one.post_id for one in records if isinstance(one, Verdict)}
    newest: dict[str, ReviewDecision] = {}
    for one in records:
        if isinstance(one, ReviewDecision):
            kept = newest.setdefault(one.post_id, one)
            newest[one.post_id] = max(
                kept, one, key=lambda it: (it.revision, it.decided_at, str(it.decision_id))
            )
    restrictions = (Action.LIMIT, Action.REMOVE)
    assert signals.posts == len(with_verdict)
    assert signals.strikes == sum(one.action in restrictions for one in newest.values())
    assert signals.overturned == sum(
        one.action.severity < one.machine_action.severity for one in newest.values()
    )


@given(RECORDS, st.data())
def test_a_crash_between_the_two_writes_loses_and_doubles_nothing(
    records: list[Verdict | ReviewDecision], data: st.DataObject
) -> None:
    """The post's row is written and the author's is not; then the record comes again."""
    ledger = Ledger()
    for record in records:
        if data.draw(st.booleans(), label="crash"):
            rows = dict(ledger.tables.authors)
            ledger.take(record)
            ledger.tables.authors.clear()
            ledger.tables.authors.update(rows)
            ledger.overturned.clear()
        ledger.take(record)

    assert ledger.signals() == final(records)
