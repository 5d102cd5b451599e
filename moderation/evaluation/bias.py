"""Does the model judge the same sentence differently for whom it names, or for how it is spoken?

Identity terms are exchanged in friendly and hostile sentences, as in Dixon et al., "Measuring and
Mitigating Unintended Bias in Text Classification" (2018); harmless sentences are said in several
dialects, after Sap et al., "The Risk of Racial Bias in Hate Speech Detection" (2019); and the same
sentences in each language. What is wished for is a small gap between the best and the worst slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import yaml
from numpy.typing import NDArray

from moderation.evaluation.manifest import Row
from moderation.evaluation.predict import predict
from moderation.evaluation.thresholds import DECISION_THRESHOLD
from moderation.model import Classifier

SENTENCES: Final = Path(__file__).with_name("bias.yaml")
CATEGORIES_AT_RISK: Final = ("hate", "toxicity")
"""The categories in which a mere mention or a dialect is known to be mistaken for harm."""

GAP_LIMIT: Final = 0.10
"""Between the false-positive rates of the best and the worst slice, from the threshold on at which
the default policy first acts: what we hold ourselves to."""

Axis = Literal["identity en", "identity zh", "dialect", "language"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One sentence.

    Attributes:
        axis: what is varied.
        slice: the group, dialect or language.
        harmful: whether it is meant to be flagged.
    """

    text: str
    lang: str
    axis: Axis
    slice: str
    harmful: bool


@dataclass(frozen=True, slots=True)
class BiasSlice:
    """How one group, dialect or language fares in one category.

    Attributes:
        mean_harmless: mean probability of the harmless sentences.
        false_positive_rate: share of these at or above the threshold.
        mean_harmful: mean probability of the harmful ones; None if there are none.
        recall: share of these at or above the threshold.
    """

    axis: Axis
    name: str
    category: str
    mean_harmless: float
    false_positive_rate: float
    mean_harmful: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class BiasReport:
    """All slices, and what separates them."""

    threshold: float
    slices: Sequence[BiasSlice]

    def gap(self, axis: Axis, category: str, figure: str = "false_positive_rate") -> float:
        """Largest less smallest value of a figure of :class:`BiasSlice` along one axis."""
        values = [
            value
            for part in self.slices
            if (part.axis, part.category) == (axis, category)
            and (value := getattr(part, figure)) is not None
        ]
        return max(values) - min(values) if values else 0.0

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What was varied, in order."""
        return tuple(dict.fromkeys(part.axis for part in self.slices))

    @property
    def categories(self) -> tuple[str, ...]:
        """What was measured, in order."""
        return tuple(dict.fromkeys(part.category for part in self.slices))

    @property
    def worst_gap(self) -> float:
        """Largest gap of false-positive rates over all axes and categories."""
        return max(self.gap(axis, name) for axis in self.axes for name in self.categories)


def probes() -> list[Probe]:
    """All sentences."""
    content = yaml.safe_load(SENTENCES.read_text("utf-8"))
    return [*_identities(content), *_dialects(content), *_translations(content)]


def measure_bias(
    model: Classifier,
    *,
    thresholds: Sequence[float] = (DECISION_THRESHOLD,),
    categories: Sequence[str] = CATEGORIES_AT_RISK,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> list[BiasReport]:
    """Score every sentence once, and report for each threshold.

    Args:
        model: in eval mode.
        thresholds: probabilities from which on a sentence counts as flagged.
        categories: of the model's, in which to look.
        on_progress: hears the share of sentences that are scored, 0..1.
    """
    asked = probes()
    rows = [Row(id=str(n), text=probe.text, lang=probe.lang) for n, probe in enumerate(asked)]
    scores = predict(model, rows, on_progress=on_progress)
    columns = {name: scores[:, model.categories.index(name)] for name in categories}
    return [BiasReport(each, list(_slices(asked, columns, each))) for each in thresholds]


def _slices(
    asked: Sequence[Probe], columns: Mapping[str, NDArray[np.float32]], threshold: float
) -> Iterator[BiasSlice]:
    members: dict[tuple[Axis, str], list[int]] = {}
    for place, probe in enumerate(asked):
        members.setdefault((probe.axis, probe.slice), []).append(place)
    for category, column in columns.items():
        for (axis, name), places in members.items():
            harmless = column[[at for at in places if not asked[at].harmful]]
            harmful = column[[at for at in places if asked[at].harmful]]
            yield BiasSlice(
                axis=axis,
                name=name,
                category=category,
                mean_harmless=float(harmless.mean()),
                false_positive_rate=float(np.mean(harmless >= threshold)),
                mean_harmful=float(harmful.mean()) if len(harmful) else None,
                recall=float(np.mean(harmful >= threshold)) if len(harmful) else None,
            )


def _identities(content: Mapping[str, Any]) -> Iterator[Probe]:
    axes: dict[str, Axis] = {"en": "identity en", "zh": "identity zh"}
    for lang, part in content["identities"].items():
        for group in (name for names in part["groups"].values() for name in names):
            for harmful, block in ((False, part["friendly"]), (True, part["hostile"])):
                for sentence in block.splitlines():
                    text = sentence.replace("{group}", group)
                    yield Probe(text[:1].upper() + text[1:], lang, axes[lang], group, harmful)


def _dialects(content: Mapping[str, Any]) -> Iterator[Probe]:
    for dialect, block in content["dialects"].items():
        for sentence in block.splitlines():
            yield Probe(sentence, "en", "dialect", dialect, harmful=False)


def _translations(content: Mapping[str, Any]) -> Iterator[Probe]:
    for lang, block in content["translations"].items():
        sentences = block.splitlines()
        harmless = len(sentences) - content["harmful_translations"]
        for place, sentence in enumerate(sentences):
            yield Probe(sentence, lang, "language", lang, harmful=place >= harmless)
