"""The next sampling plan, from what the reviewers found in the present sample."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from workers.audit_plan import AuditPlan
from workers.ledger.accuracy.allocation import neyman_rates
from workers.ledger.accuracy.columns import Columns
from workers.ledger.accuracy.intervals import Floats, Mask
from workers.ledger.accuracy.records import UNNAMED_STRATUM, AuditRow
from workers.ledger.accuracy.report import live_answers
from workers.ledger.accuracy.within import within
from workers.ledger.errors import NothingToPlanError


def next_plan(rows: Iterable[AuditRow], window: timedelta, rate: float) -> AuditPlan:
    """A plan that draws as many verdicts as one rate for all would, where they say the most.

    Args:
        rows: of the audit sample.
        window: how far back from the newest verdict to look.
        rate: share of all verdicts to draw, above 0, at most 1; strata without an answer keep it.

    Raises:
        NothingToPlanError: no sampled verdict that names its stratum has an answer.
    """
    named = [
        row
        for row in within(rows, window)
        if row.verdict is not None and row.verdict.stratum != UNNAMED_STRATUM
    ]
    columns = Columns.of(named)
    if not columns.answered:
        raise NothingToPlanError(
            "no sampled verdict that names its stratum has been reviewed yet; let the workers "
            "sample with MODERATION_WORKER_AUDIT_SAMPLE_RATE first, and reviewers work off the "
            "queue `audit`"
        )
    strata = sorted({verdict.stratum for verdict, _ in columns.answered})
    places = {name: place for place, name in enumerate(strata)}
    stratum = np.array([places[verdict.stratum] for verdict, _ in columns.answered])
    flagged, harmful = zip(*live_answers(columns).values(), strict=True)
    shares = event_shares(stratum, np.array(flagged), np.array(harmful), len(strata))
    sizes = np.zeros(len(strata))
    for verdict, weight in zip(columns.verdicts, columns.design, strict=True):
        if verdict.stratum in places:
            sizes[places[verdict.stratum]] += weight
    rates = neyman_rates(sizes, shares, rate * float(sizes.sum()))
    return AuditPlan(default_rate=rate, rates=dict(zip(strata, map(float, rates), strict=True)))


def event_shares(stratum: npt.NDArray[Any], flagged: Mask, harmful: Mask, strata: int) -> Floats:
    """How much of each stratum are hits, false alarms and misses, by category.

    Half an event more than was found, among one verdict more (Jeffreys' prior, in effect): a
    stratum of which little is known counts as varied, and is looked at.

    Args:
        stratum: of each reviewed verdict, below ``strata``, shape = (n,).
        flagged: by the machine, shape = (categories, n).
        harmful: in the reviewer's eyes, shape = (categories, n).
        strata: how many there are.

    Returns:
        Shares above 0, shape = (strata, 3 x categories).
    """
    reviewed = np.bincount(stratum, minlength=strata)
    events = np.concatenate([flagged & harmful, flagged & ~harmful, ~flagged & harmful])
    counts = np.array([np.bincount(stratum[event], minlength=strata) for event in events])
    return np.asarray(((counts + 0.5) / (reviewed + 1.0)).T)
