"""A verdict says what was found; an escalation follows a decision, or the audit sample."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas import (
    Action,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    Verdict,
    VerdictStatus,
    verdict_id,
)
from tests.workers.moderator.making import (
    NOON,
    VERSIONS,
    make_decision,
    make_post,
    make_withdrawal,
)
from workers.audit_plan import AuditPlan
from workers.moderator.judge import (
    AUDIT_QUEUE,
    Circumstances,
    judge,
    scanned_modalities,
    withdrawal,
)

BY = Circumstances(versions=VERSIONS, now=NOON, record_age=1.5, stages={"model": 0.25})
IMAGE_MISSING = NotScanned(modality=Modality.IMAGE, index=0, reason=NotScannedReason.MISSING)


def test_verdict_carries_the_decision_and_where_the_time_went() -> None:
    post = make_post(revision=3, language="en", region="GB", surface="message")
    verdict = judge(post, (), make_decision(Action.LIMIT, labels=("scam",)), BY).verdict
    assert verdict.action is Action.LIMIT
    assert verdict.labels == ("scam",)
    assert (verdict.post_id, verdict.revision, verdict.author_id) == (
        post.post_id,
        3,
        post.author_id,
    )
    assert (verdict.language, verdict.region, verdict.surface) == ("en", "GB", "message")
    assert verdict.timings.record_age == 1.5
    assert verdict.timings.stages == {"model": 0.25}
    assert verdict.decided_at == NOON
    assert Verdict.from_bytes(verdict.to_bytes()) == verdict


def test_same_post_model_and_policy_give_the_same_id_whenever_they_are_judged() -> None:
    later = replace(BY, now=NOON + timedelta(days=1))
    first, again = (judge(make_post(), (), make_decision(), by).verdict for by in (BY, later))
    assert first.verdict_id == again.verdict_id
    assert first.verdict_id == verdict_id("post-1", 1, VERSIONS.model, VERSIONS.policy)


def test_clock_of_the_broker_ahead_gives_no_negative_age() -> None:
    verdict = judge(make_post(), (), make_decision(), replace(BY, record_age=-3.0)).verdict
    assert verdict.timings.record_age == 0


def test_decision_that_escalates_goes_to_its_queue_with_its_due_time() -> None:
    decision = make_decision(
        Action.REVIEW, queue="wellbeing", priority=4.5, due_in=timedelta(hours=1)
    )
    judgement = judge(make_post(), (), decision, BY)
    assert judgement.escalation is not None
    assert judgement.escalation.queue == "wellbeing"
    assert judgement.escalation.priority == 4.5
    assert judgement.escalation.due_at == NOON + timedelta(hours=1)
    assert judgement.escalation.verdict == judgement.verdict
    assert judgement.escalation.post == make_post()


def test_harmless_post_outside_the_sample_is_not_escalated() -> None:
    assert judge(make_post(), (), make_decision(), BY).escalation is None


def test_sampled_post_goes_to_reviewers_with_the_probability_on_it() -> None:
    judgement = judge(
        make_post(), (), make_decision(), replace(BY, audit=AuditPlan(default_rate=1.0))
    )
    assert judgement.escalation is not None
    assert judgement.escalation.queue == AUDIT_QUEUE
    assert judgement.verdict.sampling.sampled
    assert judgement.verdict.sampling.inclusion_probability == 1.0


def test_sampled_post_that_is_escalated_anyway_keeps_its_queue() -> None:
    decision = make_decision(Action.REVIEW, queue="urgent")
    judgement = judge(make_post(), (), decision, replace(BY, audit=AuditPlan(default_rate=1.0)))
    assert judgement.escalation is not None
    assert judgement.escalation.queue == "urgent"
    assert judgement.verdict.sampling.sampled


def test_what_was_not_scanned_is_listed_once() -> None:
    decision = make_decision(Action.REVIEW, status=VerdictStatus.DEGRADED)
    post = make_post(images=(Media(key="gone.jpg"),))
    verdict = judge(post, [IMAGE_MISSING, IMAGE_MISSING], decision, BY).verdict
    assert verdict.not_scanned == (IMAGE_MISSING,)
    assert verdict.modalities == (Modality.TEXT,)
    assert verdict.status is VerdictStatus.DEGRADED


@pytest.mark.parametrize(
    ("reason", "scanned"),
    [
        (NotScannedReason.TRUNCATED, (Modality.TEXT, Modality.IMAGE)),
        (NotScannedReason.UNDECODABLE, (Modality.TEXT,)),
    ],
)
def test_what_was_looked_at_in_part_counts_as_scanned(
    reason: NotScannedReason, scanned: tuple[Modality, ...]
) -> None:
    post = make_post(images=(Media(key="a.gif"),))
    missed = NotScanned(modality=Modality.IMAGE, index=0, reason=reason)
    assert scanned_modalities(post, [missed]) == scanned


def test_one_picture_of_two_is_enough_to_call_pictures_scanned() -> None:
    post = make_post(text=None, images=(Media(key="a.jpg"), Media(key="b.jpg")))
    assert scanned_modalities(post, [IMAGE_MISSING]) == (Modality.IMAGE,)


def test_white_space_is_no_text_to_scan() -> None:
    assert scanned_modalities(make_post(text=" \n"), ()) == ()


def test_withdrawn_post_is_answered_without_having_been_looked_at() -> None:
    judgement = withdrawal(
        make_withdrawal("post-1", revision=4), replace(BY, audit=AuditPlan(default_rate=1.0))
    )
    verdict = judgement.verdict
    assert (verdict.status, verdict.action) == (VerdictStatus.WITHDRAWN, Action.ALLOW)
    assert (verdict.scores, verdict.modalities) == ({}, ())
    assert verdict.revision == 4
    assert judgement.escalation is None
    assert not verdict.sampling.sampled
