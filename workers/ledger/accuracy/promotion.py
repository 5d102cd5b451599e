"""What would change were a challenger live, by the same answers, and whether that is proven.

Live and challenger are judged by the same sampled verdicts, so what both flag cancels out, and the
differences rest on the verdicts on which they disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from workers.ledger.accuracy.challengers import Challenger, challengers
from workers.ledger.accuracy.columns import Columns
from workers.ledger.accuracy.figures import Figures, measure
from workers.ledger.accuracy.intervals import Estimate, Floats, Mask, WeightedCount, share, total
from workers.ledger.accuracy.records import AuditRow
from workers.ledger.accuracy.score_changes import ScoreChange, score_changes
from workers.ledger.accuracy.within import within

TOLERANCE: Final = 0.02
"""By how much a figure may be worse at most, with 95 % certainty, where another one gets better:
reviewers disagree on more verdicts than that."""

MIN_DISAGREED: Final = 10
"""Reviewed verdicts on which live and challenger disagree, below which nothing is recommended. An
interval of a share holds for fewer too, but a rule's author should look at them one by one."""


TINY: Final = 1e-12
"""Below any share."""


class Advice(StrEnum):
    """What the figures prove."""

    PROMOTE = "promote"  # something gets better, and nothing notably worse
    KEEP_OUT = "keep out"  # something gets worse, and nothing better
    WEIGH = "weigh"  # something gets better and something worse: not for figures to decide
    UNDECIDED = "undecided"  # the intervals are too wide, or too few verdicts would change


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure after less before, and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Promotion:
    """A challenger beside what is live, on the verdicts that it had a say in."""

    judge: str
    verdicts: float
    """How many it had a say in, estimated."""
    answered: int
    disagreed: int
    """Answered verdicts that one of the two flags and the other does not."""
    live: Figures
    then: Figures
    caught: Estimate
    """Harmful verdicts that would be flagged, and are not now."""
    let_go: Estimate
    """Harmful verdicts that would no longer be flagged."""
    alarms: Estimate
    """Harmless verdicts that would be flagged, and are not now."""
    cleared: Estimate
    """Harmless verdicts that would no longer be flagged."""
    recall: Difference | None
    precision: Difference | None
    """None where nothing harmful, or nothing flagged, was found."""
    scores: tuple[ScoreChange, ...] = ()
    """By category; a rule has none of its own."""

    @property
    def advice(self) -> Advice:
        """What is proven; nothing by fewer than ``MIN_DISAGREED`` verdicts."""
        both = [one for one in (self.recall, self.precision) if one is not None]
        if self.disagreed < MIN_DISAGREED or len(both) < 2:  # noqa: PLR2004 - recall and precision
            return Advice.UNDECIDED
        better = any(one.low > 0.0 for one in both)
        worse = any(one.high < 0.0 for one in both)
        if better and all(one.low > -TOLERANCE for one in both):
            return Advice.PROMOTE
        if worse:
            return Advice.WEIGH if better else Advice.KEEP_OUT
        return Advice.UNDECIDED

    @property
    def answers_needed(self) -> int | None:
        """Answers in all at which intervals would be as narrow as ``TOLERANCE``, roughly.

        None where they already are. The width of an interval shrinks with the root of them.
        """
        widest = max(
            ((one.high - one.low) / 2.0 for one in (self.recall, self.precision) if one),
            default=math.inf,
        )
        if widest <= TOLERANCE or math.isinf(widest):
            return None
        return math.ceil(self.answered * (widest / TOLERANCE) ** 2)


def promotions(rows: Iterable[AuditRow], window: timedelta) -> list[Promotion]:
    """Every challenger beside what is live.

    Args:
        rows: of the audit sample.
        window: how far back from the newest verdict to look.
    """
    columns = Columns.of(within(rows, window))
    harmful = columns.harmful()
    return [
        replace(
            compare(one, columns.weights, harmful),
            scores=() if one.model is None else score_changes(columns, one.model),
        )
        for one in challengers(columns)
        if one.within.any()
    ]


