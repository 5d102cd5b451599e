"""Which fusion understands composed posts: small heads over the frozen encoders of one model.

Every contender sees the same cached embeddings and learns for the same number of steps. Two see one
modality only; they show that neither decides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, get_args

import numpy as np
import torch
from torch import Tensor, nn

from moderation.evaluation.compare import PairedTest, paired_test
from moderation.evaluation.crossmodal import COMPOSED, ComposedFold
from moderation.evaluation.manifest import Row, read_image
from moderation.model import MODALITIES, Classifier, Embeddings, Sample, collate
from moderation.model.config import FusionKind
from schemas import Modality

FUSIONS: Final[Sequence[FusionKind]] = get_args(FusionKind)
LATE: Final = "late"
SINGLE: Final[Mapping[str, Modality]] = MappingProxyType(
    {"text alone": Modality.IMAGE, "image alone": Modality.TEXT}
)
"""Contenders with one modality, and the one they do without; their fusion is ``concat``."""

COMPOSED_OF: Final = (Modality.TEXT, Modality.IMAGE)

ENCODING_BATCH: Final = 32
HEAD_BATCH: Final = 128
HEAD_STARTS: Final = 3
"""First weights from which every head is trained; a fold's accuracy is their mean, so that the
folds differ by their posts rather than by luck."""
HEAD_EPOCHS: Final = 16  # of 1,600 posts; accuracy on the test part has settled by then
HEAD_LEARNING_RATE: Final = 1e-3
HEAD_WEIGHT_DECAY: Final = 0.05
DECISION_LOGIT: Final = 0.0


@dataclass(frozen=True, slots=True)
class CrossmodalStudy:
    """Accuracy of each contender.

    Attributes:
        accuracy: one a fold, the mean over the starts, by contender: the fusions' names, ``text
            alone`` and ``image alone``.
    """

    accuracy: Mapping[str, Sequence[float]]

    def mean(self, contender: str) -> float:
        """Over the folds."""
        return float(np.mean(self.accuracy[contender]))

    def deviation(self, contender: str) -> float:
        """Standard deviation over the folds."""
        return float(np.std(self.accuracy[contender], ddof=1))

    @property
    def fused(self) -> str:
        """The best contender that brings the modalities together before it decides."""
        return max(self.accuracy.keys() - SINGLE.keys() - {LATE}, key=self.mean)

    @property
    def single(self) -> str:
        """The best contender that sees one modality."""
        return max(SINGLE, key=self.mean)

    def compared_with(self, contender: str) -> PairedTest:
        """The best fusion against another contender, fold by fold.

        Raises:
            MissingExtraError: scipy is not installed.
        """
        return paired_test(self.accuracy[contender], self.accuracy[self.fused])


def study_fusions(
    model: Classifier,
    folds: Sequence[ComposedFold],
    *,
    fusions: Sequence[FusionKind] = FUSIONS,
    seed: int = 0,
    starts: int = HEAD_STARTS,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> CrossmodalStudy:
    """Train and test every contender on every fold.

    Args:
        model: whose encoders are used, as they are, in eval mode.
        folds: composed posts.
        fusions: kinds to compare.
        seed: of the heads' first weights and of the order of posts.
        starts: first weights from which each head is trained; their accuracies are averaged.
        on_progress: hears the share of heads that are trained, 0..1.

    Raises:
        ManifestError: a picture is missing or broken.
    """
    cache = _EncodedPieces(model, [row for fold in folds for row in (*fold.train, *fold.test)])
    contenders: list[tuple[str, FusionKind, Modality | None]] = [
        (kind, kind, None) for kind in fusions
    ]
    contenders += [(name, "concat", missing) for name, missing in SINGLE.items()]
    accuracy: dict[str, list[float]] = {name: [] for name, _, _ in contenders}
    for place, (name, kind, missing) in enumerate(contenders):
        for number, fold in enumerate(folds):
            train, test = (cache.embeddings(rows, missing) for rows in (fold.train, fold.test))
            reached = []
            for start in range(starts):
                torch.manual_seed(seed + number + start * len(folds))
                head = _head(model, kind)
                _learn(head, train, _labels(fold.train))
                reached.append(_accuracy(head, test, _labels(fold.test)))
            accuracy[name].append(float(np.mean(reached)))
            on_progress((place + (number + 1) / len(folds)) / len(contenders))
    return CrossmodalStudy(accuracy)


class _EncodedPieces:
    """The encoders' vectors of every text and picture, computed once."""

    def __init__(self, model: Classifier, rows: Sequence[Row]) -> None:
        self.device = model.device
        self.vectors = {modality: _encoded(model, modality, rows) for modality in COMPOSED_OF}
        self.audio_width = model.embedding_width(Modality.AUDIO)

    def embeddings(self, rows: Sequence[Row], missing: Modality | None) -> Embeddings:
        vectors = {
            modality: torch.stack([known[_piece(row, modality)] for row in rows])
            for modality, known in self.vectors.items()
        }
        vectors[Modality.AUDIO] = torch.zeros(len(rows), self.audio_width, device=self.device)
        here = [modality in COMPOSED_OF and modality != missing for modality in MODALITIES]
        return Embeddings(vectors, torch.tensor(here, device=self.device).expand(len(rows), -1))


