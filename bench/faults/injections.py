"""How each kind of fault is injected, and how it is healed.

An injection returns when what it broke is whole again, or has been replaced. That work goes on
afterwards is asked by the run, of all alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from bench.faults.check import Accepted
from bench.faults.field import Field
from bench.faults.orders import JumpClock, MeetFate, RunOutOfMemory
from bench.faults.plan import Fault, Kind
from bench.faults.posts import POISONOUS, Outgoing, plain, poison, unreadable
from bench.faults.process import WorkerProcess
from bench.faults.steps import Fate, Request
from bench.faults.store import Health
from bench.faults.waiting import until

REACH_SECONDS: Final = 120.0
"""Until a fault strikes that waits for its moment."""

MOMENT_POSTS: Final = 30
"""A random moment: up to so many posts from now, one and a half seconds of traffic."""

DOWN_SECONDS: Final = 8.0
"""The longest that a broker stays away: longer than a session."""

HELD_SESSIONS: Final = 1.5
BAD_FETCHES: Final = 3
CROWD_POSTS: Final = 60
"""Posts at once, so that batches are of more than one."""

SUFFERED: Final = "suffered: no memory"
JUMPS_SECONDS: Final = (-86_400.0, -600.0, -30.0, 30.0, 600.0, 86_400.0)
"""A leap, NTP's larger corrections, and a day's error. Kafka itself refuses records that are dated
more than an hour ahead."""

SURPLUS: Final = 1
"""Workers above those wanted, before one more joins."""


def kill(field: Field, fault: Fault) -> str:
    """SIGKILL at a random moment."""
    worker = field.fleet.choose(fault.draw)
    field.wait_for_traffic(fault.draw.randint(1, MOMENT_POSTS))
    field.fleet.kill(worker)
    return str(worker)


def power_cut(field: Field, fault: Fault) -> str:
    """SIGKILL of all workers."""
    field.fleet.wait_ready()
    field.wait_for_traffic(fault.draw.randint(1, MOMENT_POSTS))
    workers = ", ".join(map(str, field.fleet.working))
    field.fleet.kill_all()
    return workers


def die_at_step(field: Field, fault: Fault) -> str:
    """SIGKILL by the worker's own hand, in the middle of a commit."""
    worker = _armed(field, fault, Fate.DIE)
    until(lambda: not worker.alive, seconds=REACH_SECONDS, describe=f"{worker} dies by {fault}")
    field.fleet.drop(worker)
    return str(worker)


def freeze(field: Field, fault: Fault) -> str:
    """SIGSTOP at a random moment; SIGCONT when the others have taken over."""
    worker = field.fleet.choose(fault.draw)
    field.wait_for_traffic(fault.draw.randint(1, MOMENT_POSTS))
    worker.freeze()
    return _outlived(field, worker)


def freeze_at_step(field: Field, fault: Fault) -> str:
    """The same in the middle of a commit: the zombie goes on with it when it wakes up."""
    worker = _armed(field, fault, Fate.FREEZE)
    until(
        lambda: worker.stands_still,
        seconds=REACH_SECONDS,
        describe=f"{worker} stands still by {fault}",
    )
    worker.frozen = True
    return _outlived(field, worker)


def join(field: Field, fault: Fault) -> str:
    """A rebalance by one worker more."""
    worker = _one_more(field, fault)
    field.fleet.wait_ready()
    return str(worker)


def leave(field: Field, fault: Fault) -> str:
    """A rebalance by a worker that is asked to stop, and replaced."""
    worker = field.fleet.choose(fault.draw)
    code = field.fleet.stop(worker)
    return f"{worker}, exit code {code}"


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
    seconds = field.session_seconds * HELD_SESSIONS
    field.broker.hold()
    time.sleep(seconds)  # the length of the fault, not a wait for anything
    field.broker.release()
    return f"for {seconds:.1f} s"


def store_slow(field: Field, fault: Fault) -> str:
    """Pictures take seconds."""
    del fault
    return _ill(field, Health.SLOW)


def store_failing(field: Field, fault: Fault) -> str:
    """Pictures are answered with 503."""
    del fault
    return _ill(field, Health.FAILING)


def store_cut_off(field: Field, fault: Fault) -> str:
    """Pictures end in the middle."""
    del fault
    return _ill(field, Health.CUT_OFF)


def poison_posts(field: Field, fault: Fault) -> str:
    """Posts on which the scorer raises, among others."""
    return _mixed_in(field, fault, poison)


def unreadable_records(field: Field, fault: Fault) -> str:
    """Bytes that are no post, among posts."""
    return _mixed_in(field, fault, unreadable)


