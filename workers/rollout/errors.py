"""What a roll-out cannot do."""

from __future__ import annotations


class RolloutError(Exception):
    """What is asked for makes no sense as things stand; the message says what to do instead."""
