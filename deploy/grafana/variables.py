"""What can be chosen at the top of a dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models.dashboard import (
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import DATASOURCE, RUNBOOKS

RUNBOOKS_ADDRESS: Final = "/public/runbooks"
"""Where Grafana itself serves ``docs/runbooks``, as ``deploy/compose.yaml`` mounts it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Values of a label, all of them or some."""

    name: str
    title: str
    metric: str
    """The metric whose label of this name has the values."""
    first: str = ""
    """What is chosen at first; all when empty."""

    def variable(self) -> dashboard.QueryVariable:
        """The choice as Grafana's variable."""
        made = (
            dashboard.QueryVariable(self.name)
            .label(self.title)
            .query(f"label_values({self.metric}, {self.name})")
            .datasource(DATASOURCE)
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
        )
        if self.first:
            made.current(VariableOption(selected=True, text=[self.first], value=[self.first]))
        return made


INSTANCE: Final = Choice("instance", "Worker", "moderation_records_consumed_total")


def runbooks() -> dashboard.TextBoxVariable:
    """The address that the panels' links to runbooks begin with."""
    option = VariableOption(selected=True, text=RUNBOOKS_ADDRESS, value=RUNBOOKS_ADDRESS)
    return (
        dashboard.TextBoxVariable(RUNBOOKS)
        .label("Runbooks at")
        .default_value(RUNBOOKS_ADDRESS)
        .current(option)
        .options([option])
    )