def out_of_memory(field: Field, fault: Fault) -> str:
    """The device has no memory: for large batches, or for any."""
    draw = fault.draw
    worker = field.fleet.choose(draw)
    order = RunOutOfMemory(batches=draw.randint(1, 3), above=draw.choice((0, 1)))
    before = worker.said(SUFFERED)
    worker.give(order)
    field.traffic.add([plain(_fresh(fault, place)) for place in range(CROWD_POSTS)])
    until(
        lambda: worker.said(SUFFERED) >= before + order.batches or not worker.alive,
        seconds=REACH_SECONDS,
        describe=f"{worker} runs out of memory",
    )
    return f"{worker}, {order.batches} batches of more than {order.above} posts"


def clock_jump(field: Field, fault: Fault) -> str:
    """A worker's wall clock jumps, work goes on, and it jumps back."""
    worker = field.fleet.choose(fault.draw)
    seconds = fault.draw.choice(JUMPS_SECONDS)
    worker.give(JumpClock(seconds))
    field.wait_for_progress()
    if worker.alive:
        worker.give(JumpClock(0.0))
    return f"{worker} by {seconds:+.0f} s"


INJECTIONS: Final[Mapping[Kind, Callable[[Field, Fault], str]]] = {
    Kind.KILL: kill,
    Kind.POWER_CUT: power_cut,
    Kind.DIE_AT_STEP: die_at_step,
    Kind.FREEZE: freeze,
    Kind.FREEZE_AT_STEP: freeze_at_step,
    Kind.JOIN: join,
    Kind.LEAVE: leave,
    Kind.BROKER_STOP: broker_stop,
    Kind.BROKER_KILL: broker_kill,
    Kind.BROKER_HOLD: broker_hold,
    Kind.STORE_SLOW: store_slow,
    Kind.STORE_FAILING: store_failing,
    Kind.STORE_CUT_OFF: store_cut_off,
    Kind.POISON: poison_posts,
    Kind.UNREADABLE: unreadable_records,
    Kind.OUT_OF_MEMORY: out_of_memory,
    Kind.CLOCK_JUMP: clock_jump,
}
"""Each returns what it struck, for the journal."""


def _armed(field: Field, fault: Fault, fate: Fate) -> WorkerProcess:
    """A worker that will meet its fate at the fault's step."""
    if fault.step is None:
        raise ValueError(f"{fault} needs a step")
    order = MeetFate(fault.step, fate)
    if fault.step.request is Request.BEGIN_EPOCH:
        # Asked only when partitions come, so it takes a worker that joins.
        return _one_more(field, fault, order)
    worker = field.fleet.choose(fault.draw)
    worker.give(order)
    return worker


def _one_more(field: Field, fault: Fault, *orders: MeetFate) -> WorkerProcess:
    field.fleet.wait_ready()
    while len(field.fleet.working) > field.fleet.wanted + SURPLUS - 1:
        field.fleet.stop(fault.draw.choice(field.fleet.working))
    return field.fleet.add(*orders)


def _outlived(field: Field, worker: WorkerProcess) -> str:
    seconds = field.wait_for_progress()
    worker.thaw()
    return f"{worker}, the others went on after {seconds:.1f} s"


def _broker_back(field: Field, fault: Fault) -> str:
    seconds = fault.draw.uniform(0.0, DOWN_SECONDS)
    time.sleep(seconds)  # the length of the fault, not a wait for anything
    field.broker.start()
    return f"down for {seconds:.1f} s and its start"


def _ill(field: Field, health: Health) -> str:
    field.store.health = health
    before = field.store.served[health]
    try:
        until(
            lambda: field.store.served[health] >= before + BAD_FETCHES,
            seconds=REACH_SECONDS,
            describe=f"{BAD_FETCHES} pictures are fetched from a store that is {health}",
            tend=field.tend,
        )
    finally:
        field.store.health = Health.WELL
    return f"for {field.store.served[health] - before} pictures"


def _mixed_in(field: Field, fault: Fault, make: Callable[[int], Outgoing]) -> str:
    count = fault.draw.randint(1, 5)
    mark = len(field.traffic.acknowledged)
    field.traffic.add([make(_fresh(fault, place)) for place in range(count)])

    def produced() -> list[Accepted]:
        return [one for one in field.traffic.acknowledged[mark:] if _is_bad(one)]

    until(
        lambda: len(produced()) >= count and not field.watch.unanswered(produced()),
        seconds=REACH_SECONDS,
        describe=f"{count} bad records are answered",
        tend=field.tend,
    )
    return f"{count} records"


def _is_bad(accepted: Accepted) -> bool:
    return accepted.revision is None or accepted.revision[0].startswith(POISONOUS)


def _fresh(fault: Fault, place: int) -> int:
    """A number that no other fault has given to a post."""
    return fault.seed * 1_000 + place
