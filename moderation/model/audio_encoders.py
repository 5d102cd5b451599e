"""Audio encoders over log-mel spectra and 1-D convolutions."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, TypeVar

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional

from moderation.model.audio_encoder import AudioEncoder, first_true
from moderation.model.config import SAMPLE_RATE, AudioConfig, AudioKind
from moderation.model.layers import POSITION_SPREAD, BidirectionalGru, transformer
from moderation.model.letters import LetterHead
from moderation.model.pretrained_audio import build_pretrained_audio

LOG_FLOOR = 1e-6  # power below which sound counts as silence; keeps the logarithm finite

Frames = TypeVar("Frames", int, Tensor)


class ConvolvedAudioEncoder(AudioEncoder):
    """Log-mel spectra (10 ms) and two convolutions that leave a frame every 40 ms."""

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.width = config.width
        self.hop = config.hop
        self.mel = torchaudio.transforms.MelSpectrogram(
            SAMPLE_RATE,
            n_fft=config.window,
            hop_length=config.hop,
            n_mels=config.mels,
            pad_mode="constant",  # beyond its end a sound is silent, whether padded or not
        )
        self.first = nn.Conv1d(config.mels, config.width, 5, stride=2, padding=2)
        self.second = nn.Conv1d(config.width, config.width, 5, stride=2, padding=2)

    def convolved(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Frames before anything relates them to one another, as :meth:`frames` gives them.

        Spectra beyond a sound's own length are set to zero before each convolution, so that a sound
        is encoded alike alone and among longer ones.
        """
        spectra = lengths // self.hop + 1
        hidden = self.log_mel(waveforms)  # (sounds, mels, spectra)
        hidden = functional.gelu(self.first(_silenced(hidden, spectra)))
        hidden = functional.gelu(self.second(_silenced(hidden, _halved(spectra))))
        return hidden.transpose(1, 2), _halved(_halved(spectra))

    def log_mel(self, waveforms: Tensor) -> Tensor:
        """Log-mel spectrum with the loudness taken out, shape = (sounds, mels, frames)."""
        with torch.autocast(waveforms.device.type, enabled=False):
            log_power = torch.log(self.mel(waveforms.float()) + LOG_FLOOR)
        level = log_power.amax(dim=(1, 2), keepdim=True)
        # The loudest point becomes 1 and what is 80 dB below it (18.4 nepers of power) about -1.
        return (log_power - level).clamp(min=-18.4) / 9.2 + 1


class ConvTransformerEncoder(ConvolvedAudioEncoder):
    """Frames that attend to one another."""

    def __init__(self, config: AudioConfig) -> None:
        super().__init__(config)
        longest = _halved(_halved(config.max_samples // config.hop + 1))
        self.positions = nn.Parameter(torch.randn(longest, config.width) * POSITION_SPREAD)
        self.transformer = transformer(
            config.width, config.layers, config.heads, config.feed_forward, config.dropout
        )

    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """See the base class."""
        hidden, frame_lengths = self.convolved(waveforms, lengths)
        hidden = hidden + self.positions[: hidden.shape[1]]
        padding = ~first_true(hidden.shape[1], frame_lengths)
        return self.transformer(hidden, src_key_padding_mask=padding), frame_lengths


class RecurrentAudioEncoder(ConvolvedAudioEncoder):
    """Frames read from both ends: the baseline from before transformers."""

    def __init__(self, config: AudioConfig) -> None:
        super().__init__(config)
        self.recurrence = BidirectionalGru(config.width, config.layers, config.dropout)

    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """See the base class."""
        hidden, frame_lengths = self.convolved(waveforms, lengths)
        return self.recurrence(hidden, frame_lengths), frame_lengths


def _silenced(hidden: Tensor, frames: Tensor) -> Tensor:
    """Zero beyond the first frames of (sounds, channels, all frames)."""
    return hidden * first_true(hidden.shape[2], frames).unsqueeze(1)


def _halved(frames: Frames) -> Frames:
    """Frames that a convolution of stride two leaves."""
    return (frames + 1) // 2


_KINDS: Final = MappingProxyType[AudioKind, Callable[[AudioConfig], AudioEncoder]](
    {
        "conv_transformer": ConvTransformerEncoder,
        "recurrent": RecurrentAudioEncoder,
        "pretrained": build_pretrained_audio,
    }
)


def build_audio_encoder(config: AudioConfig) -> AudioEncoder:
    """The encoder that the configuration describes, with fresh weights."""
    encoder = _KINDS[config.kind](config)
    if config.letters:
        encoder.letters = LetterHead(encoder.width)
    return encoder
