"""``moderation plan``: workers, partitions, devices, lag and cost for a load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

MEASURED: Final = Path(__file__).with_name("rates.json")
"""Rates of one CPU core a worker; a machine with a GPU has to be measured."""


def register(app: typer.Typer) -> None:
    """Add ``moderation plan`` with its commands."""
    planning = typer.Typer(invoke_without_command=True, help="Plan capacity from measured rates.")
    planning.callback()(plan)
    planning.command("measure")(measure)
    app.add_typer(planning, name="plan")


def plan(  # noqa: PLR0917 - typer calls it by names alone
    context: typer.Context,
    posts_per_second: Annotated[
        float | None, typer.Option(min=1e-3, help="Posts a second at the peak.")
    ] = None,
    mix: Annotated[
        str, typer.Option(help="Mean windows of text, pictures and windows of sound of a post.")
    ] = "text=0.9,image=0.3,audio=0.05",
    rates: Annotated[
        Path, typer.Option(help="File that `moderation plan measure` has written.")
    ] = MEASURED,
    utilisation: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Of a worker at the peak, at most.")
    ] = 0.7,
    spare: Annotated[
        int, typer.Option(min=0, help="Workers that may be lost at the peak without harm.")
    ] = 1,
    growth: Annotated[
        int, typer.Option(min=1, help="Times as many workers that the partitions leave room for.")
    ] = 4,
    hottest_author: Annotated[
        float, typer.Option(min=0, help="Posts a second of the busiest author.")
    ] = 0.0,
    outage_minutes: Annotated[
        float, typer.Option(min=0, help="After which the time to catch up is told.")
    ] = 10.0,
    price: Annotated[
        float | None, typer.Option(min=0, help="Of one worker with its device, an hour.")
    ] = None,
    simulate: Annotated[
        float, typer.Option(min=0, help="Seconds of the load to simulate, every post; 0 for none.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="Of the simulation.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object only.")] = False,
) -> None:
    """Say how many workers, partitions, devices and cores a load needs, and how it will lag.

    The queueing model stands in docs/capacity.md; the simulation sends every post through it one
    by one. Rates are those of a CPU core unless a file says otherwise: measure your own machine
    with `moderation plan measure`.
    """
    if context.invoked_subcommand is not None:
        return
    if posts_per_second is None:
        raise typer.BadParameter("say how many, for example 500", param_hint="--posts-per-second")
    with _explained():
        from workers.planning.demand import Demand, Mix
        from workers.planning.plan import Wishes
        from workers.planning.rates import Rates
        from workers.planning.work import planned, show

        answer = planned(
            Demand(posts_per_second, Mix.parse(mix), hottest_author),
            Rates.read(rates),
            Wishes(utilisation, spare, growth, price, outage_minutes),
            seconds=simulate,
            seed=seed,
        )
        show(answer, as_json=json)


def measure(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="To write the rates to.")],
    model: Annotated[
        Path | None, typer.Option(help="Folder of the weights; the shipped ones if left out.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
) -> None:
    """Measure this machine's service rates with the real classifier; leave a GPU alone."""
    with _explained():
        from workers.planning.measure import measure as measured

        rates = measured(model=model, device=device)
        try:
            output.write_text(rates.model_dump_json(indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            from workers.planning.errors import PlanError

            raise PlanError(f"cannot write {output}: {error.strerror}") from error
        typer.echo(rates.model_dump_json(indent=2))


@contextmanager
def _explained() -> Iterator[None]:
    """What the user can mend is told in one message, without a traceback."""
    from workers.planning.errors import PlanError

    try:
        yield
    except PlanError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from error
