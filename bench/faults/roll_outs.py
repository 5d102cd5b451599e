"""What operators do on a working day, under load: restart all workers, and change the policy.

Each returns what it did, when all is as it should be afterwards.
"""

from __future__ import annotations

from typing import Final

from bench.faults.field import PROGRESS_SECONDS, Field
from bench.faults.plan import Fault
from bench.faults.waiting import until

BETWEEN_POSTS: Final = 20
"""Between two versions of the policy, at most: a second of traffic, so that some take a worker on
its way from one to the next."""

MOST_VERSIONS: Final = 3


def rolling_restart(field: Field, fault: Fault) -> str:
    """Every worker in its turn is asked to stop, and the next only when its successor works."""
    del fault
    field.fleet.wait_ready()
    mark = len(field.traffic.acknowledged)
    workers = field.fleet.working
    for worker in workers:
        if worker.alive:  # one that has ended by itself is replaced by itself
            field.fleet.stop(worker)
            field.fleet.add()
        field.fleet.wait_ready()
    field.wait_for_traffic(1)  # there was load
    names = ", ".join(map(str, workers))
    return f"{names}, while {len(field.traffic.acknowledged) - mark} posts came"


def policy_roll_out(field: Field, fault: Fault) -> str:
    """New versions of the policy, one soon after the other, until every worker judges by the last.

    What comes from then on must be judged by it: that is checked in the end, of the posts that are
    answered before the next fault.
    """
    draw = fault.draw
    field.fleet.wait_ready()
    versions = draw.randint(1, MOST_VERSIONS)
    for _ in range(versions):
        field.wait_for_traffic(draw.randint(1, BETWEEN_POSTS))
        field.background.call(field.policies.publish(field.kafka))
    seconds = wait_for_policy(field, field.policies.last)
    mark = len(field.traffic.acknowledged)
    field.wait_for_progress()
    settled = [one for one in field.traffic.acknowledged[mark:] if field.watch.has_answer(one)]
    field.policies.settled.update((one.place, field.policies.last) for one in settled)
    return (
        f"{versions} versions, the last in force after {seconds:.1f} s; {len(settled)} posts since"
    )


def wait_for_policy(field: Field, version: str) -> float:
    """Wait until every worker that is not frozen judges by it; returns the seconds it took.

    Raises:
        StalledError: one does not.
    """
    return until(
        lambda: all(worker.judges_by(version) for worker in field.fleet.working),
        seconds=PROGRESS_SECONDS,
        describe=f"every worker judges by {version}",
        tend=field.tend,
    )
