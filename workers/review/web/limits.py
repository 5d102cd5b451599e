"""How often one may ask: a token bucket for each login, and for each address that logs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workers.review.clock import Clock
from workers.review.errors import TooManyRequestsError

MINUTE_SECONDS: Final = 60.0
MOST_BUCKETS: Final = 10_000
"""Kept at once; full ones are forgotten first, for they hold nothing against anybody."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


class RateLimit:
    """Lets each key through so many times a minute, all at once or spread out.

    It counts in this process alone: with several replicas a key gets as much from each.

    Args:
        clock: the time, by which buckets fill up.
        per_minute: how often a key may ask.
    """

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str) -> None:
        """Count one request.

        Raises:
            TooManyRequestsError: the key has asked too often.
        """
        now = self._clock()
        if len(self._buckets) >= MOST_BUCKETS:
            self._forget_full(now)
        bucket = self._buckets.setdefault(key, _Bucket(float(self._per_minute), now))
        bucket.left, bucket.at = self._left(bucket, now), now
        if bucket.left < 1:
            seconds = int((1 - bucket.left) * MINUTE_SECONDS / self._per_minute) + 1
            raise TooManyRequestsError(
                f"Too many requests: {self._per_minute} a minute are allowed. Wait {seconds} s and "
                f"try again.",
                seconds,
            )
        bucket.left -= 1

    def _left(self, bucket: _Bucket, now: datetime) -> float:
        waited = max(0.0, (now - bucket.at).total_seconds())
        filled = bucket.left + waited * self._per_minute / MINUTE_SECONDS
        return min(float(self._per_minute), filled)

    def _forget_full(self, now: datetime) -> None:
        full = [key for key, b in self._buckets.items() if self._left(b, now) >= self._per_minute]
        # Under a flood from everywhere none is full: then the oldest go.
        for key in full or list(self._buckets)[: MOST_BUCKETS // 2]:
            del self._buckets[key]
