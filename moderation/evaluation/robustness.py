"""How much worse the figures are with a modality taken away, and under corruption.

Every condition is compared with the same rows as they are. The strengths are those of ImageNet-C's
middle severities for pictures (Hendrycks and Dietterich, 2019) and signal-to-noise ratios of a
quiet room, a street and a loud bar for sounds.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from moderation.evaluation import corrupt
from moderation.evaluation.figures import MACRO, SIGNIFICANT_DIGITS, CategoryFigures, measure
from moderation.evaluation.manifest import Row
from moderation.evaluation.predict import Change, predict
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds
from moderation.model import MODALITIES, Classifier, Sample
from schemas import Modality

MAX_ROWS: Final = 1000  # a condition; the interval of a drop is then about 3 points wide


@dataclass(frozen=True, slots=True)
class Corruption:
    """A change of one modality at one strength.

    Attributes:
        name: with the strength, for people.
        apply: takes the piece, the strength and a draw.
    """

    name: str
    modality: Modality
    apply: Callable[[Any, float, random.Random], Any]
    strength: float


_TEXT, _IMAGE, _AUDIO = Modality.TEXT, Modality.IMAGE, Modality.AUDIO
CORRUPTIONS: Final = (
    Corruption("typos, 5 % of letters", _TEXT, corrupt.typos, 0.05),
    Corruption("typos, 15 % of letters", _TEXT, corrupt.typos, 0.15),
    Corruption("leetspeak, 30 % of letters", _TEXT, corrupt.leetspeak, 0.3),
    Corruption("homoglyphs, 30 % of letters", _TEXT, corrupt.homoglyphs, 0.3),
    Corruption("zero-width spaces, 30 % of letters", _TEXT, corrupt.zero_width, 0.3),
    Corruption("blur, radius 2 % of the side", _IMAGE, corrupt.blur, 2),
    Corruption("JPEG, quality 20", _IMAGE, corrupt.jpeg, 20),
    Corruption("rotation by 15°", _IMAGE, corrupt.rotate, 15),
    Corruption("rotation by 45°", _IMAGE, corrupt.rotate, 45),
    Corruption("noise, deviation 25 of 255", _IMAGE, corrupt.pixel_noise, 25),
    Corruption("white noise at 20 dB", _AUDIO, corrupt.white_noise, 20),
    Corruption("white noise at 10 dB", _AUDIO, corrupt.white_noise, 10),
    Corruption("white noise at 0 dB", _AUDIO, corrupt.white_noise, 0),
    Corruption("12 dB louder, clipped", _AUDIO, corrupt.gain, 12),
    Corruption("12 dB fainter", _AUDIO, corrupt.gain, -12),
    Corruption("cut to half", _AUDIO, corrupt.cut, 0.5),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """Figures under one condition beside those of the same rows as they are.

    Attributes:
        name: of the condition, ``as they are`` for the rows that others are compared with.
        of: modalities of the rows, joined by ``+``; of a corruption, what is corrupted.
        rows: that were scored.
        figures: of each category, and ``micro`` and ``macro``.
        f1_drop, auroc_drop: of the macro averages; None where a figure has no value.
    """

    name: str
    of: str
    rows: int
    figures: dict[str, CategoryFigures]
    f1_drop: float | None
    auroc_drop: float | None


def evaluate_robustness(
    model: Classifier,
    rows: Sequence[Row],
    thresholds: Thresholds,
    *,
    max_rows: int = MAX_ROWS,
    seed: int = 0,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> list[Condition]:
    """Take modalities away from rows that have several; corrupt each modality.

    Args:
        model: in eval mode.
        rows: labelled posts.
        thresholds: one a category.
        max_rows: random rows that a condition is measured on.
        seed: of the choice and the corruptions.
        on_progress: hears the share of conditions that are done, 0..1.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    plans = [*_removals(rows), *_corruptions(rows, seed)]
    found: list[Condition] = []
    clean: dict[str, tuple[list[Row], dict[str, CategoryFigures]]] = {}
    for number, plan in enumerate(plans, start=1):
        if plan.of not in clean:
            chosen = _choose(plan.rows, max_rows, seed)
            figures = _figures(model, chosen, thresholds)
            clean[plan.of] = chosen, figures
            found.append(Condition("as they are", plan.of, len(chosen), figures, 0.0, 0.0))
        chosen, before = clean[plan.of]
        after = _figures(model, chosen, thresholds, remove=plan.remove, change=plan.change)
        found.append(_condition(plan, len(chosen), before, after))
        on_progress(number / len(plans))
    return found


def without(row: Row, *removed: Modality) -> Row:
    """The post with modalities taken away, which must leave one."""
    gone: dict[str, Any] = {modality.value: None for modality in removed}
    return dataclasses.replace(row, **gone)


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    of: str
    rows: list[Row]
    remove: Modality | None = None
    change: Change | None = None


def _removals(rows: Sequence[Row]) -> Iterator[_Plan]:
    groups: dict[tuple[Modality, ...], list[Row]] = {}
    for row in rows:
        if len(row.modalities) > 1:
            groups.setdefault(row.modalities, []).append(row)
    for modalities, members in sorted(groups.items()):
        for modality in modalities:
            yield _Plan(f"without {modality}", "+".join(modalities), members, remove=modality)


def _corruptions(rows: Sequence[Row], seed: int) -> Iterator[_Plan]:
    for modality in MODALITIES:
        members = [row for row in rows if modality in row.modalities]
        if members:
            for corruption in CORRUPTIONS:
                if corruption.modality is modality:
                    draw = random.Random(seed)  # noqa: S311 - noise that a seed must repeat, nothing secret
                    change = partial(_corrupt, corruption, draw)
                    yield _Plan(corruption.name, modality.value, members, change=change)


def _corrupt(corruption: Corruption, draw: random.Random, post: Sample) -> Sample:
    name = corruption.modality.value
    piece = corruption.apply(getattr(post, name), corruption.strength, draw)
    return dataclasses.replace(post, **{name: piece})


def _choose(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    return [rows[place] for place in sorted(order)]


def _figures(
    model: Classifier,
    rows: Sequence[Row],
    thresholds: Thresholds,
    *,
    remove: Modality | None = None,
    change: Change | None = None,
) -> dict[str, CategoryFigures]:
    posts = [without(row, remove) for row in rows] if remove else rows
    scores = predict(model, posts, change=change)
    found = measure(Scored.of(rows, scores, model.categories), thresholds)
    return {**found.categories, **found.averages}


def _condition(
    plan: _Plan, rows: int, before: dict[str, CategoryFigures], after: dict[str, CategoryFigures]
) -> Condition:
    def drop(figure: str) -> float | None:
        was, is_now = (getattr(side.get(MACRO), figure, None) for side in (before, after))
        return None if was is None or is_now is None else round(was - is_now, SIGNIFICANT_DIGITS)

    return Condition(plan.name, plan.of, rows, after, drop("f1"), drop("auroc"))
