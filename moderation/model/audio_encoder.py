"""What all audio encoders have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from moderation.model.layers import masked_mean


class AudioEncoder(nn.Module, ABC):
    """Waveforms to frames over time, and their average.

    Attributes:
        width: of frames and vectors.
        mel: waveforms to power in mel bands, shape = (sounds, mels, spectra); what training masks.
    """

    width: int
    mel: nn.Module

    def forward(self, waveforms: Tensor, lengths: Tensor) -> Tensor:
        """Encode float32 (sounds, samples) of the given lengths into (sounds, width)."""
        hidden, frame_lengths = self.frames(waveforms, lengths)
        return masked_mean(hidden, first_true(hidden.shape[1], frame_lengths))

    @abstractmethod
    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """What is heard over time; for a loss over sequences such as CTC.

        A sound's real frames do not depend on what it is batched with.

        Args:
            waveforms: float32, shape = (sounds, samples).
            lengths: int64, shape = (sounds,): samples before the padding.

        Returns:
            Frames, shape = (sounds, frames, width), and how many of each sound's are real, int64,
            shape = (sounds,).
        """


def first_true(places: int, lengths: Tensor) -> Tensor:
    """True on the first `lengths` of so many places, shape = (rows, places)."""
    return torch.arange(places, device=lengths.device)[None, :] < lengths[:, None]
