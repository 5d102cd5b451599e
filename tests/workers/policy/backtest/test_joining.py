"""Posts and the verdicts on them become recorded cases."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from schemas import Action, Media, Op, Post, Verdict, VerdictStatus
from tests.workers.policy.backtest.posted import (
    a_decision,
    a_persons,
    a_post,
    a_verdict,
    an_escalation,
    at,
)
from workers.policy.backtest.joining import (
    NO_MACHINE,
    NO_POST,
    NO_VERDICT,
    REPEATED,
    UNTRACED,
    WITHDRAWN,
    Joiner,
)


def joined(*verdicts: Verdict, posts: tuple[Post, ...] = ()) -> Joiner:
    joiner = Joiner()
    for verdict in verdicts:
        joiner.add_verdict(verdict)
    for post in posts:
        joiner.add_post(post)
    return joiner


def test_a_post_and_its_verdict_become_a_case_with_what_was_known() -> None:
    post = a_post(1)
    verdict = a_verdict(post, spam=0.6, action=Action.REVIEW)
    (case,) = joined(verdict, posts=(post,)).cases()
    assert verdict.trace is not None
    assert (case.post, case.scores) == (post, {"spam": 0.6, "hate": 0.1})
    assert (case.now, case.author) == (verdict.decided_at, verdict.trace.author)
    assert case.judged is not None
    assert (case.judged.action, case.judged.policy) == (Action.REVIEW, verdict.versions.policy)
    assert case.person is None


def test_each_revision_is_a_case_of_its_own() -> None:
    first, second = a_post(1), a_post(1, revision=2, text="other", created_at=at(9))
    cases = joined(a_verdict(second), a_verdict(first), posts=(second, first)).cases()
    assert [(case.post.revision, case.post.text) for case in cases] == [
        (1, "words 1"),
        (2, "other"),
    ]


def test_what_cannot_be_joined_is_counted_by_reason() -> None:
    gone, withdrawn, kept = a_post(1), a_post(2), a_post(3)
    joiner = joined(
        a_verdict(gone),
        a_verdict(withdrawn, status=VerdictStatus.WITHDRAWN, trace=None),
        a_verdict(a_post(4), trace=None),
        a_verdict(kept),
        a_verdict(kept),
        a_persons(a_verdict(a_post(6)), Action.REMOVE),
        posts=(kept, a_post(5), a_post(5), a_post(7, op=Op.DELETE, text=None)),
    )
    assert [case.post.post_id for case in joiner.cases()] == ["p-3"]
    assert joiner.left_out == {
        NO_POST: 1,
        WITHDRAWN: 1,
        UNTRACED: 1,
        REPEATED: 1,
        NO_MACHINE: 1,
        NO_VERDICT: 1,
    }


def test_of_two_verdicts_on_a_revision_the_later_counts_in_any_order() -> None:
    post = a_post(1)
    early = a_verdict(post, spam=0.2)
    late = a_verdict(post, spam=0.8, decided_at=at(30))
    for order in ((early, late), (late, early)):
        (case,) = joined(*order, posts=(post,)).cases()
        assert case.scores["spam"] == 0.8


def test_an_escalation_stands_in_for_a_post_that_is_gone() -> None:
    post = a_post(1)
    verdict = a_verdict(post)
    joiner = joined(verdict)
    joiner.add_escalation(an_escalation(post, verdict))
    joiner.add_escalation(an_escalation(a_post(2), a_verdict(a_post(2))))
    assert [case.post for case in joiner.cases()] == [post]


def test_where_a_person_replaced_the_verdict_the_escalation_has_the_machines() -> None:
    post = a_post(1)
    machine = a_verdict(post, spam=0.6, action=Action.REVIEW)
    joiner = joined(a_persons(machine, Action.REMOVE), posts=(post,))
    joiner.add_escalation(an_escalation(post, machine))
    (case,) = joiner.cases()
    assert case.judged is not None
    assert (case.judged.action, case.person) == (Action.REVIEW, Action.REMOVE)
    assert case.now == machine.decided_at


def test_the_last_word_of_people_counts() -> None:
    post = a_post(1)
    verdict = a_verdict(post)
    joiner = joined(verdict, posts=(post,))
    joiner.add_decision(a_decision(verdict, Action.ALLOW, minutes=9))
    joiner.add_decision(a_decision(verdict, Action.REMOVE, minutes=2))
    (case,) = joiner.cases()
    assert case.person is Action.ALLOW


def test_the_last_are_kept_and_say_from_when_posts_are_wanted() -> None:
    posts = tuple(a_post(number) for number in (4, 1, 3, 2))
    joiner = joined(*map(a_verdict, posts))
    assert joiner.earliest == at(1)
    joiner.keep_last(2)
    assert joiner.earliest == at(3)
    for post in posts:
        joiner.add_post(post)
    assert [case.post.post_id for case in joiner.cases()] == ["p-3", "p-4"]


def test_without_verdicts_nothing_is_wanted() -> None:
    assert joined().earliest is None
    assert joined().cases() == []


def test_inline_media_are_named_by_their_hash() -> None:
    kept = Media(key="river.jpg")
    post = a_post(1, images=(Media(data=b"picture", media_type="image/png"), kept))
    (case,) = joined(a_verdict(post), posts=(post,)).cases()
    digest = hashlib.sha256(b"picture").hexdigest()
    named = Media(key=f"sha256/{digest}", sha256=digest, media_type="image/png")
    assert case.post.images == (named, kept)


def test_cases_come_in_the_order_in_which_they_were_judged() -> None:
    posts = [a_post(number) for number in (3, 1, 2)]
    late = a_verdict(posts[1], decided_at=posts[0].created_at + timedelta(hours=1))
    cases = joined(a_verdict(posts[0]), late, a_verdict(posts[2]), posts=tuple(posts)).cases()
    assert [case.post.post_id for case in cases] == ["p-2", "p-3", "p-1"]
