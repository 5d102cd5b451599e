"""Whisper: what is said in a sound, by a model that the user brings.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from moderation.media import SAMPLE_RATE_HZ, Samples
from moderation.reading.errors import ReaderUnavailableError

WINDOW_SECONDS: Final = 30
"""What Whisper hears at once, by its construction."""

MAX_TOKENS: Final = 224
"""Written for one window: half of Whisper's context, as in the paper; fast speech needs 150."""

SILENCE: Final = 1e-3
"""Root mean square, -1..1 (-60 dB). Below it there is no speech, and Whisper would make some up."""


class WhisperTranscriber:
    """Transcribes with a Whisper model of ``transformers``; no network.

    Args:
        folder: with the model's configuration, weights, tokenizer and feature extractor.
        device: where it computes, ``cpu`` or ``cuda:N``.

    Raises:
        ReaderUnavailableError: the folder holds no such model.
    """

    def __init__(self, folder: str | Path, device: torch.device | str = "cpu") -> None:
        from transformers import WhisperForConditionalGeneration, WhisperProcessor

        path = Path(folder)
        if not (path / "config.json").exists():
            raise ReaderUnavailableError(
                f"{path} holds no Whisper model (no config.json); name a folder that "
                "save_pretrained wrote, with its processor"
            )
        try:
            self._processor: Any = WhisperProcessor.from_pretrained(path, local_files_only=True)
            model: Any = WhisperForConditionalGeneration.from_pretrained(
                path, local_files_only=True
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ReaderUnavailableError(
                f"{path} cannot be loaded as a Whisper model with its processor: {error}"
            ) from error
        model.generation_config.max_length = None
        model.generation_config.max_new_tokens = MAX_TOKENS
        self._model: Any = model.to(device).eval()
        self._name = f"whisper {path.resolve().name}"
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The model's folder."""
        return self._name

    def transcribe(self, samples: Samples) -> str:
        """The words in a sound, its windows joined by a space.

        Args:
            samples: float32, mono, 16 kHz, shape = (samples,).
        """
        step = WINDOW_SECONDS * SAMPLE_RATE_HZ
        windows = [samples[at : at + step] for at in range(0, len(samples), step)]
        heard = [window for window in windows if float(np.sqrt(np.mean(window**2))) >= SILENCE]
        return " ".join(self._transcribe(heard)) if heard else ""

    def _transcribe(self, windows: list[Samples]) -> list[str]:
        prepared = self._processor.feature_extractor(
            windows, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt"
        )
        features = prepared.input_features.to(self._model.device)
        # One at a time: a generation uses every core, and on a GPU the classifier wants memory.
        with self._lock, torch.inference_mode():
            written = self._model.generate(features)
        texts = self._processor.batch_decode(written, skip_special_tokens=True)
        return [text.strip() for text in texts if text.strip()]
