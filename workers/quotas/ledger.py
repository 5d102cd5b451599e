"""Every bucket that a worker knows: what its rules take from, and what others told about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock

from rules import PolicyDocument, quotas_of
from schemas import QuotaRecord
from workers.quotas.bucket import SharedBucket, Standing, Terms
from workers.streams import get_logger

log = get_logger(__name__)


class SharedLedger:
    """The buckets of one worker. Threads may share it; every call answers from memory.

    Buckets outlive the policy that asks for them: a policy that comes later with the same quota
    finds its bucket as it was left.

    Args:
        worker: the name under which this worker tells what it took; unique to its start.
    """

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._buckets: dict[Terms, SharedBucket] = {}
        self._lock = Lock()
        self._share: float | None = None
        self._wake: Callable[[], object] = lambda: None
        self._woken = False
        self._told: dict[str, QuotaRecord] = {}
        """What this worker told last, by key."""

    def of(self, document: PolicyDocument) -> PolicyQuotas:
        """What an engine counts with that judges by this policy."""
        terms = {
            rule: Terms.of_quota(document.policy, rule, quota)
            for rule, quota in quotas_of(document).items()
        }
        with self._lock:
            return PolicyQuotas(self, {rule: self._bucket(one) for rule, one in terms.items()})

    def wake_by(self, wake: Callable[[], object]) -> None:
        """What to call, on the thread that takes, when the others should hear something at once."""
        self._wake = wake

    def stand_alone(self, share: float | None) -> None:
        """Use only a share (0..1) of every quota, since the others cannot be heard; or not."""
        self._share = share

    def take(self, bucket: SharedBucket, now: datetime) -> bool:
        """Take a token from a bucket of this ledger."""
        with self._lock:
            was_tripped = bucket.tripped
            taken = bucket.take(now, self._share)
            tripped = bucket.tripped and not was_tripped
            wake = bucket.is_urgent and not self._woken
            self._woken = self._woken or wake
        if tripped:
            _tell_tripped(bucket.terms, self.worker)
        if wake:
            self._wake()
        return taken

    def reset(self, bucket: Terms, by: str, now: datetime) -> None:
        """Open a bucket again, full.

        Raises:
            KeyError: nobody has told of this bucket.
        """
        with self._lock:
            self._buckets[bucket].reset(by, now)

    def learn(self, record: QuotaRecord) -> None:
        """Take in a record of the topic."""
        terms = Terms.of_record(record)
        with self._lock:
            bucket = self._bucket(terms)
            before = bucket.resets, bucket.tripped
            bucket.learn(record)
            after = bucket.resets, bucket.tripped
        if after == before:
            return
        if bucket.tripped:
            _tell_tripped(terms, record.by)
        else:
            log.info("the quota of %s was reset", terms.rule, by=record.by)

    def outgoing(self, now: datetime) -> list[QuotaRecord]:
        """What the topic has not heard yet; handed out once."""
        with self._lock:
            records = [record for one in self._buckets.values() for record in one.outgoing(now)]
            self._told.update((record.key, record) for record in records)
            self._woken = False
        return records

    def say_again(self, records: Iterable[QuotaRecord]) -> None:
        """Hand out once more what came from :meth:`outgoing`: it did not arrive."""
        with self._lock:
            for record in records:
                self._bucket(Terms.of_record(record)).say_again(state=record.worker is None)

    def lost(self, key: str) -> None:
        """Hand out once more what stood under this key, if it was ours: it is no longer there."""
        record = self._told.get(key)
        if record is not None:
            self.say_again([record])

    def expired(self, now: datetime) -> list[QuotaRecord]:
        """Records of the topic that count no more, to be deleted there; told once."""
        with self._lock:
            return [record for one in self._buckets.values() for record in one.expired(now)]

    def standings(self, now: datetime) -> list[Standing]:
        """Where every bucket stands, by policy and rule."""
        with self._lock:
            return [self._buckets[terms].standing(now) for terms in sorted(self._buckets, key=str)]

    def standings_of(self, buckets: Mapping[str, SharedBucket], now: datetime) -> list[Standing]:
        """Where some buckets of this ledger stand, by rule."""
        with self._lock:
            return [bucket.standing(now) for _, bucket in sorted(buckets.items())]

    def _bucket(self, terms: Terms) -> SharedBucket:
        bucket = self._buckets.get(terms)
        if bucket is None:
            bucket = self._buckets[terms] = SharedBucket(terms, self.worker)
        return bucket


class PolicyQuotas:
    """The quotas of one policy in a shared ledger; a :class:`rules.QuotaLedger`."""

    def __init__(self, ledger: SharedLedger, buckets: Mapping[str, SharedBucket]) -> None:
        self._ledger = ledger
        self._buckets = buckets

    def take(self, rule: str, now: datetime) -> bool:
        """Take a token; see :meth:`rules.QuotaLedger.take`.

        Raises:
            KeyError: the rule has no quota.
        """
        return self._ledger.take(self._buckets[rule], now)

    def standings(self, now: datetime) -> list[Standing]:
        """Where the policy's buckets stand, by rule."""
        return self._ledger.standings_of(self._buckets, now)


def _tell_tripped(terms: Terms, by: str | None) -> None:
    log.warning(
        "a quota is used up; what it would move goes to people until somebody resets it by "
        "`moderation rules reset %s`",
        terms.rule,
        policy=terms.policy,
        posts=terms.posts,
        per=str(terms.per),
        by=by,
    )
