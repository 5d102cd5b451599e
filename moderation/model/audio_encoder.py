"""What all audio encoders have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from moderation.model.errors import ModelError
from moderation.model.layers import masked_mean
from moderation.model.letters import transcribe


class AudioEncoder(nn.Module, ABC):
    """Waveforms to frames over time, and their average.

    Attributes:
        width: of frames and vectors.
        mel: waveforms to power in mel bands, shape = (sounds, mels, spectra); what training masks.
        letters: frames to the log-odds of letters; None for an encoder that does not spell.
    """

    width: int
    mel: nn.Module
    letters: nn.Module | None

    def __init__(self) -> None:
        super().__init__()
        self.letters = None

    def forward(self, waveforms: Tensor, lengths: Tensor) -> Tensor:
        """Encode float32 (sounds, samples) of the given lengths into (sounds, width)."""
        return self.pooled(*self.frames(waveforms, lengths))

    def pooled(self, frames: Tensor, lengths: Tensor) -> Tensor:
        """The mean of each sound's real frames, as :meth:`frames` gives them: (sounds, width)."""
        return masked_mean(frames, first_true(frames.shape[1], lengths))

    def heard(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, list[str]]:
        """Vectors as of :meth:`forward`, and what is said, spelt by ear.

        Returns:
            Shape = (sounds, width), and one transcript a sound; empty where nothing is said, and
            for an encoder that does not spell.
        """
        if self.letters is None:
            return self(waveforms, lengths), [""] * len(waveforms)
        vectors, scores, frames = self.spelt(waveforms, lengths)
        return vectors, transcripts(scores, frames)

    def spelt(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Vectors as of :meth:`forward`, and what :func:`transcripts` reads.

        Returns:
            Shape = (sounds, width); the log-odds of symbols, shape = (sounds, frames, symbols); and
            how many of each sound's frames are real, int64, shape = (sounds,).

        Raises:
            ModelError: the encoder does not spell.
        """
        if self.letters is None:
            raise ModelError("this audio encoder has no letters; see audio.letters of its config")
        frames, frame_lengths = self.frames(waveforms, lengths)
        return self.pooled(frames, frame_lengths), self.letters(frames), frame_lengths

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


def transcripts(scores: Tensor, frames: Tensor) -> list[str]:
    """What is said in each sound, spelt by ear, of what :meth:`AudioEncoder.spelt` gives."""
    real = zip(scores.cpu(), frames.tolist(), strict=True)
    return [transcribe(sound[:length]).strip() for sound, length in real]


def first_true(places: int, lengths: Tensor) -> Tensor:
    """True on the first `lengths` of so many places, shape = (rows, places)."""
    return torch.arange(places, device=lengths.device)[None, :] < lengths[:, None]
