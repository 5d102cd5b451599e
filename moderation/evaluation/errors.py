"""What can go wrong with labelled data.

EvaluationError
└── ManifestError   a manifest, or a media file that it names, cannot be read
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Anything that stops a measurement."""


class ManifestError(EvaluationError):
    """A manifest or a file of it cannot be read; the message names file and line."""
