"""How often rules may act by machine: a port, and token buckets for one process.

A bucket holds the ``posts`` of its quota as tokens. A token that was taken comes back once ``per``
has passed, so no stretch of that length sees more than the quota, the first one included. A bucket
that runs dry trips: it stays shut until a person resets it, however much time goes by, since a rule
that fires far more than its author thought is no better an hour later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Final, Protocol

from rules.engine.document import PolicyDocument
from rules.engine.effects import Quota
from rules.engine.slices import SliceCounts

ALL_REMOVALS: Final = "brakes.removal_quota"
"""Stands for all automatic removals in a ledger; no rule can have this name."""


class QuotaLedger(Protocol):
    """Counts what rules do against their quotas. Shared by all threads that judge."""

    def take(self, rule: str, now: datetime) -> bool:
        """Count one post; false when the quota is used up, or was before and nobody reset it.

        Called while a post is judged: it must answer at once, from memory.

        Args:
            rule: a rule's id, or :data:`ALL_REMOVALS`.
            now: the moment of the decision.
        """
        ...


class _Bucket:
    """The tokens of one quota."""

    def __init__(self, quota: Quota) -> None:
        self._posts = quota.posts
        self._taken = SliceCounts(quota.per)
        self.tripped = False

    def take(self, now: datetime) -> bool:
        where = self._taken.slice_of(now)
        self.tripped = self.tripped or self._taken.total(where) >= self._posts
        if not self.tripped:
            self._taken.add(where)
        return not self.tripped


class TokenBuckets:
    """A bucket for each quota, in memory."""

    def __init__(self, quotas: Mapping[str, Quota]) -> None:
        self._quotas = dict(quotas)
        self._buckets = {name: _Bucket(quota) for name, quota in quotas.items()}
        self._lock = Lock()

    def take(self, rule: str, now: datetime) -> bool:
        """Take a token; see :meth:`QuotaLedger.take`.

        Raises:
            KeyError: the rule has no quota.
        """
        with self._lock:
            return self._buckets[rule].take(now)

    @property
    def tripped(self) -> frozenset[str]:
        """What has run dry and waits for a person."""
        with self._lock:
            return frozenset(name for name, bucket in self._buckets.items() if bucket.tripped)

    def reset(self, rule: str) -> None:
        """Open the bucket again, full.

        Raises:
            KeyError: the rule has no quota.
        """
        with self._lock:
            self._buckets[rule] = _Bucket(self._quotas[rule])


class Unlimited:
    """A ledger in which nothing runs dry, for asking what would be."""

    def take(self, rule: str, now: datetime) -> bool:
        """Grant everything; see :meth:`QuotaLedger.take`."""
        del rule, now
        return True


def quotas_of(document: PolicyDocument) -> dict[str, Quota]:
    """Every quota of a policy by what it counts; rules that no brake holds back have none."""
    quotas: dict[str, Quota] = {
        rule.id: rule.quota
        for rule in document.rules
        if rule.quota is not None and rule.id not in document.brakes.exempt
    }
    if document.brakes.removal_quota is not None:
        quotas[ALL_REMOVALS] = document.brakes.removal_quota
    return quotas
