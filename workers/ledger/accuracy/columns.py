"""The audit sample as columns, which is what estimators work on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas import Action
from workers.ledger.accuracy.intervals import Floats, Mask
from workers.ledger.accuracy.records import AuditRow, Label, SampledVerdict, ShadowSeen
from workers.ledger.accuracy.weights import response_weights

Strings = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Columns:
    """A sample; ``reviewed`` rows come with the answer that holds."""

    verdicts: Sequence[SampledVerdict]
    """Every verdict that was drawn, shape = (n,)."""
    design: Floats
    """Inverse inclusion probabilities, shape = (n,)."""
    answered: Sequence[tuple[SampledVerdict, Label]]
    """Those with an answer, shape = (r,)."""
    weights: Floats
    """How many verdicts each answered one stands for, shape = (r,)."""
    shadows: Sequence[Mapping[str, ShadowSeen]]
    """What other models would have said of the drawn ones, by model, shape = (n,)."""
    answered_shadows: Sequence[Mapping[str, ShadowSeen]]
    """And of the answered ones, shape = (r,)."""

    @classmethod
    def of(cls, rows: Iterable[AuditRow]) -> Columns:
        """Lay rows out; the order of the rows does not matter."""
        drawn = sorted(
            ((row.verdict, row.label, row.shadows) for row in rows if row.verdict is not None),
            key=lambda one: one[0].verdict_id,
        )
        verdicts = [verdict for verdict, _, _ in drawn]
        probability = np.array([verdict.probability for verdict in verdicts], dtype=np.float64)
        return cls(
            verdicts=verdicts,
            design=1.0 / probability,
            answered=[(verdict, label) for verdict, label, _ in drawn if label is not None],
            weights=response_weights(
                probability,
                np.array([label is not None for _, label, _ in drawn], dtype=np.bool_),
                np.array([f"{one.stratum} {one.probability}" for one in verdicts], dtype=np.str_),
                np.array([one.action.value for one in verdicts], dtype=np.str_),
            ),
            shadows=[shadows for _, _, shadows in drawn],
            answered_shadows=[shadows for _, label, shadows in drawn if label is not None],
        )

    def flagged(self, category: str) -> Mask:
        """Answered verdicts in which the machine named the category, shape = (r,)."""
        return np.array([category in one.flagged for one, _ in self.answered], dtype=np.bool_)

    def found(self, category: str) -> Mask:
        """Answered verdicts in which the reviewer named the category, shape = (r,)."""
        return np.array([category in one.categories for _, one in self.answered], dtype=np.bool_)

    def acted(self) -> Mask:
        """Answered verdicts in which the machine did more than allow, shape = (r,)."""
        return np.array([is_act(one.action) for one, _ in self.answered], dtype=np.bool_)

    def model_acted(self) -> Mask:
        """Those in which the model alone would have, shape = (r,)."""
        return np.array([is_act(one.model_action) for one, _ in self.answered], dtype=np.bool_)

    def harmful(self) -> Mask:
        """Answered verdicts in which the reviewer found any harm, shape = (r,)."""
        return np.array([is_harm(one) for _, one in self.answered], dtype=np.bool_)

    @property
    def languages(self) -> Strings:
        """Of the answered verdicts, shape = (r,)."""
        return np.array([verdict.language for verdict, _ in self.answered], dtype=np.str_)


def scores_of(verdicts: Iterable[SampledVerdict], category: str) -> Floats:
    """The category's scores, NaN where it was not scored, shape = (n,)."""
    return np.array([one.scores.get(category, np.nan) for one in verdicts], dtype=np.float64)


def is_act(action: Action | None) -> bool:
    """Whether it is more than to allow."""
    return action not in {None, Action.ALLOW}


def is_harm(label: Label) -> bool:
    """Whether the reviewer found any harm."""
    return bool(label.categories) or label.action is not Action.ALLOW
