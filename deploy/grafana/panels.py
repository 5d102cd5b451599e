"""The few kinds of panel that our dashboards are made of.

A panel cannot be built without a unit and a description: what it shows, and what to do when it is
bad. Widths are in columns of Grafana's grid of 24.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, table
from grafana_foundation_sdk.builders import timeseries as lines
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE: Final = DataSourceRef(type_val="prometheus", uid="prometheus")
"""The datasource that ``provisioning/datasources`` sets up."""

STAT_HEIGHT: Final = 4
GRAPH_HEIGHT: Final = 8
FILL_PERCENT: Final = 12
"""Enough colour under a line to read it on a wall screen, little enough to see what crosses it."""

Unit = Literal["short", "s", "percentunit", "cps", "bytes", "bool_yes_no"]
"""Grafana's names: counts, seconds, shares of 1, events a second, bytes, yes or no."""


RUNBOOKS: Final = "runbooks"
"""The dashboards' variable for the address at which ``docs/runbooks`` can be read."""

NOTHING: Final = "nothing"
"""The label of the one series that stands for no series; its value is in plain words."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression, and the name of its series in Grafana's ``{{label}}`` form."""

    expression: str
    legend: str = ""
    nothing: str = ""
    """What to say where there is no series and that is as it should be, such as ``no bank is
    loaded``: a panel that only says *No data* could as well be broken."""
    exemplars: bool = False
    """Whether single posts are drawn as dots that lead to their traces."""

    @property
    def whole(self) -> str:
        """The expression; where it finds nothing, one series without a value that says so."""
        if not self.nothing:
            return self.expression
        said = f'label_replace(vector(NaN), "{NOTHING}", "{self.nothing}", "", "")'
        return f"({self.expression}) or on () {said}"

    @property
    def name(self) -> str:
        """The legend, which shows what is said in place of series."""
        return f"{self.legend}{{{{{NOTHING}}}}}" if self.nothing else self.legend


@dataclass(frozen=True, slots=True)
class Limits:
    """From which value on a panel turns yellow, and red; None where more is not worse."""

    warn: float | None = None
    bad: float | None = None

    @property
    def steps(self) -> list[Threshold]:
        """The limits as Grafana's steps, mildest first."""
        found = [Threshold(value=None, color="green")]
        if self.warn is not None:
            found.append(Threshold(value=self.warn, color="yellow"))
        if self.bad is not None:
            found.append(Threshold(value=self.bad, color="red"))
        return found


NO_LIMITS: Final = Limits()

Panel = lines.Panel | stat.Panel | bargauge.Panel | table.Panel
P = TypeVar("P", lines.Panel, stat.Panel, bargauge.Panel, table.Panel)


def number(
    title: str,
    description: str,
    query: str,
    *,
    unit: Unit,
    limits: Limits,
    alert: str = "",
    width: int = 4,
) -> stat.Panel:
    """One figure with its recent course behind it."""
    panel = (
        stat.Panel()
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .height(STAT_HEIGHT)
    )
    return _finish(panel, _About(title, description, unit, limits, alert, width), [Query(query)])


def graph(
    title: str,
    description: str,
    *queries: Query,
    unit: Unit,
    limits: Limits = NO_LIMITS,
    stacked: bool = False,
    alert: str = "",
    width: int = 8,
) -> lines.Panel:
    """Lines over time, with the limits drawn in."""
    panel = (
        lines.Panel()
        .fill_opacity(FILL_PERCENT)
        .min(0)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .height(GRAPH_HEIGHT)
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if limits is not NO_LIMITS:
        panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.DASHED)
        )
    return _finish(panel, _About(title, description, unit, limits, alert, width), list(queries))


def bars(
    title: str, description: str, query: Query, *, unit: Unit, alert: str = "", width: int = 8
) -> bargauge.Panel:
    """One bar a series, for the time range shown."""
    panel = (
        bargauge.Panel()
        .display_mode(BarGaugeDisplayMode.GRADIENT)
        .orientation(VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .min(0)
        .height(GRAPH_HEIGHT)
    )
    return _finish(panel, _About(title, description, unit, NO_LIMITS, alert, width), [query])


def grid(
    title: str,
    description: str,
    query: Query,
    *,
    unit: Unit,
    columns: dict[str, str],
    alert: str = "",
    width: int = 8,
) -> table.Panel:
    """A table of the query's labels; ``columns`` maps the labels to their headings, in order."""
    panel = (
        table.Panel()
        .height(GRAPH_HEIGHT)
        .with_transformation(
            DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True},
                    "renameByName": columns,
                    "indexByName": {name: place for place, name in enumerate(columns)},
                },
            )
        )
    )
    about = _About(title, description, unit, NO_LIMITS, alert, width)
    return _finish(panel, about, [query], instant=True)


@dataclass(frozen=True, slots=True)
class _About:
    title: str
    description: str
    unit: Unit
    limits: Limits
    alert: str
    """The alert that watches the same, whose runbook the panel links to; empty for none."""
    width: int


def _finish(panel: P, about: _About, queries: list[Query], *, instant: bool = False) -> P:
    for letter, query in zip("ABCDEF", queries, strict=False):
        target = (
            prometheus.Dataquery()
            .expr(query.whole)
            .legend_format(query.name)
            .ref_id(letter)
            .datasource(DATASOURCE)
        )
        if query.exemplars:
            target.exemplar(True)
        if instant:
            target.instant().format(PromQueryFormat.TABLE)
        panel.with_target(target)
    if about.alert:
        panel.links([_runbook(about.alert)])
    thresholds = (
        dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(about.limits.steps)
    )
    return (
        panel.title(about.title)
        .description(about.description)
        .datasource(DATASOURCE)
        .unit(about.unit)
        .thresholds(thresholds)
        .span(about.width)
    )


def _runbook(alert: str) -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink(f"Runbook: {alert}")
        .type(DashboardLinkType.LINK)
        .url(f"${{{RUNBOOKS}}}/{alert}.md")
        .target_blank(True)
    )
