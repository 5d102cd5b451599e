"""The audio stage: labels, and beside them what is spoken and what the sound is of.

Few sounds have labels of harm. The two auxiliary losses make the encoder hear words and events, so
that it needs few labels.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from moderation.model import Classifier, LetterHead, ModelInputs
from moderation.training.augment_audio import SpectrumMasking
from moderation.training.batch import BatchMaker
from moderation.training.ctc import letter_loss, spell
from moderation.training.dev_figure import DevFigure
from moderation.training.device import mixed_precision
from moderation.training.encoder_stage import HeadLearner
from moderation.training.examples import Examples
from moderation.training.loss import masked_bce

SPEECH: Final = "speech"  # the event of a sound in which someone talks
NO_EVENT: Final = -100  # target of a sound without a name; torch's cross-entropy leaves it out


@dataclass(frozen=True, slots=True)
class Heard:
    """A batch of sounds.

    Attributes:
        inputs: of the model.
        target: labels, shape = (sounds, categories).
        spelt: letters of each sound, as :func:`~moderation.training.ctc.spell` gives them.
        events: number of each sound's event or :data:`NO_EVENT`, int64, shape = (sounds,).
    """

    inputs: ModelInputs
    target: Tensor
    spelt: list[list[int] | None]
    events: Tensor


class AudioLearner(HeadLearner[Heard]):
    """An audio encoder with three heads: labels, letters, events.

    Args:
        model: whose encoder is taught, in place.
        train: what it learns from.
        dev: what it is measured on.
        make_batch: of either.
        batch_cost: padded seconds in a batch.
        ctc_weight: of the loss on letters.
        event_weight: of the loss on events.
    """

    def __init__(
        self,
        model: Classifier,
        train: Examples,
        dev: Examples,
        *,
        make_batch: BatchMaker,
        batch_cost: float,
        ctc_weight: float,
        event_weight: float,
    ) -> None:
        super().__init__(model, train, dev, make_batch=make_batch, batch_cost=batch_cost)
        self.ctc_weight, self.event_weight = ctc_weight, event_weight
        width = model.embedding_width(train.modality)
        self.spelt = [
            spell(said, spoken=bool(row.transcript) or row.event in {"", SPEECH})
            for said, row in zip(train.transcripts, train.rows, strict=True)
        ]
        self.event_names = sorted({row.event for row in train.rows if row.event})
        self.event_numbers = event_numbers(train, self.event_names)
        # An encoder that does not spell learns from letters all the same.
        own = None if self.encoder.letters is not None else LetterHead(width).to(model.device)
        self.own_letters = own
        self.events = nn.Linear(width, max(1, len(self.event_names))).to(model.device)
        self.masking = SpectrumMasking(model.config.audio.mels)

    def describe(self) -> str:
        """Rows, and how many have letters and events."""
        spoken = sum(letters is not None for letters in self.spelt)
        named = int((self.event_numbers != NO_EVENT).sum())
        return f"{super().describe()}, {spoken} spelt out, {named} with an event"

    def new_parameters(self) -> Iterable[nn.Parameter]:
        """Those of the heads."""
        heads = (self.head, self.letters, self.events)
        return chain.from_iterable(head.parameters() for head in heads)

    @property
    def letters(self) -> nn.Module:
        """The encoder's own letter head, or one for the time of the training."""
        return self.own_letters or cast("nn.Module", self.encoder.letters)

    def prepare(self, rows: list[int], draw: random.Random) -> Heard:
        """Changed sounds with all that is known of them."""
        return Heard(
            self.make_batch(self.data, rows, draw),
            self.data.target[rows],
            [self.spelt[row] for row in rows],
            self.event_numbers[rows],
        )

    def forward(self, batch: Heard) -> Mapping[str, Tensor]:
        """The three losses, weighted."""
        device = self.model.device
        inputs, target = batch.inputs.to(device), batch.target.to(device)
        events = batch.events.to(device)
        encoder = self.model.audio_encoder
        with mixed_precision(device):
            with self._masking_of(encoder):
                frames, lengths = encoder.frames(inputs.audio, inputs.audio_lengths)
            vectors = encoder.pooled(frames, lengths)
            labels, named = self.head(vectors), self.events(vectors).float()
            letters = self.letters(frames)
        known = (events != NO_EVENT).sum().clamp(min=1)
        naming = functional.cross_entropy(named, events, ignore_index=NO_EVENT, reduction="sum")
        return {
            "labels": masked_bce(labels, target, positive_weight=self.weight),
            "letters": self.ctc_weight * letter_loss(letters, lengths, batch.spelt),
            "events": self.event_weight * naming / known,
        }

    def judge(self, vectors: Tensor) -> DevFigure:
        """AUROC of the labels; beside it the share of events named rightly."""
        figure = super().judge(vectors)
        events = event_numbers(self.dev, self.event_names)
        named = events != NO_EVENT
        if not bool(named.any()):
            return figure
        best = self.events(vectors.to(self.model.device)).argmax(dim=-1).cpu()
        right = (best[named] == events[named]).float().mean().item()
        return DevFigure(figure.pairs, {"events named": right})

    def _masking_of(self, encoder: nn.Module) -> AbstractContextManager[object]:
        """Masks the spectrum within the block, where the encoder makes one of its own."""
        mel = getattr(encoder, "mel", None)
        if isinstance(mel, nn.Module):
            return mel.register_forward_hook(self._masked)
        return nullcontext()

    def _masked(self, _module: nn.Module, _inputs: tuple[Tensor], power: Tensor) -> Tensor:
        masked: Tensor = self.masking(power)
        return masked


def event_numbers(examples: Examples, names: list[str]) -> Tensor:
    """The place of each row's event among the names, int64, shape = (rows,)."""
    places = {name: place for place, name in enumerate(names)}
    return torch.tensor(
        [places.get(row.event, NO_EVENT) for row in examples.rows], dtype=torch.int64
    )
