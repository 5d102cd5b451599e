"""Wherein two decisions on the same post differ."""

from __future__ import annotations

from collections.abc import Iterator

from rules.decision import Decision
from schemas import Action


def direction(before: Action, after: Action) -> str:
    """Which way an action changed."""
    return "harsher" if after.severity > before.severity else "milder"


def weightiest_category(before: Decision, after: Decision) -> str:
    """The category of the strongest reason on the harsher side, or ``no category``."""
    harsher = max(before, after, key=lambda one: one.action.severity)
    named = (reason.category for reason in harsher.reasons if reason.category is not None)
    return next(named, "no category")


def differing_rules(before: Decision, after: Decision) -> Iterator[str]:
    """The rules that fired, or failed, on one side only, or moved something else there."""
    one, other = (
        {trace.rule: trace for trace in decision.trace.rules} for decision in (before, after)
    )
    yield from (rule for rule in one.keys() | other.keys() if one.get(rule) != other.get(rule))
    failed_before, failed_after = (
        {hit.rule for hit in decision.rule_hits if hit.errored} for decision in (before, after)
    )
    yield from (failed_before ^ failed_after) - (one.keys() | other.keys())


def differing_marks(before: Decision, after: Decision) -> Iterator[str]:
    """What else differs: ``labels``, ``age_gate``, ``geo_limit``, ``queue``."""
    for name in ("labels", "age_gate", "geo_limit"):
        if getattr(before, name) != getattr(after, name):
            yield name
    queues = {one.queue if one.escalate else None for one in (before, after)}
    if len(queues) > 1:
        yield "queue"


def why(decision: Decision) -> str:
    """The action and what is behind it, in a few words without a word of the post."""
    if not decision.reasons or decision.action is Action.ALLOW:
        return decision.action.value
    first = decision.reasons[0]
    what = first.rule or first.bank or first.category or first.detail or first.kind.value
    if first.score is not None and first.threshold is not None:
        return f"{decision.action.value}: {what} {first.score:.3f} >= {first.threshold:g}"
    return f"{decision.action.value}: {what}"
