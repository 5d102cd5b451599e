"""Why a decision is what it is, for reviewers, authors and the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rules.decision import Case
from rules.engine.document import CategorySettings, Effects, FailSettings
from rules.engine.facts import FactView
from rules.engine.fail_settings import action_when_not_scanned
from rules.engine.mix import action_for
from schemas import Action, Modality, Reason, ReasonKind

MAX_DETAIL_LENGTH: Final = 1_000
"""Characters of a reason's detail, as :class:`schemas.Reason` allows."""
MAX_QUOTES: Final = 3
"""Finds that are quoted for one rule; a reviewer sees the whole post anyway."""
MAX_QUOTE_LENGTH: Final = 60
"""Characters of one quoted find."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A live rule whose condition held."""

    rule_id: str
    effects: Effects
    lists: tuple[str, ...]
    """The lists that its condition names."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A live rule whose condition could not be evaluated."""

    rule_id: str
    action: Action
    error: str


def model_reasons(
    case: Case, scores: Mapping[str, float], categories: Mapping[str, CategorySettings]
) -> list[Reason]:
    """One for each category whose adjusted score reaches a threshold."""
    reasons = []
    for category, settings in categories.items():
        score = scores.get(category)
        if score is None:
            continue
        action, threshold = action_for(score, settings)
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
            rule=one.rule_id,
            detail="; ".join((*_effects(one.effects), *_quotes(one, view)))[:MAX_DETAIL_LENGTH],
        )
        for one in fired
    ]


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
            action=one.action,
            rule=one.rule_id,
            detail=f"the rule could not be evaluated: {one.error}",
        )
        for one in failed
    ]


def unscanned_reasons(case: Case, settings: FailSettings) -> list[Reason]:
    """One for each part that was not scanned."""
    return [
        Reason(
            kind=ReasonKind.FAIL_SETTING,
            action=action_when_not_scanned(part, settings),
            detail=f"{_part_name(part.modality, part.index)} was not scanned: {part.reason.value}",
        )
        for part in case.not_scanned
    ]


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


def _part_name(modality: Modality, index: int) -> str:
    return "text" if modality is Modality.TEXT else f"{modality.value} {index + 1}"


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
    parts += [f"label {label}" for label in sorted(effects.labels)]
    return parts


def _quotes(one: Fired, view: FactView) -> list[str]:
    return [
        f"{name}: “{view.text[match.start : match.end][:MAX_QUOTE_LENGTH]}”"
        for name in one.lists
        for match in view.matches[name][:MAX_QUOTES]
    ]
