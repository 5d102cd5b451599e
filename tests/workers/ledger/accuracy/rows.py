"""Rows of the audit sample."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from schemas import Action, RuleHit
from tests.workers.ledger.records import a_decision, a_verdict, sampled
from workers.ledger.accuracy import AuditRow, Label, SampledVerdict


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
    after: timedelta = timedelta(0),
) -> AuditRow:
    """A sampled verdict, with an answer unless it is None."""
    verdict = SampledVerdict.of(
        a_verdict(
            action,
            post=post,
            category=category,
            sampling=sampled(probability, stratum),
            language=language,
            scores=scores,
            rule_hits=rule_hits,
            after=after,
        )
    )
    assert verdict is not None
    row = AuditRow().with_event(verdict)
    if answer is not None:
        row = row.with_event(Label.of(a_decision(answer, post=post, categories=categories)))
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
