"""A quota that several workers share, whatever order and number their records arrive in."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import QUOTA_SLICES, QuotaRecord
from tests.rules.making import NOW
from tests.workers.quotas.making import HOUR, Workers, document, hourly
from workers.quotas import SharedLedger, Standing, Terms

SLICE = HOUR / QUOTA_SLICES

Steps = list[tuple[str, int, int]]

steps = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "burst", "tell", "hear", "spread", "spread", "wait"]),
        st.integers(0, 3),
        st.integers(0, 1_000),
    ),
    max_size=60,
)
"""Each: what is done, by whom, and how much of it or to which record."""


class World:
    """Workers, the records that they have written, and who took what when."""

    def __init__(self, count: int, posts: int) -> None:
        self.workers = Workers(count, posts)
        self.now = NOW
        self.records: list[tuple[QuotaRecord, int, int]] = []
        """Each with its writer, and how many tokens that one had taken by then."""
        self.takes: list[tuple[int, datetime]] = []
        self.most_beyond_unheard = 0
        """Of all moments: tokens taken in the hour before, less what the taker had not heard of."""
        self._heard = [[0] * count for _ in range(count)]

    def run(self, steps: Steps) -> None:
        for what, who, number in steps:
            getattr(self, what)(who % len(self.workers.ledgers), number)

    def take(self, who: int, _: int) -> None:
        if not self.workers.quotas[who].take("flood", self.now):
            return
        self.takes.append((who, self.now))
        recent = sum(self.now - HOUR < moment for _, moment in self.takes)
        unheard = sum(
            self.taken(writer) - heard
            for writer, heard in enumerate(self._heard[who])
            if writer != who
        )
        self.most_beyond_unheard = max(self.most_beyond_unheard, recent - unheard)

    def tell(self, who: int, _: int) -> None:
        taken = self.taken(who)
        told = self.workers.ledgers[who].outgoing(self.now)
        self.records += [(record, who, taken) for record in told]

    def hear(self, who: int, number: int) -> None:
        """Any record that was ever written, in any order, as often as it comes."""
        if self.records:
            record, writer, taken = self.records[number % len(self.records)]
            self.workers.ledgers[who].learn(record)
            if record.worker is not None:
                self._heard[who][writer] = max(self._heard[who][writer], taken)

    def spread(self, who: int, _: int) -> None:
        """Everybody hears at once what one has to tell."""
        before = len(self.records)
        self.tell(who, 0)
        for number in range(before, len(self.records)):
            for reader in range(len(self.workers.ledgers)):
                self.hear(reader, number)

    def burst(self, who: int, number: int) -> None:
        """Several takes, each heard by everybody before the next."""
        for _ in range(number % 5):
            self.take(who, 0)
            self.spread(who, 0)

    def wait(self, _: int, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def taken(self, who: int) -> int:
        return sum(taker == who for taker, _ in self.takes)

    def tell_everybody(self, order: Iterable[int] = ()) -> None:
        for who in range(len(self.workers.ledgers)):
            self.tell(who, 0)
        everything = [*order, *range(len(self.records))]
        for who in range(len(self.workers.ledgers)):
            for number in everything:
                self.hear(who, number)

    def standings(self) -> list[Standing]:
        return [quotas.standings(self.now)[0] for quotas in self.workers.quotas]


@given(count=st.integers(2, 4), posts=st.integers(1, 10), steps=steps)
def test_no_window_sees_more_than_the_quota_and_what_was_not_heard_yet(
    count: int, posts: int, steps: Steps
) -> None:
    world = World(count, posts)
    world.run(steps)
    assert world.most_beyond_unheard <= posts


@given(count=st.integers(2, 4), posts=st.integers(1, 10), steps=steps, order=st.data())
def test_workers_that_have_heard_everything_agree_and_obey_a_trip(
    count: int, posts: int, steps: Steps, order: st.DataObject
) -> None:
    world = World(count, posts)
    world.run(steps)
    tripped = any(one.tripped for one in world.standings())
    world.tell_everybody(order.draw(st.lists(st.integers(0, 1_000), max_size=30)))

    standings = world.standings()

    assert len({(one.tripped, one.resets, one.used, one.left) for one in standings}) == 1
    assert standings[0].tripped is tripped
    if tripped:
        assert not any(quotas.take("flood", world.now) for quotas in world.workers.quotas)


@given(count=st.integers(2, 4), posts=st.integers(1, 10), before=steps, late=steps)
def test_a_reset_empties_every_bucket_and_nothing_older_counts_again(
    count: int, posts: int, before: Steps, late: Steps
) -> None:
    world = World(count, posts)
    world.run(before)
    world.tell_everybody()
    operator = SharedLedger("operator")
    for record, _, _ in world.records:
        operator.learn(record)
    old = list(world.records)
    operator.reset(operator.standings(world.now)[0].terms, "ana", world.now)
    (reset,) = operator.outgoing(world.now)
    for ledger in world.workers.ledgers:
        ledger.learn(reset)

    for _, who, number in late:
        world.workers.ledgers[who % count].learn(old[number % len(old)][0])

    assert {(one.tripped, one.used, one.left) for one in world.standings()} == {(False, 0, posts)}
    assert {one.by for one in world.standings()} == {"ana"}


def test_together_workers_may_use_the_quota_once() -> None:
    world = World(2, posts=4)
    world.run([("take", 0, 0)] * 2)
    world.tell_everybody()
    world.run([("take", 1, 0)] * 5)
    assert [world.taken(who) for who in (0, 1)] == [2, 2]


def test_what_a_dead_worker_took_counts_until_its_window_has_passed() -> None:
    world = World(2, posts=2)
    world.run([("take", 0, 0)] * 2)
    world.tell_everybody()
    survivor = world.workers.quotas[1]
    assert survivor.standings(NOW + HOUR)[0].left == 0
    assert survivor.standings(NOW + HOUR + SLICE)[0].left == 2
    assert survivor.take("flood", NOW + HOUR + SLICE)


def test_a_worker_that_starts_again_finds_its_use_and_its_trip() -> None:
    world = World(1, posts=3)
    world.run([("take", 0, 0)] * 2 + [("tell", 0, 0)])
    again = SharedLedger("worker-0-again")
    for record, _, _ in world.records:
        again.learn(record)
    quotas = again.of(document(flood=hourly(3)))
    assert [quotas.take("flood", NOW) for _ in range(2)] == [True, False]

    third = SharedLedger("worker-0-third")
    for record in again.outgoing(NOW):
        third.learn(record)
    assert not third.of(document(flood=hourly(3))).take("flood", NOW + 100 * HOUR)


def test_a_policy_that_comes_later_keeps_the_buckets_of_quotas_that_did_not_change() -> None:
    ledger = SharedLedger("worker")
    first = ledger.of(document(same=hourly(2), other=hourly(2)))
    assert all(first.take(rule, NOW) for rule in ("same", "other"))

    later = ledger.of(document(same=hourly(2), other=hourly(3), new=hourly(1)))

    left = {one.terms.rule: one.left for one in later.standings(NOW)}
    assert left == {"same": 1, "other": 3, "new": 1}


def test_a_quota_that_counts_another_outcome_is_another_bucket() -> None:
    ledger = SharedLedger("worker")
    assert ledger.of(document(flood=hourly(1))).take("flood", NOW)
    removals = ledger.of(document(flood=hourly(1, outcome="remove")))
    assert removals.take("flood", NOW)


def test_alone_a_worker_uses_its_share_and_trips_nothing() -> None:
    ledger = SharedLedger("worker")
    quotas = ledger.of(document(flood=hourly(12)))
    ledger.stand_alone(0.25)
    assert [quotas.take("flood", NOW) for _ in range(4)] == [True] * 3 + [False]
    assert not quotas.standings(NOW)[0].tripped
    ledger.stand_alone(None)
    assert quotas.take("flood", NOW)


def test_the_smallest_share_is_one_post() -> None:
    ledger = SharedLedger("worker")
    quotas = ledger.of(document(flood=hourly(2)))
    ledger.stand_alone(0.1)
    assert [quotas.take("flood", NOW) for _ in range(2)] == [True, False]


def test_a_trip_and_a_hundredth_of_the_quota_are_told_at_once() -> None:
    ledger = SharedLedger("worker")
    quotas = ledger.of(document(flood=hourly(300)))
    woken: list[str] = []
    ledger.wake_by(lambda: woken.append("news"))
    for _ in range(2):
        quotas.take("flood", NOW)
    assert woken == []
    for _ in range(10):
        quotas.take("flood", NOW)
    assert woken == ["news"]  # once, however much follows before it is heard
    ledger.outgoing(NOW)
    for _ in range(288):
        quotas.take("flood", NOW)
        ledger.outgoing(NOW)
    before = len(woken)
    assert not quotas.take("flood", NOW)
    assert len(woken) == before + 1
    assert [record.tripped for record in ledger.outgoing(NOW)] == [True]


def test_a_trip_that_somebody_overwrote_is_written_again() -> None:
    ledger = SharedLedger("worker")
    quotas = ledger.of(document(flood=hourly(1)))
    (untouched,) = ledger.outgoing(NOW)
    assert [quotas.take("flood", NOW) for _ in range(2)] == [True, False]
    ledger.outgoing(NOW)

    ledger.learn(untouched)

    assert [record.tripped for record in ledger.outgoing(NOW)] == [True]


def test_a_record_that_did_not_arrive_or_was_deleted_is_written_again() -> None:
    ledger = SharedLedger("worker")
    quotas = ledger.of(document(flood=hourly(5)))
    quotas.take("flood", NOW)
    told = ledger.outgoing(NOW)
    assert ledger.outgoing(NOW) == []

    ledger.say_again(told)
    assert ledger.outgoing(NOW) == told
    ledger.lost(told[-1].key)
    assert ledger.outgoing(NOW) == told[-1:]


def test_records_of_use_expire_and_trips_do_not() -> None:
    world = World(2, posts=1)
    world.run([("take", 0, 0)] * 2)
    world.tell_everybody()
    survivor = world.workers.ledgers[1]
    assert survivor.expired(NOW + HOUR) == []
    (gone,) = survivor.expired(NOW + HOUR + SLICE)
    assert gone.worker == "worker-0"
    assert survivor.expired(NOW + HOUR + SLICE) == []


def test_the_log_says_what_tripped_and_how_to_reset_it(caplog: pytest.LogCaptureFixture) -> None:
    quotas = SharedLedger("worker").of(document(flood=hourly(1)))
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            quotas.take("flood", NOW)
    (told,) = (record.getMessage() for record in caplog.records)
    assert "is used up" in told
    assert "`moderation rules reset flood`" in told


def test_resetting_a_bucket_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        SharedLedger("operator").reset(Terms("made", "x", 1, HOUR, None), "ana", NOW)
