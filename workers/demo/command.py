"""Command line of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the demo."""
    app.command(name="produce")(produce_file)
    app.command(name="demo")(demo)
    app.command(name="up")(up)


def produce_file(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Posts as JSON Lines; media keys are relative to its folder. Without it, the "
            "sample posts and the malformed ones.",
            dir_okay=False,
            exists=True,
            readable=True,
        ),
    ] = None,
    inline_kib: Annotated[
        int,
        typer.Option(
            help="Largest medium, in KiB, that travels inside its post; a larger one stays where "
            "it is and gets its sha256.",
            min=0,
            max=512,
        ),
    ] = 512,
) -> None:
    """Send posts from a file to the topic of posts.

    A line that is no valid post is sent as it stands, so that its dead letter can be seen.
    Settings: MODERATION_KAFKA_*.
    """
    import asyncio

    from workers.demo.errors import DemoError
    from workers.demo.producing import produce
    from workers.demo.records import KIB, read_records
    from workers.demo.sample_posts import SAMPLE_FILES
    from workers.settings import KafkaSettings
    from workers.streams import StreamsError, configure_logging

    configure_logging("produce", level="WARNING")
    records = (
        record
        for path in ([file] if file else SAMPLE_FILES)
        for record in read_records(path, inline_up_to_bytes=inline_kib * KIB)
    )
    try:
        places = asyncio.run(produce(KafkaSettings(), records))
    except (DemoError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{len(places)} records sent")


def demo(
    broker: Annotated[
        str,
        typer.Option(
            help="`auto` takes Apache Kafka where Java and Maven are, else the embedded broker; or "
            "`apache`, `embedded`, or HOST:PORT of a broker that runs."
        ),
    ] = "auto",
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Keep logs and records, and the topics on a broker that is not ours."
        ),
    ] = False,
    kill_worker_after: Annotated[
        int | None,
        typer.Option(
            help="Kill the worker (SIGKILL) after so many answers and start it again: every post "
            "is answered all the same.",
            min=1,
        ),
    ] = None,
) -> None:
    """Send the sample posts through broker, worker, model and policy, and show every answer.

    The last line on standard output is one JSON object with the figures, counted from the topics.
    Settings: MODERATION_DEMO_*, MODERATION_KAFKA_*, MODERATION_WORKER_*, MODERATION_BROKER_*.
    """
    import json
    from dataclasses import asdict

    from workers.demo.demo import DemoOptions, run_demo
    from workers.demo.errors import DemoError
    from workers.demo.screen import make_console, terminate_like_interrupt
    from workers.demo.settings import DemoSettings
    from workers.streams import StreamsError, configure_logging

    configure_logging("demo", level="WARNING")
    terminate_like_interrupt()
    options = DemoOptions(broker=broker, keep=keep, kill_worker_after=kill_worker_after)
    try:
        result = run_demo(options, DemoSettings(), make_console())
    except (DemoError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    figures = {
        **asdict(result.totals),
        "seconds": round(result.seconds, 1),
        "broker": result.broker,
        "model": result.model,
    }
    typer.echo(json.dumps(figures))


def up(
    broker: Annotated[
        str,
        typer.Option(help="`auto`, `apache`, `embedded`, or HOST:PORT of a broker that runs."),
    ] = "auto",
) -> None:
    """Start broker, worker, ledger, review console and Prometheus, and keep them running.

    Sends the sample posts once and prints the addresses and the console's login. Ctrl-C stops
    everything; logs and data stay in a folder of MODERATION_DEMO_RUNS_DIR.
    """
    from workers.demo.errors import DemoError
    from workers.demo.screen import make_console, terminate_like_interrupt
    from workers.demo.settings import DemoSettings
    from workers.demo.up import run_up
    from workers.streams import StreamsError, configure_logging

    configure_logging("up", level="WARNING")
    terminate_like_interrupt()
    try:
        run_up(broker, DemoSettings(), make_console())
    except (DemoError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("Stopped.")
