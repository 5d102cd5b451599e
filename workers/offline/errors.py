"""What stops an offline command, or sets one row aside.

::

    OfflineError
    ├── InputError   the input or output file cannot be used
    └── RowError     one row says nothing that can be scored; the others are
"""

from __future__ import annotations


class OfflineError(Exception):
    """Base of every error of this package."""


class InputError(OfflineError):
    """The input or output file cannot be used."""


class RowError(OfflineError):
    """One row cannot be read. The message names fields and what was expected."""
