"""What can go wrong in planning."""

from __future__ import annotations


class PlanError(ValueError):
    """A load cannot be planned for; the message says why and what to change."""
