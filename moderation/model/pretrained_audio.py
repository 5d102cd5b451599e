"""Audio encoders of ``transformers``: Audio Spectrogram Transformer and the encoder of Whisper."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from moderation.model.architectures import fresh_encoder, read_config, width_of
from moderation.model.audio_encoder import AudioEncoder
from moderation.model.config import AudioConfig
from moderation.model.errors import require_known
from moderation.model.spectra import (
    HOP,
    KaldiMel,
    kaldi_frames,
    kaldi_log_mel,
    whisper_log_mel,
    whisper_mel,
)

WHISPER_STRIDE: Final = 2  # spectra a frame, by its second convolution
SPECTRA_A_SECOND: Final = 100


class WhisperAudioEncoder(AudioEncoder):
    """Whisper's encoder: a frame every 20 ms.

    It takes sounds of one length only, so each is padded with silence to the longest window, whose
    length decides how many of the learnt positions are used.
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        architecture: Any = read_config("audio", config.architecture)
        self.mel = whisper_mel(architecture.num_mel_bins)
        self.encoder: nn.Module = WhisperEncoder(architecture)
        self.width = width_of("audio", architecture)
        self.samples = architecture.max_source_positions * WHISPER_STRIDE * HOP

    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """See the base class."""
        with torch.autocast(waveforms.device.type, enabled=False):
            spectra = whisper_log_mel(self.mel(_of_length(waveforms.float(), self.samples)))
        hidden = self.encoder(spectra).last_hidden_state
        frame_samples = HOP * WHISPER_STRIDE
        real = (lengths + frame_samples - 1) // frame_samples
        return hidden, real.clamp(1, hidden.shape[1])


class SpectrogramTransformerEncoder(AudioEncoder):
    """Audio Spectrogram Transformer (Gong et al., 2021): a frame every 100 ms.

    A frame is the average of the patches, over the frequencies, at one time.
    """

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        architecture: Any = read_config("audio", config.architecture)
        self.mean, self.spread = config.mel_mean, config.mel_spread
        self.longest = architecture.max_length  # spectra
        self.patch, self.stride = architecture.patch_size, architecture.time_stride
        self.mel = KaldiMel(architecture.num_mel_bins)
        self.encoder = fresh_encoder("audio", config.architecture)
        self.width = width_of("audio", architecture)

    def frames(self, waveforms: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """See the base class."""
        real = kaldi_frames(lengths)
        with torch.autocast(waveforms.device.type, enabled=False):
            spectra = _of_length(kaldi_log_mel(self.mel(waveforms.float())), self.longest)
            places = torch.arange(self.longest, device=lengths.device)
            spectra = spectra * (places < real[:, None])[:, None, :]  # silence is 0, as in training
            normal = (spectra.transpose(1, 2) - self.mean) / (2 * self.spread)
        hidden = self.encoder(normal).last_hidden_state[:, 2:]  # without class and distillation
        times = (self.longest - self.patch) // self.stride + 1
        by_time = hidden.unflatten(1, (-1, times)).mean(dim=1)
        patches = (real - self.patch).clamp(min=0) // self.stride + 1
        return by_time, patches.clamp(max=times)


def _of_length(values: Tensor, length: int) -> Tensor:
    """Pad with zeros, or cut, the last dimension."""
    return functional.pad(values[..., :length], (0, max(0, length - values.shape[-1])))


AUDIO_FAMILIES: Final = MappingProxyType[str, Callable[[AudioConfig], AudioEncoder]](
    {
        "audio-spectrogram-transformer": SpectrogramTransformerEncoder,
        "whisper": WhisperAudioEncoder,
    }
)
"""By ``model_type``."""


def build_pretrained_audio(config: AudioConfig) -> AudioEncoder:
    """The encoder of that architecture, with fresh weights.

    Raises:
        ModelConfigError: it is of no family of :data:`AUDIO_FAMILIES`.
    """
    family = read_config("audio", config.architecture).model_type
    require_known("the model_type of audio.architecture", family, AUDIO_FAMILIES)
    return AUDIO_FAMILIES[family](config)
