"""Every figure about accuracy, from the rows of the audit sample. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from workers.ledger.accuracy.agreement import krippendorff_alpha
from workers.ledger.accuracy.calibration import ScoreBin, calibration_error, score_bins
from workers.ledger.accuracy.challengers import RULE, challengers, rule_hits
from workers.ledger.accuracy.columns import Columns, is_harm, scores_of
from workers.ledger.accuracy.drift import stability_index
from workers.ledger.accuracy.figures import Figures, measure
from workers.ledger.accuracy.intervals import Mask
from workers.ledger.accuracy.records import AuditRow
from workers.ledger.accuracy.within import within

ANY: Final = "any"
"""Stands for harm of whatever category."""

ALL: Final = "all"
"""Stands for every language."""

OTHER: Final = "other"
"""Stands for the languages with too few answers for figures of their own."""

LIVE: Final = "live"
"""The judge whose verdicts took effect: model and rules together."""

MODEL: Final = "model"
"""The judge that the model would be without the rules."""

MIN_LANGUAGE_ANSWERS: Final = 50
"""Below, even a share of one half is uncertain by 14 points either way."""

DRIFT_WINDOW: Final = timedelta(days=1)
"""Scores of the newest day are compared with those of the days before: a day holds a whole round
of the clock, so night and day cancel out."""


class Subject(NamedTuple):
    """Whom a figure is about, on what, and where."""

    judge: str
    """``live``, ``model``, ``rule:NAME``; of those on trial, ``shadow:NAME`` for a rule and
    ``shadow-model:VERSION`` for a model."""
    category: str
    language: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an auditor would ask."""

    figures: Mapping[Subject, Figures] = field(default_factory=dict)
    calibration: Mapping[str, float] = field(default_factory=dict)
    """Expected calibration error by category."""
    reliability: Mapping[str, Sequence[ScoreBin]] = field(default_factory=dict)
    """What share of harm stands behind which scores, by category."""
    drift: Mapping[str, Mapping[datetime, float]] = field(default_factory=dict)
    """Population stability index of the scores by category: each day's, by its end, oldest first,
    against the days before."""
    agreement: Mapping[str, float] = field(default_factory=dict)
    """Krippendorff's alpha by category, and on whether there is any harm."""
    drawn: int = 0
    answered: int = 0
    twice_answered: int = 0
    """Verdicts with the answers of two reviewers or more."""
    median_label_time: datetime | None = None
    """When the middle one of the answers was given."""
    newest: datetime | None = None
    """When the latest sampled verdict was given: the window ends there."""

    @property
    def newest_drift(self) -> Mapping[str, float]:
        """Of the newest day, where it holds enough verdicts."""
        return {
            category: days[self.newest]
            for category, days in self.drift.items()
            if self.newest is not None and self.newest in days
        }


