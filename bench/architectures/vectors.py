"""What each trained encoder says about every drawn row, computed once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from bench.architectures.work import Work
from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import MODALITIES, Classifier
from moderation.training import TrainingError, train_encoders
from moderation.training.checkpoints import take_up_finished
from moderation.training.loss import targets
from moderation.training.mixing import Encoded
from moderation.training.run import encode_rows, encode_transcripts
from schemas import Modality

VECTORS_FILE: Final = "vectors.safetensors"


@dataclass(frozen=True, slots=True)
class Vectors:
    """Of one encoder.

    Attributes:
        split: of the rows that have its modality, by split, in their order; shape = (rows, width).
        spoken: of the transcripts of all training rows, zeros where there is none, shape =
            (training rows, width); None of an encoder of pictures or sounds.
    """

    split: Mapping[str, Tensor]
    spoken: Tensor | None


def vectors_of(work: Work, modality: Modality, kind: str) -> Vectors:
    """Train an encoder and let it read; or take up either.

    Raises:
        ManifestError: a media file is missing or broken.
        TrainingError: a split has no rows of the modality, or a checkpoint is of another model.
    """
    path = work.encoder_folder(modality, kind) / VECTORS_FILE
    if not path.is_file():
        run = work.encoder_run(modality, kind)
        model = train_encoders(run, [modality])
        found = {
            split: encode_rows(run, model, run.split(split)).vectors[modality]
            for split in (TRAIN, DEV)
        }
        if modality is Modality.TEXT:
            found["spoken"] = encode_transcripts(run, model, work.split(TRAIN))
        fresh = path.with_suffix(".new")
        save_file(found, fresh)
        fresh.replace(path)
    kept = load_file(path)
    return Vectors({split: kept[split] for split in (TRAIN, DEV)}, kept.get("spoken"))


def load_encoder(work: Work, model: Classifier, modality: Modality, kind: str) -> None:
    """Give a model the trained encoder.

    Raises:
        TrainingError: it is not trained yet, or of another model.
    """
    folder = work.encoder_folder(modality, kind)
    if take_up_finished(folder, modality.value, model.encoder_of(modality)) is None:
        raise TrainingError(f"{folder} holds no trained encoder; remove it to train it again")


def encoded(
    model: Classifier, rows: Sequence[Row], split: str, read: Mapping[Modality, Vectors]
) -> Encoded:
    """All rows of a split as the encoders of a model have read them.

    Args:
        model: whose widths and categories count.
        rows: of that split, all that have one of the modalities.
        split: its name.
        read: by modality; a modality without is absent from every row.
    """
    present = torch.tensor(
        [[m in read and m in row.modalities for m in MODALITIES] for row in rows]
    )
    full: dict[Modality, Tensor] = {}
    for place, modality in enumerate(MODALITIES):
        full[modality] = torch.zeros(len(rows), model.embedding_width(modality))
        if modality in read:
            full[modality][present[:, place]] = read[modality].split[split]
    return Encoded(full, present, targets([row.labels for row in rows], model.categories))
