"""Workers that stand still until others have their partitions, and wake up as if nothing was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bench.faults.process import WorkerProcess
from bench.faults.steps import Moment, Request, Step
from bench.faults.waiting import until

FENCED: Final = "fenced: another worker has the partition"
"""What a worker logs whose transaction the broker refused."""

ASSIGNED: Final = "partitions assigned"
"""What a worker logs when it is back in the group."""

WAKE_SECONDS: Final = 120.0
"""From waking up to being back in the group: a rebalance or two, on a busy machine."""

IN_TRANSACTION: Final = frozenset(
    Step(request, moment)
    for request in (
        Request.ADD_PARTITIONS,
        Request.PRODUCE,
        Request.ADD_OFFSETS,
        Request.OFFSETS,
        Request.END,
    )
    for moment in Moment
    if (request, moment) not in {(Request.END, Moment.SENT), (Request.END, Moment.ANSWERED)}
)
"""Steps after which a transaction still needs the broker's leave to be committed."""


@dataclass(frozen=True, slots=True)
class Zombie:
    """A worker that stands still.

    ``must_be_fenced`` says whether it does so within a transaction that it will want to commit;
    ``fenced`` and ``assigned`` how often it was until then.
    """

    worker: WorkerProcess
    must_be_fenced: bool
    fenced: int
    assigned: int

    @classmethod
    def of(cls, worker: WorkerProcess, *, must_be_fenced: bool = False) -> Zombie:
        """The zombie that this worker, which stands still, will be."""
        return cls(worker, must_be_fenced, worker.said(FENCED), worker.said(ASSIGNED))

    def wake(self) -> str:
        """Let it go on, and wait until it knows what it missed; returns what it met.

        Raises:
            StalledError: it commits as if it were not fenced, or does not come back.
        """
        self.worker.thaw()
        wanted = "is fenced and back in the group" if self.must_be_fenced else "is back"
        until(self._is_back, seconds=WAKE_SECONDS, describe=f"{self.worker} wakes up and {wanted}")
        refused = self.worker.said(FENCED) - self.fenced
        return f"{self.worker} woke up, and {refused} of its transactions were refused"

    def _is_back(self) -> bool:
        is_assigned = self.worker.said(ASSIGNED) > self.assigned
        is_fenced = self.worker.said(FENCED) > self.fenced
        return is_assigned and (is_fenced or not self.must_be_fenced)
