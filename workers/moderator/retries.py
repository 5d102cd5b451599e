"""Putting posts off: what they need is away for a while, and others need not wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Final

from moderation.media import DecodedPost
from schemas import NotScannedReason, Retry
from workers.moderator.answers import Answer
from workers.moderator.records import Record
from workers.moderator.rules_stage import Clock

LONGEST_RETRY_SECONDS: Final = 60.0
"""Between two attempts: an object store that restarts is back by then, and a post should not wait
much longer for its verdict than it takes to notice."""

TRANSIENT: Final = (OSError, TimeoutError)
"""What a store, a network or a disk that is away raises; anything else is the post's own fault."""

MEDIA_AWAY: Final = "media_unreachable"
STAGE_FAILED: Final = "stage_failed"
"""Reasons, which are also labels of a metric."""


@dataclass(frozen=True, slots=True)
class Retries:
    """Whether and when a post is tried again.

    Args:
        attempts: that may be put off; 0 for none.
        first_seconds: pause after the first failure; it doubles with each.
        clock: the time.
    """

    attempts: int
    first_seconds: float
    clock: Clock

    def put_off(self, record: Record, reason: str) -> Answer | None:
        """The answer that tries the post again later; None when it was tried often enough."""
        failed = 1 if record.retry is None else record.retry.attempt + 1
        if failed > self.attempts:
            return None
        pause = min(self.first_seconds * 2 ** (failed - 1), LONGEST_RETRY_SECONDS)
        origin = record.origin
        retry = Retry(
            attempt=failed,
            due_at=self.clock() + timedelta(seconds=pause),
            reason=reason,
            topic=origin.topic,
            partition=origin.partition,
            offset=origin.offset,
            timestamp=record.timestamp.astimezone(UTC),
        )
        return Answer(record, retry)


def media_are_away(decoded: DecodedPost) -> bool:
    """Whether a medium's host or store did not answer; one that is not there will not come."""
    return any(missed.reason is NotScannedReason.UNREACHABLE for missed in decoded.not_scanned)


def failed_for_now(error: Exception) -> bool:
    """Whether the same post may well succeed later."""
    return isinstance(error, TRANSIENT)
