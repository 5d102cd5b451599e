"""What the offline commands show: a progress bar, refused rows, and tables at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from schemas import Action, NotScanned, Reason, Verdict, VerdictStatus
from workers.offline.errors import RowError
from workers.offline.jsonl import Line

SHOWN_VERDICTS: Final = 20
"""Rows of the table of verdicts: a screenful, the harshest first."""

_STYLES: Final = {
    Action.ALLOW: "green",
    Action.LIMIT: "yellow",
    Action.REVIEW: "magenta",
    Action.REMOVE: "red",
}


def progress_bar(console: Console) -> Progress:
    """A bar over rows; it vanishes when done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@dataclass(slots=True)
class Refusals:
    """Says which rows are left out, as it happens, and counts them."""

    console: Console
    count: int = 0

    def __call__(self, line: Line, error: RowError) -> None:
        """Print ``FILE:LINE: what was wrong``."""
        self.count += 1
        self.console.print(Text(f"{line.place}: {error}"), style="red", soft_wrap=True)


@dataclass(slots=True)
class Tally:
    """Counts verdicts, and keeps the harshest."""

    actions: Counter[Action] = field(default_factory=Counter)
    statuses: Counter[VerdictStatus] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    harshest: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.actions[verdict.action] += 1
        self.statuses[verdict.status] += 1
        self.gaps.update(_gap(gap) for gap in verdict.not_scanned)
        self.harshest.append(verdict)
        if len(self.harshest) > 2 * SHOWN_VERDICTS:
            self._forget()

    def _forget(self) -> None:
        self.harshest.sort(key=_severity, reverse=True)
        del self.harshest[SHOWN_VERDICTS:]

    def verdicts(self) -> Table:
        """The harshest verdicts with their main reason."""
        self._forget()
        table = Table(title="Verdicts, the harshest first", title_justify="left")
        for name in ("post", "action", "highest score", "why", "not scanned"):
            table.add_column(name, overflow="fold")
        for verdict in self.harshest:
            table.add_row(
                Text(f"{verdict.post_id} r{verdict.revision}"),
                Text(verdict.action, style=_STYLES[verdict.action]),
                _highest(verdict),
                Text(_why(verdict.reasons)),
                Text(", ".join(_gap(gap) for gap in verdict.not_scanned)),
            )
        return table

    def summary(self, *, refused: int, seconds: float, versions: Iterable[str]) -> Table:
        """All counts.

        Args:
            refused: rows that held no post.
            seconds: that the whole took.
            versions: of model and policy.
        """
        table = Table(title="Summary", title_justify="left", show_header=False)
        table.add_column(justify="left")
        table.add_column(justify="right")
        for action in Action:
            table.add_row(Text(action, style=_STYLES[action]), str(self.actions[action]))
        table.add_section()
        table.add_row("verdicts", str(self.actions.total()))
        table.add_row("of them degraded", str(self.statuses[VerdictStatus.DEGRADED]))
        table.add_row("of them withdrawn", str(self.statuses[VerdictStatus.WITHDRAWN]))
        for gap, count in self.gaps.most_common():
            table.add_row(f"not scanned: {gap}", str(count))
        table.add_row("rows refused", str(refused))
        table.add_section()
        table.add_row("seconds", f"{seconds:.1f}")
        for version in versions:
            table.add_row("judged by", version)
        return table


def _severity(verdict: Verdict) -> tuple[int, float]:
    return verdict.action.severity, max(verdict.scores.values(), default=0.0)


def _highest(verdict: Verdict) -> str:
    if not verdict.scores:
        return "none"
    category = max(verdict.scores, key=verdict.scores.__getitem__)
    return f"{category} {verdict.scores[category]:.2f}"


def _why(reasons: tuple[Reason, ...]) -> str:
    if not reasons:
        return ""
    first = reasons[0]
    return f"{first.kind}: {first.detail or first.rule or first.category or first.action}"


def _gap(gap: NotScanned) -> str:
    return f"{gap.modality} {gap.reason}"
