"""The service overview: is it healthy, is it right, what is held back, known, waited for, changed.

Run ``python -m deploy.grafana.overview`` after a change; it writes ``dashboards/overview.json``,
which a test compares with what this file gives.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableRefresh,
    VariableSort,
)

from deploy.grafana.panels import DATASOURCE
from deploy.grafana.rows import banks, brakes, changed, healthy, right, waiting

OVERVIEW_PATH: Final = Path(__file__).parent / "dashboards" / "overview.json"
UID: Final = "moderation-overview"


def build() -> dashboard.Dashboard:
    """The dashboard, ready to be written as JSON."""
    board = (
        dashboard.Dashboard("Moderation: overview")
        .uid(UID)
        .description(
            "For the platform engineer, the reviewer's lead and the SRE: is it healthy, is it "
            "right, what is it waiting for, what changed."
        )
        .tags(["moderation"])
        .readonly()
        .refresh("30s")
        .time("now-1h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.QueryVariable("instance")
            .label("Worker")
            .query("label_values(moderation_records_consumed_total, instance)")
            .datasource(DATASOURCE)
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
        )
    )
    for question, panels in (
        ("Is it healthy?", healthy.panels()),
        ("Is it right?", right.panels()),
        ("What is held back?", brakes.panels()),
        ("What do the banks know?", banks.panels()),
        ("What is it waiting for?", waiting.panels()),
        ("What changed?", changed.panels()),
    ):
        board.with_row(dashboard.Row(question))
        for panel in panels:
            board.with_panel(panel)
    return board


def render() -> str:
    """The dashboard as the JSON that is committed."""
    return json.dumps(build().build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write the committed JSON."""
    OVERVIEW_PATH.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
