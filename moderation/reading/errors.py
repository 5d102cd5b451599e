"""What keeps words in pictures and sounds from being read.

::

    ReadingError
    └── ReaderUnavailableError   what the reader needs is not installed, or no folder of a model
"""

from __future__ import annotations


class ReadingError(Exception):
    """Base of every error of this package; also: the reader failed on one picture or sound."""


class ReaderUnavailableError(ReadingError):
    """What the reader needs is not there. The message says how to get it."""
