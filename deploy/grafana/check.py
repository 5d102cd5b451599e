"""``python -m deploy.grafana.check`` runs every query of every panel against a Prometheus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.grafana.boards import BOARDS
from deploy.grafana.committed import committed_panels, committed_queries
from deploy.grafana.looking import Finding, Look, find
from deploy.prometheus_api import Prometheus
from workers.demo.settings import DemoSettings

_POINTS: Final = 60  # of a graph: enough not to step over a minute of traffic in a quarter hour


def main(
    url: Annotated[
        str, typer.Option(help="Of Prometheus; when empty, of the one that `make up` starts.")
    ] = "",
    minutes: Annotated[
        float, typer.Option(help="How far back a panel looks for data.", min=1)
    ] = 15,
    rate_interval: Annotated[
        str, typer.Option(help="Window of rates; at least four times the scrape interval.")
    ] = "1m",
) -> None:
    """Run every query, print what found no data, and end with one JSON object.

    A panel is empty where one of its queries finds neither data nor, in words that the panel
    shows, the reason why there is none. Exit code 1 when a panel is empty or a query an error.
    """
    address = url or f"http://127.0.0.1:{DemoSettings().prometheus_port}"
    prometheus = Prometheus(address.rstrip("/"))
    if not prometheus.is_ready():
        typer.echo(
            f"no Prometheus answers at {address}; start one by `make up`, or give --url", err=True
        )
        raise typer.Exit(1)
    look = Look(seconds=minutes * 60, step=minutes * 60 / _POINTS, rate_interval=rate_interval)
    findings = [find(prometheus, query, look) for query in committed_queries()]
    Console().print(_table(findings))
    totals = {
        "dashboards": len(BOARDS),
        "panels": sum(1 for _ in committed_panels()),
        "queries": len(findings),
        "empty": len({(one.query.board, one.query.panel) for one in findings if one.is_empty}),
        "errors": sum(bool(one.error) for one in findings),
    }
    typer.echo(json.dumps(totals))
    if totals["empty"] or totals["errors"]:
        raise typer.Exit(1)


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("Dashboard", "Panel", "Query", "Found", title="Queries without data")
    for one in findings:
        if one.error:
            said = Text(f"error: {one.error}", style="red")
        elif one.is_empty:
            said = Text("nothing", style="red")
        elif not one.series:
            said = Text(f"says: {one.said}")
        else:
            continue
        table.add_row(one.query.board, one.query.panel, one.query.letter, said)
    return table


if __name__ == "__main__":
    typer.run(main)
