"""All contenders in turn, each kept as soon as it is measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bench.architectures.fused import Fused, fused_alone, fused_together, parameters
from bench.architectures.lineup import Kinds
from bench.architectures.measured import (
    COMPOSED_POSTS,
    DEV_AUROC,
    Entry,
    composed_figures,
    kept_entry,
    kept_json,
    probe_figures,
    rates,
    task_figures,
)
from bench.architectures.work import Work
from moderation.evaluation import Row
from moderation.evaluation.crossmodal import ComposedFold
from moderation.model import MODALITIES, FusionConfig
from schemas import Modality

FUSION_GROUP = "fusion"
PRESET_GROUP = "preset"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Attributes:
        work: the drawn rows and the contenders.
        rows: all of them, drawn or not, for the probe of sounds.
        folds: of composed posts; none leaves their column out.
    """

    work: Work
    rows: Sequence[Row]
    folds: Sequence[ComposedFold]

    def entries(self) -> Iterator[Entry]:
        """Encoders, fusions over the best of them, presets over their own.

        Raises:
            ManifestError: a media file is missing or broken.
            TrainingError: a split has no rows of a modality, or a checkpoint is of another model.
        """
        best: dict[Modality, str] = {}
        for modality, kinds in self.work.lineup.encoders.items():
            alone = []
            for kind in kinds:
                measure = partial(self.alone, modality, kind)
                alone.append(self._kept(modality.value, kind, measure))
                yield alone[-1]
            best[modality] = max(alone, key=lambda entry: entry.figures.get(DEV_AUROC, 0.0)).name
        for kind in self.work.lineup.fusions:
            fusion = dataclasses.replace(self.work.lineup.fusion, kind=kind)
            measure = partial(self.over_best, kind, best, fusion)
            yield self._kept(FUSION_GROUP, kind, measure)
        for name, config in self.work.lineup.presets.items():
            own = self.work.lineup.kinds_of(name)
            yield self._kept(PRESET_GROUP, name, partial(self.preset, name, own, config.fusion))

    def alone(self, modality: Modality, kind: str) -> Entry:
        """One encoder under an adapter and heads."""
        fused = fused_alone(self.work, modality, kind)
        figures = task_figures(fused, [modality])
        if modality is Modality.AUDIO:
            figures |= probe_figures(fused.model, self.rows)
        size = parameters(fused.model, modality)
        speed = rates(fused.model, fused.dev, [modality])
        return Entry(modality.value, kind, figures, size, speed)

    def over_best(self, name: str, best: Kinds, fusion: FusionConfig) -> Entry:
        """One fusion over the best encoders; the composed posts are learned for all at once."""
        fused = fused_together(self.work, best, fusion)
        kinds = self.work.lineup.fusions
        composed: dict[str, float] = kept_json(
            self.work.folder / "results" / "composed.json",
            lambda: composed_figures(fused.model, self.folds, kinds),
        )
        return _together(FUSION_GROUP, name, fused, composed)

    def preset(self, name: str, kinds: Kinds, fusion: FusionConfig) -> Entry:
        """One preset over the encoders of its kinds."""
        fused = fused_together(self.work, kinds, fusion)
        composed = composed_figures(fused.model, self.folds, [fusion.kind])
        return _together(PRESET_GROUP, name, fused, composed)

    def _kept(self, group: str, name: str, measure: partial[Entry]) -> Entry:
        return kept_entry(self.work.folder / "results" / f"{group}-{name}.json", measure)


def _together(group: str, name: str, fused: Fused, composed: dict[str, float]) -> Entry:
    figures = task_figures(fused, MODALITIES)
    kind = fused.model.config.fusion.kind
    if kind in composed:
        figures[COMPOSED_POSTS] = composed[kind]
    speed = rates(fused.model, fused.dev, MODALITIES)
    return Entry(group, name, figures, parameters(fused.model), speed)
