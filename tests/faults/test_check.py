"""The checker finds each broken promise, and nothing where all are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.faults.check import Breach, check
from bench.faults.facts import (
    Accepted,
    Delivery,
    History,
    Judged,
    Place,
    SetAside,
    Transactions,
)
from tests.faults.making import (
    NEXT_POLICY,
    POLICIES,
    POLICY,
    accepted,
    escalated,
    judged,
    kept,
    set_aside,
)

ONCE, AT_LEAST_ONCE = Delivery.EXACTLY_ONCE, Delivery.AT_LEAST_ONCE
BOTH = pytest.mark.parametrize("delivery", Delivery)


def breaches(history: History, delivery: Delivery = ONCE) -> set[Breach]:
    return {finding.breach for finding in check(history, delivery)}


@BOTH
def test_kept_promises_give_no_findings(delivery: Delivery) -> None:
    assert not check(kept(), delivery)


@BOTH
def test_a_missing_verdict_is_a_loss_and_says_which_post_and_where_it_stands(
    delivery: Delivery,
) -> None:
    (finding,) = check(replace(kept(), verdicts=kept().verdicts[:2]), delivery)
    assert str(finding) == "lost: b revision 1 posts-0@2"


@BOTH
def test_a_missing_dead_letter_is_a_loss(delivery: Delivery) -> None:
    assert breaches(replace(kept(), dead_letters=()), delivery) == {Breach.LOST}


def test_what_the_broker_acknowledged_and_does_not_hold_is_a_loss() -> None:
    held = kept()
    gone = held.acknowledged | {Place("posts", 5, 99)}
    assert breaches(replace(held, acknowledged=gone)) == {Breach.LOST}


def test_a_verdict_repeated_is_a_breach_of_exactly_once_alone() -> None:
    history = replace(kept(), verdicts=[*kept().verdicts, judged(3, ("b", 1))])
    assert breaches(history) == {Breach.DUPLICATED}
    assert not breaches(history, AT_LEAST_ONCE)


def test_a_dead_letter_repeated_is_a_breach_of_exactly_once_alone() -> None:
    history = kept()
    again = set_aside(1, history.dead_letters[0].record)
    history = replace(history, dead_letters=[*history.dead_letters, again])
    assert breaches(history) == {Breach.DUPLICATED}
    assert not breaches(history, AT_LEAST_ONCE)


def test_an_escalation_repeated_is_a_breach_of_exactly_once_alone() -> None:
    history = replace(kept(), escalations=[escalated(0, ("a", 2)), escalated(1, ("a", 2))])
    assert breaches(history) == {Breach.DUPLICATED}
    assert not breaches(history, AT_LEAST_ONCE)


@BOTH
def test_two_verdict_ids_for_one_revision_contradict_each_other(delivery: Delivery) -> None:
    history = replace(kept(), verdicts=[*kept().verdicts, judged(3, ("b", 1), judge="other")])
    assert breaches(history, delivery) == {Breach.CONTRADICTED}


@BOTH
def test_a_verdict_and_a_dead_letter_contradict_each_other(delivery: Delivery) -> None:
    letters = [*kept().dead_letters, set_aside(1, Place("posts", 0, 2))]
    assert breaches(replace(kept(), dead_letters=letters), delivery) == {Breach.CONTRADICTED}


@BOTH
def test_an_older_revision_judged_after_a_newer_one_is_out_of_order(delivery: Delivery) -> None:
    verdicts = [judged(0, ("a", 2), sampled=True), judged(1, ("a", 1)), judged(2, ("b", 1))]
    history = replace(kept(), verdicts=verdicts)
    (finding,) = check(history, delivery)
    assert str(finding) == "disordered: a as revisions 2, 1 verdicts-0@0 verdicts-0@1"


def test_a_post_with_repeats_may_be_out_of_order_where_repeats_are_allowed() -> None:
    # A zombie repeats the first revision, which nobody fences with at-least-once.
    verdicts = [*kept().verdicts, judged(3, ("a", 1))]
    history = replace(kept(), verdicts=verdicts)
    assert not breaches(history, AT_LEAST_ONCE)
    assert breaches(history) == {Breach.DUPLICATED, Breach.DISORDERED}


@pytest.mark.parametrize(
    ("revisions", "excused"),
    [
        ((1, 2, 1, 2), True),  # both records are read again
        ((2, 1, 2), True),  # the older one waited on posts.retry, and the newer one is read again
        ((1, 2, 1), True),  # a worker that stood still says the older one again
        ((2, 2, 1), False),  # the older one is answered once, and too late
        ((1, 3, 2), False),
        ((1, 3, 2, 3), True),
        ((1, 1, 3, 2), False),  # the repeat of another revision explains nothing
    ],
)
def test_only_repeats_excuse_the_order_where_repeats_are_allowed(
    revisions: Sequence[int], excused: bool
) -> None:
    numbers = sorted(set(revisions))
    history = history_of(
        [accepted(number, ("a", number)) for number in numbers],
        [judged(offset, ("a", revision)) for offset, revision in enumerate(revisions)],
    )
    assert (Breach.DISORDERED not in breaches(history, AT_LEAST_ONCE)) is excused
    assert Breach.DISORDERED in breaches(history)


@BOTH
def test_a_revision_that_is_void_because_of_a_newer_one_may_come_late(delivery: Delivery) -> None:
    late = judged(1, ("a", 1), overtaken_by=2)
    verdicts = [judged(0, ("a", 2), sampled=True), late, judged(2, ("b", 1))]
    assert not check(replace(kept(), verdicts=verdicts), delivery)


@pytest.mark.parametrize("by", [1, 3])
def test_a_revision_is_void_only_by_a_newer_one_that_was_accepted(by: int) -> None:
    first, *rest = kept().verdicts
    history = replace(kept(), verdicts=[replace(first, overtaken_by=by), *rest])
    assert breaches(history) == {Breach.DISORDERED}


@BOTH
def test_a_verdict_on_what_was_never_accepted_is_unasked(delivery: Delivery) -> None:
    history = replace(kept(), verdicts=[*kept().verdicts, judged(3, ("c", 1))])
    assert breaches(history, delivery) == {Breach.UNASKED}


@BOTH
def test_a_dead_letter_for_a_record_that_is_not_there_is_unasked(delivery: Delivery) -> None:
    letters = [*kept().dead_letters, set_aside(1, Place("posts", 4, 0))]
    assert breaches(replace(kept(), dead_letters=letters), delivery) == {Breach.UNASKED}


@BOTH
def test_a_sampled_verdict_without_its_escalation_is_torn(delivery: Delivery) -> None:
    assert breaches(replace(kept(), escalations=()), delivery) == {Breach.TORN}


@BOTH
def test_an_escalation_without_its_verdict_is_torn(delivery: Delivery) -> None:
    escalations = [*kept().escalations, escalated(1, ("c", 1))]
    assert breaches(replace(kept(), escalations=escalations), delivery) == {Breach.TORN}


@BOTH
def test_a_visible_record_of_an_aborted_transaction_is_a_breach(delivery: Delivery) -> None:
    visible, hidden = kept().verdicts[0].place, Place("verdicts", 0, 7)
    written = Transactions(aborted=frozenset({visible, hidden}))
    (finding,) = check(replace(kept(), transactions=written), delivery)
    assert (finding.breach, finding.places) == (Breach.ABORTED, (visible,))


@BOTH
def test_a_transaction_that_nobody_ended_is_a_breach(delivery: Delivery) -> None:
    written = Transactions(unended=frozenset({Place("verdicts", 0, 7)}))
    assert breaches(replace(kept(), transactions=written), delivery) == {Breach.UNENDED}


def test_an_answer_outside_of_a_transaction_is_a_breach_of_exactly_once_alone() -> None:
    written = Transactions(outside=frozenset({kept().verdicts[0].place}))
    history = replace(kept(), transactions=written)
    assert breaches(history) == {Breach.OUTSIDE}
    assert not breaches(history, AT_LEAST_ONCE)


def test_a_repeat_by_the_next_policy_is_a_breach_of_exactly_once_alone() -> None:
    again = judged(3, ("b", 1), judge="next", policy=NEXT_POLICY, rules=POLICIES[NEXT_POLICY])
    history = replace(kept(), verdicts=[*kept().verdicts, again])
    assert breaches(history) == {Breach.CONTRADICTED}
    assert not breaches(history, AT_LEAST_ONCE)


@BOTH
def test_a_verdict_by_a_policy_that_nobody_published_is_misjudged(delivery: Delivery) -> None:
    first, *rest = kept().verdicts
    history = replace(kept(), verdicts=[replace(first, policy="p@3"), *rest])
    assert breaches(history, delivery) == {Breach.MISJUDGED}


@BOTH
def test_a_verdict_that_names_one_policy_and_follows_another_is_misjudged(
    delivery: Delivery,
) -> None:
    first, *rest = kept().verdicts
    for fired in (POLICIES[NEXT_POLICY], POLICIES[POLICY] | POLICIES[NEXT_POLICY], frozenset()):
        history = replace(kept(), verdicts=[replace(first, rules=fired), *rest])
        assert breaches(history, delivery) == {Breach.MISJUDGED}


@BOTH
def test_a_post_that_nobody_looked_at_needs_no_rules(delivery: Delivery) -> None:
    first, *rest = kept().verdicts
    withdrawn = replace(first, rules=None)
    assert not check(replace(kept(), verdicts=[withdrawn, *rest]), delivery)


@BOTH
def test_a_post_that_came_when_all_had_the_next_policy_is_misjudged_by_the_one_before(
    delivery: Delivery,
) -> None:
    settled = {kept().accepted[2].place: NEXT_POLICY}
    (finding,) = check(replace(kept(), settled=settled), delivery)
    assert str(finding) == "misjudged: b revision 1 by p@1 when all had p@2 verdicts-0@2"


def test_a_revision_that_stands_on_posts_twice_cannot_be_judged() -> None:
    history = replace(kept(), accepted=[*kept().accepted, accepted(4, ("a", 1))])
    with pytest.raises(ValueError, match="stands on posts twice"):
        check(history, ONCE)


Run = tuple[Sequence[Accepted], list[Judged | SetAside]]


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Records as they may be accepted, and their answers as a worker without fault gives them."""
    records: list[Accepted] = []
    revisions: dict[str, int] = {}
    for offset in range(draw(st.integers(1, 30))):
        post_id = draw(st.sampled_from(["a", "b", "c", None]))
        revision = None
        if post_id is not None:
            revisions[post_id] = revisions.get(post_id, 0) + 1
            revision = (post_id, revisions[post_id])
        records.append(accepted(offset, revision))
    answers: list[Judged | SetAside] = [
        set_aside(record.place.offset, record.place)
        if record.revision is None or draw(st.booleans())
        else judged(record.place.offset, record.revision)
        for record in records
    ]
    return records, answers