def make_report(rows: Iterable[AuditRow], window: timedelta) -> Report:
    """Work out every figure.

    Args:
        rows: of the audit sample; those without a verdict do not count.
        window: how far back from the newest verdict figures reach.
    """
    recent = within(rows, window)
    if not recent:
        return Report()
    columns = Columns.of(recent)
    categories = categories_of(columns)
    times = sorted(label.decided_at for _, label in columns.answered)
    return Report(
        figures=dict(_figures(columns)),
        calibration=dict(_calibration(columns, categories)),
        reliability=dict(_reliability(columns, categories)),
        drift=dict(_drift(columns, categories)),
        agreement=dict(_agreement(recent, categories)),
        drawn=len(columns.verdicts),
        answered=len(columns.answered),
        twice_answered=sum(len(row.labels) > 1 for row in recent),
        newest=max(verdict.decided_at for verdict in columns.verdicts),
        median_label_time=times[len(times) // 2] if times else None,
    )


def categories_of(columns: Columns) -> list[str]:
    """The categories that are scored, flagged or found in the sample."""
    found = {name for verdict in columns.verdicts for name in (*verdict.scores, *verdict.flagged)}
    return sorted(found | {name for _, label in columns.answered for name in label.categories})


def live_answers(columns: Columns) -> dict[str, tuple[Mask, Mask]]:
    """What the machine said of the answered verdicts, and what the reviewers, by category."""
    return {
        ANY: (columns.acted(), columns.harmful()),
        **{
            category: (columns.flagged(category), columns.found(category))
            for category in categories_of(columns)
        },
    }


def _figures(columns: Columns) -> Iterator[tuple[Subject, Figures]]:
    if not columns.answered:
        return
    live = live_answers(columns)
    _, any_harm = live[ANY]
    for language, part in _parts(columns):
        for category, (flagged, harmful) in live.items():
            found = measure(columns.weights[part], flagged[part], harmful[part])
            yield Subject(LIVE, category, language), found
    judged = np.array([verdict.model_action is not None for verdict, _ in columns.answered])
    if judged.any():
        model = columns.model_acted()
        found = measure(columns.weights[judged], model[judged], any_harm[judged])
        yield Subject(MODEL, ANY, ALL), found
    for judge, hit in rule_hits(columns).items():
        if not judge.startswith(RULE):
            yield Subject(judge, ANY, ALL), measure(columns.weights, hit, any_harm)
    for one in challengers(columns):
        inside = one.within
        found = measure(columns.weights[inside], one.alone[inside], any_harm[inside])
        yield Subject(one.judge, ANY, ALL), found


def _parts(columns: Columns) -> Iterator[tuple[str, Mask]]:
    """The answered verdicts altogether, and by language."""
    languages = columns.languages
    yield ALL, np.ones(languages.shape, dtype=np.bool_)
    names, counts = np.unique(languages, return_counts=True)
    large = names[counts >= MIN_LANGUAGE_ANSWERS]
    for name in large:
        yield str(name), languages == name
    rest = ~np.isin(languages, large)
    if large.size and rest.any():
        yield OTHER, rest


def _calibration(columns: Columns, categories: Sequence[str]) -> Iterator[tuple[str, float]]:
    for category in categories:
        scores = scores_of((verdict for verdict, _ in columns.answered), category)
        harmful = columns.found(category)
        known = ~np.isnan(scores)
        error = calibration_error(columns.weights[known], scores[known], harmful[known])
        if error is not None:
            yield category, error


def _reliability(
    columns: Columns, categories: Sequence[str]
) -> Iterator[tuple[str, Sequence[ScoreBin]]]:
    for category in categories:
        scores = scores_of((verdict for verdict, _ in columns.answered), category)
        harmful = columns.found(category)
        known = ~np.isnan(scores)
        if known.any():
            yield category, score_bins(columns.weights[known], scores[known], harmful[known])


def _drift(
    columns: Columns, categories: Sequence[str]
) -> Iterator[tuple[str, Mapping[datetime, float]]]:
    """Of each category, the index of each day against all before, by the day's end."""
    times = np.array([verdict.decided_at.timestamp() for verdict in columns.verdicts])
    newest = max(verdict.decided_at for verdict in columns.verdicts)
    ages = newest.timestamp() - times
    days = np.floor(ages / DRIFT_WINDOW.total_seconds()).astype(np.int64)
    for category in categories:
        scores = scores_of(columns.verdicts, category)
        known = ~np.isnan(scores)
        by_day = {}
        for day in range(int(days.max()), -1, -1):
            now, past = known & (days == day), known & (days > day)
            index = stability_index(
                columns.design[now], scores[now], columns.design[past], scores[past]
            )
            if index is not None:
                by_day[newest - day * DRIFT_WINDOW] = index
        if by_day:
            yield category, by_day


def _agreement(rows: Sequence[AuditRow], categories: Sequence[str]) -> Iterator[tuple[str, float]]:
    items = [list(row.labels.values()) for row in rows if len(row.labels) > 1]
    answers = {ANY: [[is_harm(label) for label in item] for item in items]} | {
        category: [[category in label.categories for label in item] for item in items]
        for category in categories
    }
    for category, answered in answers.items():
        alpha = krippendorff_alpha(answered)
        if alpha is not None:
            yield category, alpha