def _encoded(model: Classifier, modality: Modality, rows: Sequence[Row]) -> dict[str, Tensor]:
    pieces = sorted({_piece(row, modality) for row in rows})
    vectors: dict[str, Tensor] = {}
    for at in range(0, len(pieces), ENCODING_BATCH):
        part = pieces[at : at + ENCODING_BATCH]
        samples = [
            Sample(text=piece)
            if modality is Modality.TEXT
            else Sample(image=read_image(Path(piece)))
            for piece in part
        ]
        inputs = collate(samples, tokenizer=model.tokenizer, config=model.config)
        with torch.no_grad():
            encoded = model.encode_modality(inputs.to(model.device), modality).float()
        vectors |= dict(zip(part, encoded, strict=True))
    return vectors


def _piece(row: Row, modality: Modality) -> str:
    return str(getattr(row, modality.value))


def _head(model: Classifier, kind: FusionKind) -> Classifier:
    """A classifier of the same encoder widths with a fresh fusion and one category."""
    fusion = dataclasses.replace(model.config.fusion, kind=kind)
    config = dataclasses.replace(model.config, categories=(COMPOSED,), fusion=fusion)
    return Classifier(config, model.tokenizer).to(model.device)


def _learn(head: Classifier, embeddings: Embeddings, labels: Tensor) -> None:
    parameters = [weights for name, weights in head.named_parameters() if "_encoder." not in name]
    optimiser = torch.optim.AdamW(parameters, lr=HEAD_LEARNING_RATE, weight_decay=HEAD_WEIGHT_DECAY)
    head.train()
    for _ in range(HEAD_EPOCHS):
        for rows in torch.split(torch.randperm(len(labels), device=labels.device), HEAD_BATCH):
            batch = Embeddings(
                {name: vectors[rows] for name, vectors in embeddings.vectors.items()},
                embeddings.present[rows],
            )
            loss = nn.functional.binary_cross_entropy_with_logits(
                head.fuse(batch).logits[:, 0], labels[rows]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types; it returns nothing
            optimiser.step()
    head.eval()


def _accuracy(head: Classifier, embeddings: Embeddings, labels: Tensor) -> float:
    with torch.no_grad():
        decided = head.fuse(embeddings).logits[:, 0] > DECISION_LOGIT
    return float((decided == labels.bool()).float().mean())


def _labels(rows: Sequence[Row]) -> Tensor:
    return torch.tensor([float(row.labels[COMPOSED]) for row in rows])
