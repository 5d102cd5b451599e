"""What is above the encoders, trained over their kept vectors and calibrated on the dev rows."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.architectures.lineup import Kinds
from bench.architectures.vectors import Vectors, encoded, load_encoder, vectors_of
from bench.architectures.work import Work, only
from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import Classifier, FusionConfig, ModelConfig
from moderation.training import choose_device
from moderation.training.calibrate import fit_calibration
from moderation.training.checkpoints import keep_finished
from moderation.training.contrast import find_pairs
from moderation.training.fusion_stage import FusionLearner, FusionParts, fuse_all
from moderation.training.run import FUSION, setting_of, taken_up
from moderation.training.seeding import seed_everything
from moderation.training.stage import run_stage
from schemas import Modality


@dataclass(frozen=True, slots=True)
class Fused:
    """A contender after training.

    Attributes:
        model: with its encoders, calibrated, in eval mode.
        dev: the rows that it was asked about.
        probabilities: its answers, shape = (rows, categories).
    """

    model: Classifier
    dev: Sequence[Row]
    probabilities: npt.NDArray[Any]


def fused_alone(work: Work, modality: Modality, kind: str) -> Fused:
    """One encoder by itself, under an adapter and heads."""
    rows = [only(row, modality) for row in work.rows if modality in row.modalities]
    return _fused(work, work.lineup.alone(modality, kind), {modality: kind}, rows)


def fused_together(work: Work, kinds: Kinds, fusion: FusionConfig) -> Fused:
    """Three encoders under a fusion."""
    return _fused(work, work.lineup.together(kinds, fusion), kinds, work.rows)


def _fused(work: Work, config: ModelConfig, kinds: Kinds, rows: Sequence[Row]) -> Fused:
    """Raises what :func:`~bench.architectures.vectors.vectors_of` does."""
    read = {modality: vectors_of(work, modality, kind) for modality, kind in kinds.items()}
    name = f"{config.name}-{config.fusion.kind}-{zlib.crc32(config.to_json().encode()):08x}"
    folder = work.folder / "fused" / name
    folder.mkdir(parents=True, exist_ok=True)
    run = work.run(config, folder, rows)
    model = _model(work, config)
    for modality, kind in kinds.items():
        load_encoder(work, model, modality, kind)
    model.to(choose_device(work.device))
    dev_rows = run.split(DEV)
    dev = encoded(model, dev_rows, DEV, read)
    setting, parts = setting_of(run, model, FUSION), FusionParts(model)
    if not taken_up(setting, parts):
        train_rows = run.split(TRAIN)
        train = encoded(model, train_rows, TRAIN, read)
        pairs = find_pairs(train, train_rows, _spoken(read)) if len(kinds) > 1 else ()
        seed_everything(run.recipe.seed, FUSION, "start")
        learner = FusionLearner.of(run.recipe, model, train, dev, dev_rows=dev_rows, pairs=pairs)
        run_stage(learner, run.recipe.fusion, setting)
        keep_finished(folder, FUSION, parts)
    logits = fuse_all(model, dev)
    model.calibration = fit_calibration(logits, dev.target)
    probabilities = model.calibrated(logits).numpy().astype(np.float64)
    return Fused(model.cpu().eval(), dev_rows, probabilities)


def _model(work: Work, config: ModelConfig) -> Classifier:
    tokenizer = work.tokenizer
    text = dataclasses.replace(config.text, vocab_size=tokenizer.vocab_size)
    seed_everything(work.budget.recipe.seed, "start")
    return Classifier(dataclasses.replace(config, text=text), tokenizer)


def _spoken(read: Mapping[Modality, Vectors]) -> Any:
    spoken = read[Modality.TEXT].spoken
    assert spoken is not None  # noqa: S101 - every text encoder has read the transcripts before
    return spoken


def parameters(model: Classifier, modality: Modality | None = None) -> int:
    """Of the whole model, or of the encoder of one modality."""
    part = model if modality is None else getattr(model, f"{modality.value}_encoder")
    return sum(weights.numel() for weights in part.parameters())
