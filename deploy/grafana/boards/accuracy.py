"""Accuracy and drift: how right is it, how sure is that, has something moved."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Board, Row
from deploy.grafana.rows import accuracy, campaigns, disagreement, drift, sample, trial
from deploy.grafana.variables import Choice

_METRIC: Final = "moderation_ledger_accuracy_ratio"

BOARD: Final = Board(
    name="accuracy",
    title="accuracy and drift",
    description=(
        "For whoever answers for the verdicts. Every figure is estimated from a random sample of "
        "all verdicts and stands between the ends of its 95 % interval; docs/accuracy.md tells how."
    ),
    choices=(
        Choice("judge", "Judge", _METRIC, first="live"),
        Choice("category", "Category", _METRIC, first="any"),
        Choice("language", "Language", _METRIC, first="all"),
    ),
    rows=(
        Row("How right is it?", accuracy.panels),
        Row("How sure is that?", sample.panels),
        Row("Has something moved?", drift.panels),
        Row("What is on trial?", trial.panels),
        Row("Where do people disagree with it?", disagreement.panels),
        Row("Does somebody work together?", campaigns.panels),
    ),
)
