"""Faults of workers: they die, stand still, come and go, and suffer inside.

Each returns what it struck, when what it broke is whole again or has been replaced.
"""

from __future__ import annotations

import signal
import time
from typing import Final

from bench.faults.facts import Delivery
from bench.faults.field import REACH_SECONDS, Field
from bench.faults.orders import JumpClock, MeetFate, RunOutOfMemory
from bench.faults.plan import Fault
from bench.faults.posts import plain
from bench.faults.process import WorkerProcess
from bench.faults.scenario import POLL_INTERVAL_SECONDS
from bench.faults.steps import Fate, Request
from bench.faults.waiting import until
from bench.faults.zombies import IN_TRANSACTION, Zombie

MOMENT_POSTS: Final = 30
"""A random moment: up to so many posts from now, one and a half seconds of traffic."""

CROWD_POSTS: Final = 60
"""Posts at once, so that batches are of more than one."""

SUFFERED: Final = "suffered: no memory"
JUMPS_SECONDS: Final = (-86_400.0, -600.0, -30.0, 30.0, 600.0, 86_400.0)
"""NTP's corrections, and a day's error. Kafka itself refuses records that are dated more than an
hour ahead."""

CLOCK_TOLERANCE_SECONDS: Final = 10.0
"""A verdict is seen a moment after its date."""

SURPLUS: Final = 1
"""Workers above those wanted, at most."""

SLEEPS_ON: Final = 0.5
"""Share of zombies that wake up only after the next fault."""


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
    until(
        lambda: worker.exit_code == -signal.SIGKILL,
        seconds=REACH_SECONDS,
        describe=f"{worker} dies by {fault}",
    )
    field.fleet.drop(worker)
    return str(worker)


def freeze(field: Field, fault: Fault) -> str:
    """SIGSTOP at a random moment; SIGCONT when the others have taken over."""
    field.wake(list(field.zombies))
    worker = field.fleet.choose(fault.draw)
    field.wait_for_traffic(fault.draw.randint(1, MOMENT_POSTS))
    worker.freeze()
    return _outlived(field, fault, Zombie.of(worker))


def freeze_at_step(field: Field, fault: Fault) -> str:
    """The same in the middle of a commit: the zombie goes on with it when it wakes up."""
    field.wake(list(field.zombies))
    worker = _armed(field, fault, Fate.FREEZE)
    until(
        lambda: worker.stands_still,
        seconds=REACH_SECONDS,
        describe=f"{worker} stands still by {fault}",
    )
    worker.frozen = True
    commits = field.delivery is Delivery.EXACTLY_ONCE and fault.step in IN_TRANSACTION
    return _outlived(field, fault, Zombie.of(worker, must_be_fenced=commits))


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


def out_of_memory(field: Field, fault: Fault) -> str:
    """The device has no memory: for large batches, or for any."""
    draw = fault.draw
    worker = field.fleet.choose(draw)
    order = RunOutOfMemory(batches=draw.randint(1, 3), above=draw.choice((0, 1)))
    before = worker.said(SUFFERED)
    worker.give(order)
    field.traffic.add([plain(fault.number(place)) for place in range(CROWD_POSTS)])
    until(
        lambda: worker.said(SUFFERED) >= before + order.batches,
        seconds=REACH_SECONDS,
        describe=f"{worker} runs out of memory",
    )
    return f"{worker}, {order.batches} batches of more than {order.above} posts"


def clock_jump(field: Field, fault: Fault) -> str:
    """A worker's wall clock jumps, work goes on, and it jumps back."""
    worker = field.fleet.choose(fault.draw)
    seconds = fault.draw.choice(JUMPS_SECONDS)
    mark = len(field.watch.clock_errors)
    worker.give(JumpClock(seconds))
    until(
        lambda: any(
            abs(error - seconds) < CLOCK_TOLERANCE_SECONDS
            for error in field.watch.clock_errors[mark:]
        ),
        seconds=REACH_SECONDS,
        describe=f"a verdict is dated {seconds:+.0f} s by the clock of {worker}",
        tend=field.tend,
    )
    field.wait_for_progress()
    if worker.alive:
        worker.give(JumpClock(0.0))
    return f"{worker} by {seconds:+.0f} s"


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


def _outlived(field: Field, fault: Fault, zombie: Zombie) -> str:
    """Let it sleep until others have answered on all partitions, and past its poll interval."""
    field.zombies.append(zombie)
    begin = time.monotonic()
    seconds = field.wait_for_progress()
    left = POLL_INTERVAL_SECONDS - (time.monotonic() - begin)
    time.sleep(max(0.0, left))  # the length of the fault, not a wait for anything
    struck = f"{zombie.worker}, the others went on after {seconds:.1f} s"
    if fault.draw.random() < SLEEPS_ON:
        return f"{struck}, and it sleeps until the next fault is over"
    field.wake([zombie])
    return struck