def history_of(records: Sequence[Accepted], answers: Sequence[Judged | SetAside]) -> History:
    return History(
        accepted=records,
        verdicts=[answer for answer in answers if isinstance(answer, Judged)],
        dead_letters=[answer for answer in answers if isinstance(answer, SetAside)],
        acknowledged=frozenset(record.place for record in records),
        policies=POLICIES,
    )


@settings(deadline=None)  # the time of one example is the machine's business
@given(runs())
def test_a_run_without_fault_has_no_findings(run: Run) -> None:
    assert not check(history_of(*run), ONCE)
    assert not check(history_of(*run), AT_LEAST_ONCE)


@settings(deadline=None)  # the time of one example is the machine's business
@given(runs(), st.data())
def test_any_answer_left_out_is_found_as_the_loss_of_its_record(
    run: Run, data: st.DataObject
) -> None:
    records, answers = run
    gone = data.draw(st.integers(0, len(answers) - 1))
    findings = check(history_of(records, answers[:gone] + answers[gone + 1 :]), ONCE)
    assert [(one.breach, one.places) for one in findings] == [(Breach.LOST, (records[gone].place,))]


@settings(deadline=None)  # the time of one example is the machine's business
@given(runs(), st.data())
def test_any_answer_given_twice_is_found_with_both_places(run: Run, data: st.DataObject) -> None:
    records, answers = run
    twice = data.draw(st.sampled_from(answers))
    again = replace(twice, place=twice.place._replace(offset=1_000))
    findings = check(history_of(records, [*answers, again]), ONCE)
    assert (Breach.DUPLICATED, (twice.place, again.place)) in [
        (one.breach, one.places) for one in findings
    ]


@settings(deadline=None)  # the time of one example is the machine's business
@given(runs(), st.data())
def test_any_two_revisions_of_a_post_in_the_wrong_order_are_found(
    run: Run, data: st.DataObject
) -> None:
    records, answers = run
    verdicts = [answer for answer in answers if isinstance(answer, Judged)]
    pairs = [
        (older, newer)
        for newer, verdict in enumerate(verdicts)
        for older in range(newer)
        if verdicts[older].revision[0] == verdict.revision[0]
    ]
    if not pairs:
        return
    older, newer = data.draw(st.sampled_from(pairs))
    verdicts[older], verdicts[newer] = verdicts[newer], verdicts[older]
    letters = [answer for answer in answers if isinstance(answer, SetAside)]
    findings = check(history_of(records, [*verdicts, *letters]), ONCE)
    assert {one.breach for one in findings} == {Breach.DISORDERED}
