"""One quota's bucket of tokens, shared by workers that tell each other what they took.

Nothing here depends on the order in which records arrive, nor on how often: counts by slice only
grow, and of two states the one with more resets counts, among equals the tripped one. So workers
that have read the same records agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Self

from rules import Quota, RuleQuota, SliceCounts
from schemas import QUOTA_SLICES, Action, QuotaRecord

CHUNK_PARTS: Final = 100
"""A worker that took a hundredth of the quota since it last told says so at once. It bounds how far
workers together overshoot without a record for every post."""


class Terms(NamedTuple):
    """A quota by all that its author wrote; other terms are another bucket."""

    policy: str
    rule: str
    posts: int
    per: timedelta
    outcome: Action | None

    @classmethod
    def of_quota(cls, policy: str, rule: str, quota: Quota) -> Self:
        """The terms of a policy's quota."""
        outcome = quota.outcome if isinstance(quota, RuleQuota) else None
        return cls(policy, rule, quota.posts, quota.per, outcome)

    @classmethod
    def of_record(cls, record: QuotaRecord) -> Self:
        """The terms that a record is about."""
        per = timedelta(seconds=record.per_seconds)
        return cls(record.policy, record.rule, record.posts, per, record.outcome)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a bucket stands, as far as one worker knows."""

    terms: Terms
    tripped: bool
    by: str | None
    """Who tripped or last reset it."""
    at: datetime | None
    """When that was."""
    resets: int
    used: int
    """Tokens that all workers took in the window."""
    by_worker: dict[str, int]
    """Tokens by worker, those that took none left out."""

    @property
    def left(self) -> int:
        """Tokens that may still be taken."""
        return 0 if self.tripped else max(0, self.terms.posts - self.used)


class SharedBucket:
    """What one worker knows of a bucket. For one thread.

    Args:
        terms: of the quota.
        worker: whose knowledge this is; unique to a start of a worker.
    """

    def __init__(self, terms: Terms, worker: str) -> None:
        self.terms = terms
        self.resets = 0
        self.tripped = False
        self._worker = worker
        self._by: str | None = None
        self._at: datetime | None = None
        self._all = SliceCounts(terms.per)
        self._own = SliceCounts(terms.per)
        self._others: dict[str, dict[int, int]] = {}
        self._last_use: dict[str, int] = {}
        """The newest slice in each worker's record, whatever resets came since."""
        self._announced = False
        self._state_due = False
        self._untold = 0

    def take(self, now: datetime, share: float | None = None) -> bool:
        """Take a token; a bucket that is empty trips.

        Args:
            now: the moment of the decision.
            share: the part of the quota that this worker may use while it cannot hear the others,
                0..1. Beyond it nothing is granted, yet nothing trips: the others may have used
                little.
        """
        if self.tripped:
            return False
        where = self._all.slice_of(now)
        if self._all.total(where) >= self.terms.posts:
            self._enter(self.resets, tripped=True, by=self._worker, at=now)
            self._state_due = True
            return False
        if share is not None and self._own.total(where) >= max(1, int(self.terms.posts * share)):
            return False
        self._all.add(where)
        self._own.add(where)
        self._untold += 1
        return True

    def reset(self, by: str, now: datetime) -> None:
        """Open the bucket again, full."""
        self._enter(self.resets + 1, tripped=False, by=by, at=now)
        self._state_due = True

    @property
    def is_urgent(self) -> bool:
        """Whether the others should hear at once what is new here."""
        return self._state_due or self._untold >= max(1, self.terms.posts // CHUNK_PARTS)

    def learn(self, record: QuotaRecord) -> None:
        """Take in a record about this bucket, of another worker, a person, or our own."""
        if record.worker is None:
            self._learn_state(record)
            return
        if record.used:
            newest = max(record.used)
            self._last_use[record.worker] = max(newest, self._last_use.get(record.worker, newest))
        if record.resets > self.resets:
            self._enter(record.resets, tripped=False, by=None, at=None)
        if record.resets == self.resets and record.worker != self._worker:
            self._learn_use(record.worker, record.used)

    def outgoing(self, now: datetime) -> Iterator[QuotaRecord]:
        """What the others have not heard yet; handed out once."""
        if self._state_due or not self._announced:
            self._state_due, self._announced = False, True
            yield self._record(tripped=self.tripped, by=self._by, at=self._at or now)
        if self._untold:
            self._untold = 0
            used = self._own.recent(self._own.slice_of(now))
            if used:
                yield self._record(worker=self._worker, used=used, at=now)

    def say_again(self, *, state: bool) -> None:
        """Hand the state, or this worker's use, out once more: the topic has it no more."""
        if state:
            self._state_due = True
        else:
            self._untold = max(1, self._untold)

    def expired(self, now: datetime) -> list[QuotaRecord]:
        """Workers' records on the topic that count no more; told once."""
        where = self._all.slice_of(now)
        first = where - QUOTA_SLICES
        self._all.recent(where)
        self._others = {
            worker: {slice_: count for slice_, count in used.items() if slice_ >= first}
            for worker, used in self._others.items()
            if self._last_use.get(worker, first) >= first
        }
        gone = [worker for worker, newest in self._last_use.items() if newest < first]
        for worker in gone:
            del self._last_use[worker]
        return [self._record(worker=worker, at=now) for worker in gone]

    def standing(self, now: datetime) -> Standing:
        """Where the bucket stands."""
        where = self._all.slice_of(now)
        first = where - QUOTA_SLICES
        by_worker = {
            worker: sum(count for slice_, count in used.items() if slice_ >= first)
            for worker, used in self._others.items()
        }
        by_worker[self._worker] = self._own.total(where)
        return Standing(
            terms=self.terms,
            tripped=self.tripped,
            by=self._by,
            at=self._at,
            resets=self.resets,
            used=self._all.total(where),
            by_worker={worker: used for worker, used in sorted(by_worker.items()) if used},
        )

    def _learn_state(self, record: QuotaRecord) -> None:
        self._announced = True
        known, told = (self.resets, self.tripped), (record.resets, record.tripped)
        if told > known:
            self._enter(record.resets, tripped=record.tripped, by=record.by, at=record.at)
        elif told < known:
            # Compaction would keep what is out of date, so it is put right.
            self._state_due = True

    def _learn_use(self, worker: str, used: dict[int, int]) -> None:
        known = self._others.setdefault(worker, {})
        for where, count in used.items():
            if count > known.get(where, 0):
                self._all.add(where, count - known.get(where, 0))
                known[where] = count

    def _enter(self, resets: int, *, tripped: bool, by: str | None, at: datetime | None) -> None:
        if resets > self.resets:
            self._all.clear()
            self._own.clear()
            self._others.clear()
            self._untold = 0
        self.resets, self.tripped, self._by, self._at = resets, tripped, by, at

    def _record(self, **fields: object) -> QuotaRecord:
        policy, rule, posts, per, outcome = self.terms
        return QuotaRecord.model_validate(
            {
                "policy": policy,
                "rule": rule,
                "posts": posts,
                "per_seconds": per.total_seconds(),
                "outcome": outcome,
                "resets": self.resets,
                **fields,
            }
        )
