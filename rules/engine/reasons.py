"""Why a decision is what it is, for reviewers, authors and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rules.decision import BankMatch, Case, HumanDecision
from rules.engine.brakes import REMOVAL_QUOTA, REMOVALS_OFF
from rules.engine.contexts import Thresholds
from rules.engine.document import BankSettings, FailSettings
from rules.engine.effects import Effects
from rules.engine.fact import FactView
from rules.engine.fail_settings import action_when_not_scanned
from rules.engine.mix import action_for
from rules.engine.running_rule import Failed, Fired
from schemas import (
    Action,
    BankPart,
    Modality,
    NotScanned,
    NotScannedReason,
    Reason,
    ReasonKind,
)

MAX_DETAIL_LENGTH: Final = 1_000
"""Characters of a reason's detail, as :class:`schemas.Reason` allows."""
MAX_QUOTES: Final = 3
"""Finds that are quoted for one rule; a reviewer sees the whole post anyway."""
MAX_QUOTE_LENGTH: Final = 60
"""Characters of one quoted find."""


def model_reasons(
    case: Case, scores: Mapping[str, float], thresholds: Mapping[str, Thresholds]
) -> list[Reason]:
    """One for each category whose adjusted score reaches a threshold."""
    reasons = []
    for category, own in thresholds.items():
        score = scores.get(category)
        if score is None:
            continue
        action, threshold = action_for(score, own)
        if threshold is None:
            continue
        shares = case.shares.get(category)
        reasons.append(
            Reason(
                kind=ReasonKind.MODEL if category in case.scores else ReasonKind.RULE,
                action=action,
                category=category,
                score=score,
                threshold=threshold,
                shares={Modality(m): share for m, share in shares.items()} if shares else None,
                place=case.places.get(category),
            )
        )
    return reasons


def rule_reasons(fired: Sequence[Fired], view: FactView) -> list[Reason]:
    """One for each live rule that fired: what it asked for, what it moved, what it matched."""
    return [
        Reason(
            kind=ReasonKind.RULE,
            action=own_action(one.effects),
            rule=one.rule.id,
            detail="; ".join((*_told(one), *_quotes(one, view)))[:MAX_DETAIL_LENGTH],
        )
        for one in fired
    ]


def _told(one: Fired) -> list[str]:
    quota = one.rule.quota
    if not one.held or quota is None:
        return _effects(one.effects)
    return [f"over its quota of {quota.posts} posts, a person decides", *_effects(one.effects)]


def own_action(effects: Effects) -> Action:
    """The action that the rule asks for by itself, apart from the scores that it moves."""
    if effects.require_review:
        return Action.REVIEW
    return effects.action or Action.ALLOW


def error_reasons(failed: Sequence[Failed]) -> list[Reason]:
    """One for each live rule that could not be evaluated."""
    return [
        Reason(
            kind=ReasonKind.FAIL_SETTING,
            action=one.rule.on_error,
            rule=one.rule.id,
            detail=f"the rule could not be evaluated: {one.error}",
        )
        for one in failed
    ]


def bank_reasons(case: Case, banks: Mapping[str, BankSettings]) -> list[Reason]:
    """One for each match in a bank; the policy's action for the bank goes before the bank's own."""
    return [
        Reason(
            kind=ReasonKind.BANK,
            action=bank_action(match, banks),
            bank=match.bank,
            distance=match.distance,
            detail=_known(match),
        )
        for matches in case.bank_matches.values()
        for match in matches
    ]


def _known(match: BankMatch) -> str:
    told = f"{_part_name(match.modality, match.index)} is known to the bank"
    if match.entry is not None:
        told += f" as {match.entry}"
    if match.quarantined:
        told += ", an entry that matched too many posts at once and awaits a reviewer's word"
    if match.doubted:
        told += ", a bank of which reviewers have denied too many matches"
    return told[:MAX_DETAIL_LENGTH]


def bank_action(match: BankMatch, banks: Mapping[str, BankSettings]) -> Action:
    """What a match asks for: for review at most while its entry or its bank is held back."""
    settings = banks.get(match.bank)
    action = match.action if settings is None or settings.action is None else settings.action
    if match.quarantined or match.doubted:
        return min(action, Action.REVIEW, key=lambda one: one.severity)
    return action


def brake_reason(brake: str) -> Reason:
    """Why a removal became a review."""
    why = {
        REMOVALS_OFF: "automatic removals are switched off: a person decides",
        REMOVAL_QUOTA: "the quota of automatic removals is used up: a person decides",
    }
    return Reason(kind=ReasonKind.FAIL_SETTING, action=Action.REVIEW, detail=why[brake])


def human_reason(human: HumanDecision) -> Reason:
    """That a person decided, when, and what."""
    return Reason(
        kind=ReasonKind.HUMAN,
        action=human.action,
        detail=f"a reviewer decided on {human.decided_at:%Y-%m-%d %H:%M %Z} on this content",
    )


def unscanned_reasons(case: Case, settings: FailSettings) -> list[Reason]:
    """One for each part that was not scanned."""
    return [
        Reason(
            kind=ReasonKind.FAIL_SETTING,
            action=action_when_not_scanned(part, settings),
            detail=_gap(part),
        )
        for part in case.not_scanned
    ]


def _gap(part: NotScanned) -> str:
    name = _part_name(part.modality, part.index)
    if part.reason is NotScannedReason.BANK_FAILED:
        return f"{name} could not be looked up in the banks"
    return f"{name} was not scanned: {part.reason.value}"


def strongest_first(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """By severity, then score, then name, so that the order says nothing about the rules' order."""
    return tuple(
        sorted(
            reasons,
            key=lambda r: (
                -r.action.severity,
                -(r.score or 0.0),
                r.kind.value,
                r.category or "",
                r.rule or "",
                r.detail or "",
            ),
        )
    )


def _part_name(part: Modality | BankPart, index: int) -> str:
    # A text and a whole post are there once.
    return part.value if part.value in {"text", "post"} else f"{part.value} {index + 1}"


def _effects(effects: Effects) -> list[str]:
    parts = [f"{c} {shift:+g} log-odds" for c, shift in sorted(effects.shift.items())]
    parts += [f"{c} at least {bound:g}" for c, bound in sorted(effects.floor.items())]
    parts += [f"{c} at most {bound:g}" for c, bound in sorted(effects.ceiling.items())]
    if effects.action is not None:
        parts.append(f"at least {effects.action.value}")
    if effects.require_review:
        parts.append("a person decides")
    if effects.escalate is not None:
        parts.append(f"to the queue {effects.escalate.queue}")
    if effects.age_gate is not None:
        parts.append(f"from the age of {effects.age_gate}")
    if effects.geo_limit:
        parts.append(f"hidden in {', '.join(sorted(effects.geo_limit))}")
    parts += [f"label {one.label}" for one in sorted(effects.labels, key=lambda one: one.label)]
    return parts


def _quotes(one: Fired, view: FactView) -> list[str]:
    return [
        f"{name}: “{view.text[match.start : match.end][:MAX_QUOTE_LENGTH]}”"
        for name in one.rule.lists
        for match in view.matches[name][:MAX_QUOTES]
    ]
