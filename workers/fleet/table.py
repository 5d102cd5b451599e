"""The fleet on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from workers.fleet.parts import Bank, Process, Quota
from workers.fleet.state import Fleet

COLOURS: Final = {"ready": "green", "not ready": "yellow", "gone": "red"}
DAY_SECONDS: Final = 86_400


def show(found: Fleet) -> None:
    """Print processes, quotas, banks, and what is wrong."""
    console = Console()
    for table in _tables(found):
        console.print(table)
    for warning in found.warnings:
        console.print(f"[yellow]![/] {escape(warning)}", soft_wrap=True, highlight=False)
    if not found.warnings:
        console.print("[green]nothing is wrong[/]")


def _tables(found: Fleet) -> Iterator[Table]:
    # Which process it is must be legible however narrow the terminal; versions may be cut.
    processes = Table(
        Column("process", no_wrap=True), "state", "model", "policy", "since", "waiting", "done"
    )
    for process in found.processes:
        processes.add_row(*_cells(process))
    yield processes
    if found.quotas:
        quotas = Table("quota of rule", "left", "of", "")
        for quota in found.quotas:
            quotas.add_row(*_quota_cells(quota))
        yield quotas
    if found.banks:
        banks = Table("bank", "entries", "age", "")
        for bank in found.banks:
            banks.add_row(*_bank_cells(bank))
        yield banks


def _cells(process: Process) -> tuple[str, ...]:
    since = process.policy_since
    return (
        f"{process.kind} {process.program}\n{escape(process.address.removeprefix('http://'))}",
        f"[{COLOURS[process.state]}]{process.state}[/]",
        process.model.replace("@", "\n@") + _candidate(process),
        process.policy.replace("@", "\n@"),
        "" if since is None else since.strftime("%Y-%m-%d\n%H:%M:%S UTC"),
        "" if process.waiting is None else f"{process.waiting:,}",
        f"{process.done:,}",
    )


def _candidate(process: Process) -> str:
    """What stands beside the live model, and on how many posts."""
    if not process.candidate:
        return ""
    version = process.candidate.replace("@", "\n@")
    shares = (process.candidate_share * 100, process.compared_share * 100)
    judges = "judges {:g} %, compared on {:g} %".format(*shares)
    return f"\n[cyan]beside it[/]\n{version}\n{judges}"


def _quota_cells(quota: Quota) -> tuple[str, ...]:
    return (
        quota.rule,
        f"{quota.left:,.0f}",
        f"{quota.of:,.0f}",
        "[red]used up[/]" if quota.tripped else "",
    )


def _bank_cells(bank: Bank) -> tuple[str, ...]:
    age = bank.age_seconds
    told = f"{age / DAY_SECONDS:,.1f} d" if age >= DAY_SECONDS else f"{age / 3600:,.1f} h"
    return bank.name, f"{bank.entries:,}", told, "[red]stale[/]" if bank.stale else ""
