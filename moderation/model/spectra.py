"""Log-mel spectra as the pretrained audio encoders saw them in training, on the device."""

from __future__ import annotations

from typing import Final

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional
from torchaudio.compliance.kaldi import get_mel_banks

from moderation.model.config import SAMPLE_RATE

WINDOW: Final = 400  # samples, 25 ms: one spectrum, for both
HOP: Final = 160  # samples, 10 ms: from one spectrum to the next, for both

WHISPER_FLOOR: Final = 1e-10  # of mel power, before the logarithm
WHISPER_RANGE: Final = 8.0  # decades below the loudest point that are kept

KALDI_FFT: Final = 512  # the next power of two over the window
KALDI_LOW_HZ: Final = 20.0
KALDI_PREEMPHASIS: Final = 0.97


def whisper_mel(mels: int) -> nn.Module:
    """Power in Slaney's mel bands, shape = (sounds, mels, 1 + samples // 160)."""
    mel: nn.Module = torchaudio.transforms.MelSpectrogram(
        SAMPLE_RATE, n_fft=WINDOW, hop_length=HOP, n_mels=mels, norm="slaney", mel_scale="slaney"
    )
    return mel


def whisper_log_mel(power: Tensor) -> Tensor:
    """Decades of power, cut eight below the loudest point and brought to about -1..1.

    Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022).

    Args:
        power: of :func:`whisper_mel`, shape = (sounds, mels, spectra).

    Returns:
        One spectrum less: the last one is centred on the very end.
    """
    decades = power[..., :-1].clamp(min=WHISPER_FLOOR).log10()
    loudest = decades.amax(dim=(1, 2), keepdim=True)
    return (torch.maximum(decades, loudest - WHISPER_RANGE) + 4) / 4


class KaldiMel(nn.Module):
    """Kaldi's filter banks, as the Audio Spectrogram Transformer uses them.

    The power of which ``torchaudio.compliance.kaldi.fbank``, with a Hann window and without dither,
    gives the logarithm for one sound; here for a batch.
    """

    filters: Tensor
    shape: Tensor

    def __init__(self, mels: int) -> None:
        super().__init__()
        banks, _ = get_mel_banks(
            mels, KALDI_FFT, float(SAMPLE_RATE), KALDI_LOW_HZ, SAMPLE_RATE / 2, 100.0, -500.0, 1.0
        )
        # The filters leave out the bin of the highest frequency, which then counts for nothing.
        self.register_buffer("filters", functional.pad(banks, (0, 1)), persistent=False)
        window = torch.hann_window(WINDOW, periodic=False)
        self.register_buffer("shape", window, persistent=False)

    def forward(self, waveforms: Tensor) -> Tensor:
        """Map float32 (sounds, samples) to (sounds, mels, 1 + (samples - 400) // 160)."""
        frames = waveforms.unfold(1, WINDOW, HOP)
        frames = frames - frames.mean(dim=-1, keepdim=True)
        before = torch.cat([frames[..., :1], frames[..., :-1]], dim=-1)
        shaped = (frames - KALDI_PREEMPHASIS * before) * self.shape
        power = torch.fft.rfft(shaped, n=KALDI_FFT).abs().square()
        bands: Tensor = self.filters @ power.transpose(1, 2)
        return bands


def kaldi_log_mel(power: Tensor) -> Tensor:
    """The logarithm of :class:`KaldiMel`, floored at the smallest step of float32."""
    return power.clamp(min=torch.finfo(torch.float32).eps).log()


def kaldi_frames(lengths: Tensor) -> Tensor:
    """Spectra that lie wholly within sounds of these lengths."""
    return (lengths - WINDOW).clamp(min=0) // HOP + 1
