"""What keeps a scorer from working, as one tree of exceptions.

What keeps one post from being scored is not raised: it is in ``PostScores.not_scanned``.

::

    InferenceError
    ├── DeviceError      the device asked for is not there
    ├── WarmUpError      the model cannot score even a plain post
    └── NotFiniteError   the model answered something that is no number; isolated to its post
"""

from __future__ import annotations


class InferenceError(Exception):
    """Base of every error of this package."""


class DeviceError(InferenceError):
    """The device asked for is not there."""


class WarmUpError(InferenceError):
    """The model cannot score even a plain post."""


class NotFiniteError(InferenceError):
    """The model answered NaN or infinity, which every comparison would take for harmless."""
