"""What is said about one record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from schemas import DeadLetter, ErrorClass, Retry
from workers.moderator.judge import Judgement
from workers.moderator.records import Record, dead_letter


@dataclass(frozen=True, slots=True)
class Answer:
    """A judgement, that the record was set aside, or that it is tried again later."""

    record: Record
    outcome: Judgement | DeadLetter | Retry

    def set_aside(self, error_class: ErrorClass, reason: str, now: datetime) -> Answer:
        """The dead letter that takes this answer's place."""
        return replace(self, outcome=dead_letter(self.record, error_class, reason, now))
