"""Faults outside of workers: broker, media store, and what is in the records.

Each returns what it struck, when what it broke is whole again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bench.faults.facts import Accepted
from bench.faults.field import REACH_SECONDS, Field
from bench.faults.plan import Fault
from bench.faults.posts import POISONOUS, Outgoing, poison, unreadable
from bench.faults.scenario import SESSION_SECONDS
from bench.faults.store import Health
from bench.faults.waiting import until

DOWN_SECONDS: Final = 8.0
"""The longest that a broker stays away: longer than a session."""

EFFECT_SECONDS: Final = 5.0
"""Until a signal has had its effect."""

HELD_SESSIONS: Final = 1.5
BAD_FETCHES: Final = 3
DIES_MEANWHILE: Final = 0.5
"""Share of a store's troubles in which a worker is killed besides."""

AWAY: Final = frozenset({Health.FAILING, Health.CUT_OFF})
"""Where a post waits on ``posts.retry`` for its picture; a slow store is only waited for."""

MOST_BAD_RECORDS: Final = 5


def broker_stop(field: Field, fault: Fault) -> str:
    """The broker is stopped in order, and comes back."""
    field.broker.stop()
    return _broker_back(field, fault)


def broker_kill(field: Field, fault: Fault) -> str:
    """The broker is killed, and comes back."""
    field.broker.kill()
    return _broker_back(field, fault)


def broker_hold(field: Field, fault: Fault) -> str:
    """The broker stands still for longer than a session, and goes on."""
    del fault
    seconds = SESSION_SECONDS * HELD_SESSIONS
    field.broker.hold()
    _require(lambda: field.broker.stands_still, "the broker stands still")
    time.sleep(seconds)  # the length of the fault, not a wait for anything
    field.broker.release()
    return f"for {seconds:.1f} s"


def store_slow(field: Field, fault: Fault) -> str:
    """Pictures take seconds."""
    return _ill(field, fault, Health.SLOW)


def store_failing(field: Field, fault: Fault) -> str:
    """Pictures are answered with 503."""
    return _ill(field, fault, Health.FAILING)


def store_cut_off(field: Field, fault: Fault) -> str:
    """Pictures end in the middle."""
    return _ill(field, fault, Health.CUT_OFF)


def poison_posts(field: Field, fault: Fault) -> str:
    """Posts on which the scorer raises, among others."""
    return _mixed_in(field, fault, poison)


def unreadable_records(field: Field, fault: Fault) -> str:
    """Bytes that are no post, among posts."""
    return _mixed_in(field, fault, unreadable)


def _require(effect: Callable[[], bool], describe: str) -> None:
    until(effect, seconds=EFFECT_SECONDS, describe=describe)


def _broker_back(field: Field, fault: Fault) -> str:
    _require(lambda: not field.broker.listens, "the broker takes no connections")
    seconds = fault.draw.uniform(0.0, DOWN_SECONDS)
    time.sleep(seconds)  # the length of the fault, not a wait for anything
    field.broker.start()
    return f"down for {seconds:.1f} s and its start"


def _ill(field: Field, fault: Fault, health: Health) -> str:
    """Break the store for some pictures; half of the time a worker dies of something else then."""
    draw = fault.draw
    victim = field.fleet.choose(draw) if draw.random() < DIES_MEANWHILE else None
    field.store.health = health
    before, put_off = field.store.served[health], field.watch.put_off
    try:
        _wait_for_fetches(field, health, BAD_FETCHES)
        if victim is not None and victim.alive:
            field.fleet.kill(victim)
            _wait_for_fetches(field, health, BAD_FETCHES)
        if health in AWAY:
            _wait_for_retries(field, put_off)
    finally:
        field.store.health = Health.WELL
    struck = (
        f"for {field.store.served[health] - before} pictures, "
        f"{field.watch.put_off - put_off} posts put off"
    )
    return struck if victim is None else f"{struck}, and {victim} was killed meanwhile"


def _wait_for_fetches(field: Field, health: Health, more: int) -> None:
    goal = field.store.served[health] + more
    until(
        lambda: field.store.served[health] >= goal,
        seconds=REACH_SECONDS,
        describe=f"{more} pictures are fetched from a store that is {health}",
        tend=field.tend,
    )


def _wait_for_retries(field: Field, before: int) -> None:
    until(
        lambda: field.watch.put_off > before,
        seconds=REACH_SECONDS,
        describe="a post is put on posts.retry because its picture is away",
        tend=field.tend,
    )


def _mixed_in(field: Field, fault: Fault, make: Callable[[int], Outgoing]) -> str:
    count = fault.draw.randint(1, MOST_BAD_RECORDS)
    mark = len(field.traffic.acknowledged)
    field.traffic.add([make(fault.number(place)) for place in range(count)])

    def produced() -> list[Accepted]:
        return [one for one in field.traffic.acknowledged[mark:] if _is_bad(one)]

    until(
        lambda: len(produced()) >= count and all(map(field.watch.is_set_aside, produced())),
        seconds=REACH_SECONDS,
        describe=f"{count} bad records are set aside",
        tend=field.tend,
    )
    return f"{count} records"


def _is_bad(accepted: Accepted) -> bool:
    return accepted.revision is None or accepted.revision[0].startswith(POISONOUS)
