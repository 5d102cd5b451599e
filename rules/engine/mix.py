"""How scores and rules become one action. A pure function of a set: order never matters.

1. Start from calibrated probabilities.
2. Shift: add the log-odds of every rule that fired, per category. In log-odds independent evidence
   adds up (Good 1950, "weight of evidence"), and no shift ever leaves 0..1.
3. Bound: the highest floor and the lowest ceiling apply; where they cross, the floor wins, as the
   safer of the two.
4. Thresholds turn each category's probability into an action; which ones hold depends on the
   post's surface, region and audience (:mod:`rules.engine.contexts`).
5. The strongest wins: of the thresholds, the rules' own actions, the banks' actions, the fail
   settings of what was not scanned, and the fail settings of rules that could not be evaluated.
6. A rule that requires review pins the outcome at ``review``: it raises what is milder and holds
   back a removal until a person has decided.
7. Brakes turn a removal into a review (:mod:`rules.engine.brakes`).
8. A person's decision outranks all of it until the content changes (:mod:`rules.engine.human`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rules.engine.contexts import Thresholds
from rules.engine.effects import Effects
from schemas import Action, harshest

SMALLEST_ODDS: Final = 1e-7
"""Probabilities are kept this far from 0 and 1 before a shift, so that log-odds stay finite. Below
what a calibration on some 10,000 posts can tell apart."""


def adjust(scores: Mapping[str, float], fired: Sequence[Effects]) -> dict[str, float]:
    """The probabilities after shifts and bounds.

    A category without a score gets one only by a floor: a shift of nothing is nothing.

    Args:
        scores: calibrated probabilities by category.
        fired: the effects of every live rule that fired.
    """
    adjusted = dict(scores)
    moved = {c for e in fired for c in (*e.shift, *e.floor, *e.ceiling)}
    for category in sorted(moved):
        floor = max((e.floor[category] for e in fired if category in e.floor), default=0.0)
        if category in scores:
            # fsum rounds once, so the sum does not depend on the order.
            shift = math.fsum(e.shift[category] for e in fired if category in e.shift)
            ceiling = min(
                (e.ceiling[category] for e in fired if category in e.ceiling), default=1.0
            )
            adjusted[category] = max(floor, min(ceiling, shifted(scores[category], shift)))
        elif floor > 0.0:
            adjusted[category] = floor
    return adjusted


def shifted(probability: float, log_odds: float) -> float:
    """The probability moved by the log-odds; exactly itself for a shift of zero."""
    if log_odds == 0.0:
        return probability
    kept = min(max(probability, SMALLEST_ODDS), 1.0 - SMALLEST_ODDS)
    moved = _sigmoid(math.log(kept / (1.0 - kept)) + log_odds)
    # A probability of exactly 0 or 1 may be beyond where the shift would take the kept one.
    return max(moved, probability) if log_odds > 0.0 else min(moved, probability)


def _sigmoid(log_odds: float) -> float:
    # Written for either sign so that the exponential never overflows.
    if log_odds >= 0.0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1.0 + odds)


def action_for(score: float, thresholds: Thresholds) -> tuple[Action, float | None]:
    """The strongest action whose threshold the score reaches, and that threshold."""
    if thresholds.remove is not None and score >= thresholds.remove:
        return Action.REMOVE, thresholds.remove
    if thresholds.review is not None and score >= thresholds.review:
        return Action.REVIEW, thresholds.review
    if thresholds.limit is not None and score >= thresholds.limit:
        return Action.LIMIT, thresholds.limit
    return Action.ALLOW, None


def action_of_scores(scores: Mapping[str, float], thresholds: Mapping[str, Thresholds]) -> Action:
    """The strongest action that any category's score asks for."""
    strongest = Action.ALLOW
    for category, own in thresholds.items():
        score = scores.get(category)
        if score is None:
            continue
        action, _ = action_for(score, own)
        if action is not strongest:
            strongest = harshest(strongest, action)
    return strongest


def mix(
    scores: Mapping[str, float],
    fired: Sequence[Effects],
    thresholds: Mapping[str, Thresholds],
    others: Iterable[Action],
) -> tuple[dict[str, float], Action]:
    """The probabilities after the rules, and the action that all of it comes to (steps 1 to 6).

    Args:
        scores: calibrated probabilities by category.
        fired: the effects of every live rule that fired.
        thresholds: what holds for the post, by category.
        others: the actions of banks and of fail settings.
    """
    adjusted = adjust(scores, fired)
    action = resolve(
        (
            action_of_scores(adjusted, thresholds),
            *others,
            *(one.action for one in fired if one.action is not None),
        ),
        review_required=any(one.require_review for one in fired),
    )
    return adjusted, action


def resolve(actions: Iterable[Action], *, review_required: bool) -> Action:
    """The final action: the strongest, unless a person must decide."""
    return Action.REVIEW if review_required else harshest(*actions)
