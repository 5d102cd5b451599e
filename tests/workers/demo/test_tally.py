"""Posts = verdicts + dead letters, whatever the order and however often an answer comes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Action, NotScanned, NotScannedReason, VerdictStatus
from schemas.taxonomy import Modality
from tests.workers.demo.answers import dead_letter, escalation, post, verdict
from workers.demo.tally import Place, Revision, Tally

UNREADABLE = b'{"post_id": "p-9", "text"'


def test_a_post_is_open_until_its_verdict_comes() -> None:
    tally = Tally()
    tally.add_post(Place(0, 0), post("p-1").to_bytes())
    assert tally.unanswered() == [Revision("p-1", 1)]
    assert tally.add_verdict(verdict("p-1")) == Revision("p-1", 1)
    assert tally.unanswered() == []
    assert tally.answered == 1


def test_an_unreadable_record_is_open_until_its_dead_letter_comes() -> None:
    tally = Tally()
    tally.add_post(Place(3, 7), UNREADABLE)
    tally.add_dead_letter(dead_letter(partition=3, offset=8, value=UNREADABLE))
    assert tally.unanswered() == [Place(3, 7)]
    letter = dead_letter(partition=3, offset=7, value=UNREADABLE)
    assert tally.add_dead_letter(letter) == Place(3, 7)
    assert tally.unanswered() == []


def test_a_readable_post_can_be_answered_by_a_dead_letter() -> None:
    tally = Tally()
    value = post("p-1").to_bytes()
    tally.add_post(Place(0, 0), value)
    tally.add_dead_letter(dead_letter(value=value))
    assert tally.unanswered() == []


def test_revisions_are_answered_one_by_one() -> None:
    tally = Tally()
    for offset, revision in enumerate((1, 2)):
        tally.add_post(Place(0, offset), post("p-1", revision=revision).to_bytes())
    tally.add_verdict(verdict("p-1", revision=2))
    assert tally.unanswered() == [Revision("p-1", 1)]


def test_a_repeated_answer_is_no_news_and_counts_once() -> None:
    tally = Tally()
    for offset in range(2):
        tally.add_post(Place(0, offset), post("p-1").to_bytes())
    first = verdict("p-1", action=Action.REVIEW)
    assert tally.add_verdict(first) is not None
    assert tally.add_verdict(first) is None
    tally.add_escalation(escalation(first))
    tally.add_escalation(escalation(first))
    totals = tally.totals()
    assert (totals.posts, totals.verdicts, totals.escalations) == (1, 1, 1)
    assert len(tally.verdict_ids[Revision("p-1", 1)]) == 1


def test_a_verdict_and_a_dead_letter_for_the_same_post_contradict_each_other() -> None:
    tally = Tally()
    value = post("p-1").to_bytes()
    tally.add_post(Place(0, 0), value)
    tally.add_verdict(verdict("p-1"))
    assert tally.answered_twice() == []
    tally.add_dead_letter(dead_letter(value=value))
    assert tally.answered_twice() == [Revision("p-1", 1)]


def test_degraded_verdicts_and_actions_are_counted() -> None:
    tally = Tally()
    missed = NotScanned(modality=Modality.IMAGE, reason=NotScannedReason.MISSING)
    tally.add_verdict(
        verdict(
            "p-1",
            action=Action.REVIEW,
            status=VerdictStatus.DEGRADED,
            not_scanned=(missed,),
        )
    )
    tally.add_verdict(verdict("p-2"))
    totals = tally.totals()
    assert totals.degraded == 1
    assert totals.by_action == {"allow": 1, "limit": 0, "review": 1, "remove": 0}


@settings(deadline=None)  # the time of one example is the machine's business
@given(st.data(), st.integers(1, 12), st.integers(0, 5))
def test_the_figures_do_not_depend_on_the_order_of_reading(
    data: st.DataObject, posts: int, unreadable: int
) -> None:
    tally = Tally()
    steps: list[Callable[[], object]] = []
    for number in range(posts):
        value = post(f"p-{number}").to_bytes()
        steps.append(partial(tally.add_post, Place(0, number), value))
        steps.append(partial(tally.add_verdict, verdict(f"p-{number}")))
    for number in range(unreadable):
        letter = dead_letter(partition=1, offset=number, value=UNREADABLE)
        steps.append(partial(tally.add_post, Place(1, number), UNREADABLE))
        steps.append(partial(tally.add_dead_letter, letter))
    for step in data.draw(st.permutations(steps)):
        step()
    totals = tally.totals()
    assert totals.posts == totals.verdicts + totals.dead_letters == posts + unreadable
    assert tally.unanswered() == []
