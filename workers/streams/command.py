"""Command line of the Kafka commands: ``moderation broker …`` and ``moderation topics …``."""

from __future__ import annotations

import signal
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from workers.settings import KafkaSettings
    from workers.streams.broker import Broker, BrokerSettings
    from workers.streams.topics import TopicReport

HOLD_POLL_SECONDS: Final = 0.5
"""How soon a broker in the foreground is seen to have ended by itself."""


class KindOption(StrEnum):
    """The kinds as the command line spells them."""

    AUTO = "auto"
    APACHE = "apache"
    EMBEDDED = "embedded"


Kind = Annotated[
    KindOption | None,
    typer.Option(help="`auto` takes apache where Java 17+ and Maven are, and says which and why."),
]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="On 127.0.0.1; 0 takes a free one.")
]
Data = Annotated[Path | None, typer.Option(help="Folder of records, logs and state.")]
Detach = Annotated[bool, typer.Option("--detach", help="Leave it running and return.")]


def register(app: typer.Typer) -> None:
    """Add the commands of the broker and the topics."""
    broker = typer.Typer(no_args_is_help=True, help="A Kafka broker for development and tests.")
    broker.command("up")(up)
    broker.command("down")(down)
    broker.command("status")(status)
    app.add_typer(broker, name="broker")
    topics = typer.Typer(no_args_is_help=True, help="The topics of the contract.")
    topics.command("create")(create)
    topics.command("list")(list_)
    app.add_typer(topics, name="topics")


def up(kind: Kind = None, port: Port = None, data: Data = None, detach: Detach = False) -> None:
    """Start the development broker; stop it with Ctrl-C, or `moderation broker down`."""
    from workers.streams.broker import find_broker, start_broker
    from workers.streams.errors import BrokerError

    settings = _settings(kind=kind, port=port, data=data)
    running = find_broker(settings)
    if running is not None:
        print(f"already running: {_line(running)}")
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        broker = start_broker(settings, detach=detach, notify=print)
        print(f"ready: {_line(broker)}", flush=True)
        while not detach and broker.is_running():
            time.sleep(HOLD_POLL_SECONDS)
    except BrokerError as error:
        _fail(error)
    except KeyboardInterrupt:
        # Found anew: the signal may have come before `broker` had its value.
        started = find_broker(settings)
        if started is not None:
            started.stop()
        print("stopped")
        return
    if not detach:
        print("the broker has ended by itself; see its logs")
        raise typer.Exit(1)


def down(data: Data = None) -> None:
    """Stop the development broker."""
    from workers.streams.broker import find_broker
    from workers.streams.errors import BrokerError

    broker = find_broker(_settings(data=data))
    if broker is None:
        print("no broker is running")
        return
    try:
        broker.stop()
    except BrokerError as error:
        _fail(error)
    print(f"stopped: {_line(broker)}")


def status(data: Data = None) -> None:
    """Say whether the development broker runs, and where; exit status 1 when it does not."""
    from workers.streams.broker import find_broker

    broker = find_broker(_settings(data=data))
    if broker is None:
        print("no broker is running")
        raise typer.Exit(1)
    print(f"running: {_line(broker)}")


def create() -> None:
    """Make the topics of the contract; those that exist are left as they are."""
    from workers.streams.topics import create_topics

    _run_topics(create_topics)


def list_() -> None:
    """List the topics of the contract and where the broker's differ from it."""
    from workers.streams.topics import describe_topics

    _run_topics(describe_topics)


def _run_topics(
    work: Callable[[KafkaSettings], Coroutine[Any, Any, tuple[TopicReport, ...]]],
) -> None:
    import asyncio

    from workers.settings import KafkaSettings
    from workers.streams.errors import TopicError

    try:
        reports = asyncio.run(work(KafkaSettings()))
    except TopicError as error:
        _fail(error)
    _print_reports(reports)


def _print_reports(reports: Iterable[TopicReport]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("topic", "partitions", "cleanup", "state", "drift")
    for report in reports:
        table.add_row(
            report.name,
            str(report.partitions),
            report.topic.cleanup,
            report.state,
            "\n".join(report.drift),
        )
    Console().print(table)


def _settings(
    *, kind: KindOption | None = None, port: int | None = None, data: Path | None = None
) -> BrokerSettings:
    """The broker's settings; options of the command line go before the environment."""
    from workers.streams.broker import BrokerSettings

    given = {"kind": kind and kind.value, "port": port, "data_dir": data}
    return BrokerSettings().model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )


def _line(broker: Broker) -> str:
    return f"{broker.kind} {broker.version} at {broker.bootstrap_servers}, data in {broker.folder}"


def _fail(error: Exception) -> NoReturn:
    typer.secho(str(error), fg=typer.colors.RED, err=True)
    raise typer.Exit(1)
