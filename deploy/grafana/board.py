"""A dashboard: rows of panels under questions, and what may be chosen above them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType

from deploy.grafana.panels import Panel
from deploy.grafana.variables import Choice, runbooks

FOLDER: Final = Path(__file__).parent / "dashboards"
"""Of the committed JSON; Grafana's provisioning reads it."""

TAG: Final = "moderation"
"""By which the dashboards link to each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question, and the panels that answer it."""

    question: str
    panels: Callable[[], Iterator[Panel]]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard."""

    name: str
    """Of its file, and the end of its uid."""
    title: str
    description: str
    rows: tuple[Row, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def path(self) -> Path:
        """Of the committed JSON."""
        return FOLDER / f"{self.name}.json"

    def render(self) -> str:
        """The dashboard as the JSON that is committed."""
        built = self._build().build()
        return json.dumps(built, cls=JSONEncoder, indent=2, sort_keys=True) + "\n"

    def _build(self) -> dashboard.Dashboard:
        board = (
            dashboard.Dashboard(f"Moderation: {self.title}")
            .uid(f"moderation-{self.name}")
            .description(self.description)
            .tags([TAG])
            .link(_others())
            .readonly()
            .refresh("30s")
            .time("now-1h", "now")
            .timezone("browser")
            .tooltip(DashboardCursorSync.CROSSHAIR)
        )
        for choice in self.choices:
            board.with_variable(choice.variable())
        board.with_variable(runbooks())
        for row in self.rows:
            board.with_row(dashboard.Row(row.question))
            for panel in row.panels():
                board.with_panel(panel)
        return board


def _others() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("Moderation")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .include_vars(True)
    )
