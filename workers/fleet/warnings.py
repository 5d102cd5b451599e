"""What is wrong with the fleet, in sentences that say what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workers.fleet.parts import Bank, Kind, Process, Quota


def warnings(
    processes: Sequence[Process],
    quotas: Sequence[Quota],
    banks: Sequence[Bank],
    alone: Sequence[str],
) -> Iterator[str]:
    """Everything that somebody should look at.

    Args:
        processes: all that were asked.
        quotas: of all workers together.
        banks: the oldest copy of each.
        alone: addresses of workers that do not hear the others' quotas.
    """
    for process in processes:
        yield from _of_process(process)
    yield from _versions([process for process in processes if process.kind is Kind.WORKER])
    for quota in quotas:
        if quota.tripped:
            yield f"the quota of rule {quota.rule} is used up; see `moderation rules quotas`"
    for bank in banks:
        if bank.stale:
            yield f"the bank {bank.name} is stale: its newest file is {bank.age_seconds:,.0f} s old"
    for address in alone:
        yield f"{address}: hears no other worker's quotas and uses only its share"


def _of_process(process: Process) -> Iterator[str]:
    notes = "; ".join(process.notes)
    if process.state != "ready":
        yield f"{process.address}: {process.state}: {notes or 'no reason given'}"
    elif notes:
        yield f"{process.address}: {notes}"
    elif process.kind is Kind.UNKNOWN:
        yield f"{process.address}: answers, but shows the metrics of none of our processes"


def _versions(workers: Sequence[Process]) -> Iterator[str]:
    for what, versions in (
        ("program", {worker.program for worker in workers}),
        ("model", {worker.model for worker in workers}),
        ("candidate", {worker.candidate for worker in workers}),
        ("policy", {worker.policy for worker in workers}),
    ):
        if len(versions) > 1:
            told = ", ".join(version or "none yet" for version in sorted(versions))
            yield f"the workers differ in their {what}: {told}"
