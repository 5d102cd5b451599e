"""What can go wrong with dead letters."""

from __future__ import annotations


class DeadLettersError(Exception):
    """A dead letter is not there, or cannot be sent again; the message says what to do."""
