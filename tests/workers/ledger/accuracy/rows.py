"""Rows of the audit sample."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from schemas import Action, RuleHit
from tests.workers.ledger.records import a_decision, a_verdict, sampled
from workers.ledger.accuracy import AuditRow, Label, SampledVerdict, ShadowSeen


def a_row(
    post: str,
    *,
    action: Action = Action.ALLOW,
    answer: Action | None = Action.ALLOW,
    category: str | None = None,
    categories: tuple[str, ...] = (),
    second_answer: tuple[str, ...] | None = None,
    probability: float = 0.5,
    stratum: str | None = "allow-s0-text-en",
    language: str | None = "en",
    scores: Mapping[str, float] | None = None,
    rule_hits: tuple[RuleHit, ...] = (),
    policy: str = "policy-1",
    shadow_model: tuple[Action, Action] | None = None,
    shadow_scores: Mapping[str, float] | None = None,
    after: timedelta = timedelta(0),
) -> AuditRow:
    """A sampled verdict, with an answer unless it is None.

    ``shadow_model`` is what ``model-2`` and the live model make of the post, ``shadow_scores`` the
    scores by which the first does.
    """
    verdict = SampledVerdict.of(
        a_verdict(
            action,
            post=post,
            category=category,
            sampling=sampled(probability, stratum),
            language=language,
            scores=scores,
            rule_hits=rule_hits,
            policy=policy,
            after=after,
        )
    )
    assert verdict is not None
    row = AuditRow().with_event(verdict)
    if answer is not None:
        decision = a_decision(answer, post=post, categories=categories)
        label = Label.of(decision).model_copy(update={"verdict_id": verdict.verdict_id})
        row = row.with_event(label)
    if shadow_model is not None:
        then, live = shadow_model
        row = row.with_event(
            ShadowSeen(
                verdict_id=verdict.verdict_id,
                model="model-2",
                action=then,
                live_action=live,
                scores=dict(shadow_scores or {}),
                decided_at=verdict.decided_at,
            )
        )
    if second_answer is not None:
        other = a_decision(
            Action.ALLOW,
            post=post,
            categories=second_answer,
            reviewer="reviewer-2",
            after=timedelta(minutes=20),
        )
        row = row.with_event(Label.of(other))
    return row
