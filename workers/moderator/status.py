"""What ``/readyz`` and ``/healthz`` say: why the worker does not work, or should be restarted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.moderator.intake import Intake
from workers.moderator.lineup import Conductor
from workers.moderator.ownership import Ownership
from workers.moderator.refusal import Refusal
from workers.moderator.rulebook import Reloader


@dataclass(slots=True)
class Status:
    """The state of the worker, in plain words. Filled in as the worker starts."""

    liveness_seconds: float
    model_warm: bool = False
    draining: bool = False
    intake: Intake | None = None
    ownership: Ownership | None = None
    reloader: Reloader | None = None
    conductor: Conductor | None = None

    def not_ready(self) -> Sequence[str]:
        """Why posts are not being judged; empty when they are."""
        reasons = []
        if not self.model_warm:
            reasons.append("the model is not loaded and warmed yet")
        if self.ownership is None or self.ownership.rebalancing:
            reasons.append("the consumer group is handing out partitions")
        elif not self.ownership.partitions:
            reasons.append("no partition is assigned: the group has more workers than partitions")
        if self.draining:
            reasons.append("the worker is stopping")
        return reasons

    def remarks(self) -> Sequence[str]:
        """What an operator should know although posts are being judged."""
        remarks = []
        refusal = self.reloader.refusal if self.reloader else None
        if self.reloader is not None and refusal is not None:
            kept = f"the policy {self.reloader.version} stays in force"
            remarks.append(f"{kept}: {_refused(refusal)}")
        refusal = self.conductor.refusal if self.conductor else None
        if self.conductor is not None and refusal is not None:
            remarks.append(f"{self.conductor.in_force}: {_refused(refusal)}")
        return remarks

    def not_healthy(self) -> Sequence[str]:
        """Why the worker should be restarted; empty when it should not.

        A broker that is away is no reason: starting again would not bring it back.
        """
        if self.intake is None or self.ownership is None or self.ownership.rebalancing:
            return []
        idle = self.intake.idle_seconds
        if idle <= self.liveness_seconds:
            return []
        return [f"the intake loop has taken no turn for {idle:.0f} s"]


def _refused(one: Refusal) -> str:
    first, *more = one.reason.splitlines()
    at = one.at.isoformat(timespec="seconds")
    return f"{one.source} was refused at {at}: {first}{' …' if more else ''}"
