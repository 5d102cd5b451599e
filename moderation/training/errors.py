"""What can go wrong in training; unreadable manifests raise the evaluation's ``ManifestError``.

TrainingError
└── SpeechError     speech cannot be synthesised
"""

from __future__ import annotations


class TrainingError(Exception):
    """Anything that stops a training run."""


class SpeechError(TrainingError):
    """The speech synthesiser is missing or failed."""
