"""The queries of the committed dashboards, as they reach Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from deploy.grafana.boards import BOARDS

RATE_INTERVAL: Final = "$__rate_interval"
"""Grafana's own variable: four scrapes, or more where the graph is coarser."""


@dataclass(frozen=True, slots=True)
class PanelQuery:
    """One query of one panel."""

    board: str
    panel: str
    letter: str
    """Of the query, within its panel."""
    expression: str
    """With Grafana's variables."""
    instant: bool
    variables: frozenset[str]
    """Names of what can be chosen at the top of the dashboard."""

    def concrete(self, rate_interval: str) -> str:
        """The expression as Grafana sends it with everything chosen.

        Raises:
            ValueError: it uses a variable that its dashboard does not have.
        """
        found = self.expression.replace(RATE_INTERVAL, rate_interval)
        unknown = set(re.findall(r"\$(\w+)", found)) - self.variables
        if unknown:
            raise ValueError(
                f"{self.board}: the panel {self.panel!r} uses {', '.join(sorted(unknown))}, which "
                "the dashboard does not let anybody choose"
            )
        return re.sub(r"\$\w+", ".*", found)


def committed_panels() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each panel as it is committed, after its dashboard's name."""
    for name, board in _boards():
        for panel in board["panels"]:
            if panel["type"] != "row":
                yield name, panel


def committed_queries() -> Iterator[PanelQuery]:
    """Every query of every panel."""
    for name, board in _boards():
        variables = frozenset(one["name"] for one in board["templating"]["list"])
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                yield PanelQuery(
                    board=name,
                    panel=panel["title"],
                    letter=target["refId"],
                    expression=target["expr"],
                    instant=target.get("instant", False),
                    variables=variables,
                )


def _boards() -> Iterator[tuple[str, dict[str, Any]]]:
    for board in BOARDS:
        yield board.name, json.loads(board.path.read_text(encoding="utf-8"))