def compare(challenger: Challenger, weights: Floats, harmful: Mask) -> Promotion:
    """A challenger beside what is live.

    Args:
        challenger: over the answered verdicts.
        weights: of the answered verdicts, shape = (r,).
        harmful: in the reviewers' eyes, shape = (r,).
    """
    inside = challenger.within
    weights, harmful = weights[inside], harmful[inside]
    now, then = challenger.now[inside], challenger.then[inside]
    added, dropped = then & ~now, now & ~then
    live, after = measure(weights, now, harmful), measure(weights, then, harmful)

    def part(trait: Mask, of: Mask) -> Estimate:
        return total(WeightedCount.of(weights, trait & of, of))

    return Promotion(
        judge=challenger.judge,
        verdicts=float(weights.sum()),
        answered=int(inside.sum()),
        disagreed=int((added | dropped).sum()),
        live=live,
        then=after,
        caught=part(added, harmful),
        let_go=part(dropped, harmful),
        alarms=part(added, ~harmful),
        cleared=part(dropped, ~harmful),
        recall=_recall(
            weights[harmful],
            added[harmful],
            dropped[harmful],
            only_adds=challenger.only_adds,
        ),
        precision=_precision(weights, now, then, harmful),
    )


def _recall(weights: Floats, added: Mask, dropped: Mask, *, only_adds: bool) -> Difference | None:
    """The share of the harmful verdicts that come to be flagged less the share that no longer is.

    Args:
        weights: of the harmful verdicts.
        added: of these.
        dropped: of these.
        only_adds: whether the challenger cannot drop any, however many are reviewed.
    """
    gain, loss = _share_of(weights, added), _share_of(weights, dropped)
    if gain is None or loss is None:
        return None
    if only_adds:
        return Difference(gain.value, gain.low, gain.high)
    return difference(gain, loss)


def _precision(weights: Floats, now: Mask, then: Mask, harmful: Mask) -> Difference | None:
    """By the verdicts that both flag, and those that only one of them does.

    With ``a`` and ``d`` the shares of added and dropped verdicts in what is flagged then and now,
    the difference is ``a added + (d - a) both - d dropped``, of the precision within each. The
    three are of different verdicts, hence independent. That ``a`` and ``d`` are estimates too
    widens the interval by what the precisions differ by.
    """
    a, d = _share_of(weights[then], ~now[then]), _share_of(weights[now], ~then[now])
    if a is None or d is None:
        return None
    added, both, dropped = (
        _share_of(weights[part], harmful[part]) for part in (then & ~now, then & now, now & ~then)
    )
    terms = [(a.value, added), (d.value - a.value, both), (-d.value, dropped)]
    known = [(factor, one) for factor, one in terms if one is not None]
    spread = []
    if both is not None:
        spread = [
            (one.value - both.value, part)
            for one, part in ((added, a), (dropped, d))
            if one is not None
        ]
    return _combined(known, spread)


def difference(one: Estimate, other: Estimate) -> Difference:
    """Of two shares of the same units, of which none is in both (Zou and Donner, 2008)."""
    odds = one.value * other.value / max((1.0 - one.value) * (1.0 - other.value), TINY)
    together = 2.0 * math.sqrt(odds)  # minus twice their correlation: what is in one is not in both
    value = one.value - other.value
    return Difference(
        value,
        value - _length(one.value - one.low, other.high - other.value, together),
        value + _length(one.high - one.value, other.value - other.low, together),
    )


def _length(one: float, other: float, together: float) -> float:
    return math.sqrt(one**2 + other**2 + together * one * other)


def _combined(
    terms: Iterable[tuple[float, Estimate]], spread: Iterable[tuple[float, Estimate]]
) -> Difference:
    """A sum of independent estimates, each times a factor (Zou, Huang and Zhang, 2009).

    Those in ``spread`` widen the interval only.
    """
    terms = list(terms)
    value = sum(factor * one.value for factor, one in terms)
    low = high = 0.0
    for factor, one in (*terms, *spread):
        middle, ends = factor * one.value, (factor * one.low, factor * one.high)
        low += (middle - min(ends)) ** 2
        high += (max(ends) - middle) ** 2
    return Difference(value, value - math.sqrt(low), value + math.sqrt(high))


def _share_of(weights: Floats, trait: Mask) -> Estimate | None:
    everywhere = np.ones_like(trait)
    return share(
        WeightedCount.of(weights, trait, everywhere), WeightedCount.of(weights, ~trait, everywhere)
    )
