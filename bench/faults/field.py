"""What faults are injected into, and how it is seen that work goes on afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.faults.background import Background
from bench.faults.broker import FragileBroker
from bench.faults.facts import Accepted, Delivery
from bench.faults.fleet import Fleet
from bench.faults.journal import Journal
from bench.faults.policies import Policies
from bench.faults.store import Store
from bench.faults.traffic import Traffic
from bench.faults.waiting import until
from bench.faults.watch import Watch
from bench.faults.zombies import Zombie
from schemas import TOPICS
from workers.settings import KafkaSettings

PROGRESS_SECONDS: Final = 180.0
"""From the end of a fault to answers on every partition. Most of it is patience with a busy
machine: sessions, starts and rebalances take a few seconds each."""

REACH_SECONDS: Final = 120.0
"""Until a fault strikes that waits for its moment."""


@dataclass(frozen=True, slots=True)
class Field:
    """Everything that is alive during a run."""

    fleet: Fleet
    broker: FragileBroker
    store: Store
    traffic: Traffic
    watch: Watch
    background: Background
    journal: Journal
    policies: Policies
    kafka: KafkaSettings
    delivery: Delivery
    zombies: list[Zombie] = field(default_factory=list)
    """Workers that stand still."""

    def tend(self) -> None:
        """Keep it alive, as an orchestrator would; fail when the harness itself is not well."""
        self.background.require_well()
        self.fleet.tend()

    def wake(self, zombies: Sequence[Zombie]) -> None:
        """Let these go on, as far as they still live and sleep.

        Raises:
            StalledError: as :meth:`Zombie.wake`.
        """
        for zombie in zombies:
            if zombie in self.zombies:
                self.zombies.remove(zombie)
                if zombie.worker.alive:
                    self.journal.note(f"    {zombie.wake()}")

    def wait_for_traffic(self, posts: int) -> None:
        """Wait until the broker has acknowledged so many posts more."""
        goal = len(self.traffic.acknowledged) + posts
        until(
            lambda: len(self.traffic.acknowledged) >= goal,
            seconds=PROGRESS_SECONDS,
            describe=f"{posts} posts more are produced",
            tend=self.tend,
        )

    def wait_for_progress(self) -> float:
        """Wait until a post that comes from now on is answered, on every partition.

        Returns:
            The seconds that it took.

        Raises:
            StalledError: some partition stands still.
        """
        mark = len(self.traffic.acknowledged)
        waiting = set(range(TOPICS.posts.partitions))

        def answered() -> bool:
            later = self.traffic.acknowledged[mark:]
            waiting.difference_update(
                one.place.partition for one in later if self.watch.has_answer(one)
            )
            return not waiting

        return until(
            answered,
            seconds=PROGRESS_SECONDS,
            describe=f"answers on the partitions {waiting}",
            tend=self.tend,
        )

    def wait_for_answers(self, accepted: list[Accepted]) -> None:
        """Wait until all of these are answered.

        Raises:
            StalledError: some are not.
        """
        until(
            lambda: not self.watch.unanswered(accepted),
            seconds=PROGRESS_SECONDS,
            describe=f"answers to {len(accepted)} records",
            tend=self.tend,
        )
