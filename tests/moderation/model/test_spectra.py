"""Log-mel spectra, against the extractors that the pretrained encoders were trained with."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchaudio.compliance.kaldi import fbank
from transformers import WhisperFeatureExtractor

from moderation.model import SAMPLE_RATE
from moderation.model.spectra import (
    KaldiMel,
    kaldi_frames,
    kaldi_log_mel,
    whisper_log_mel,
    whisper_mel,
)

SOUND = np.random.default_rng(3).uniform(-0.5, 0.5, SAMPLE_RATE * 3 // 4).astype(np.float32)
TONE = np.sin(np.arange(SAMPLE_RATE // 2) * 0.3).astype(np.float32)


@pytest.mark.parametrize("sound", [SOUND, TONE], ids=["noise", "tone"])
def test_whisper_hears_what_its_own_extractor_gives(sound: np.ndarray) -> None:
    extractor = WhisperFeatureExtractor(feature_size=80, chunk_length=1)
    expected = extractor(sound, sampling_rate=SAMPLE_RATE, return_tensors="pt").input_features
    padded = torch.zeros(1, SAMPLE_RATE)
    padded[0, : len(sound)] = torch.from_numpy(sound)
    found = whisper_log_mel(whisper_mel(80)(padded))
    assert found.shape == expected.shape == (1, 80, 100)
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=1e-3)


def test_kaldi_spectra_of_a_batch_are_those_of_each_sound() -> None:
    sounds = torch.stack([torch.from_numpy(sound[: len(TONE)]) for sound in (SOUND, TONE)])
    found = kaldi_log_mel(KaldiMel(64)(sounds))
    for sound, spectra in zip(sounds, found, strict=True):
        expected = fbank(
            sound[None], sample_frequency=SAMPLE_RATE, window_type="hanning", num_mel_bins=64
        )
        torch.testing.assert_close(spectra.T, expected, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("samples", [400, 559, 560, 16_000])
def test_kaldi_frames_are_as_many_as_fit_wholly(samples: int) -> None:
    assert int(kaldi_frames(torch.tensor(samples))) == KaldiMel(8)(torch.ones(1, samples)).shape[2]
