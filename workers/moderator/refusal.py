"""Why something else judges than what was asked for last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of a policy that was offered, or of models that were asked for."""

    source: str
    """Where it came from, for people."""
    reason: str
    at: datetime
