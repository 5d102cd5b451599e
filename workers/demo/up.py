"""Everything at once, for looking around: it runs until it is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from rich.console import Console

from workers.demo.broker_choice import ReachedBroker, on_broker, reached_broker
from workers.demo.errors import ProcessFailedError
from workers.demo.house import House, house_from_settings
from workers.demo.processes import Child, Program
from workers.demo.producing import produce
from workers.demo.records import read_records
from workers.demo.sample_posts import SAMPLE_FILES
from workers.demo.settings import DemoSettings
from workers.settings import KafkaSettings
from workers.streams import create_topics

MAX_RESTARTS: Final = 3
"""Of one process: a crash may be an accident, the fourth is a fault to be looked at."""

_LOOK_SECONDS: Final = 0.5


def run_up(broker_choice: str, settings: DemoSettings, console: Console) -> None:
    """Start broker, worker, ledger, console and Prometheus; return only by an exception.

    Ctrl-C is the way out: it stops all of them in order. Logs and data lie in a folder of their own
    and stay there.

    Raises:
        PortTakenError: a port is in use.
        ProcessFailedError: a process did not start, or ended too often.
        workers.streams.StreamsError: the broker failed.
    """
    house = house_from_settings(settings)
    house.require_free_ports(own_broker=broker_choice in {"auto", "apache"})
    run_dir = (settings.runs_dir / f"up-{time.strftime('%Y%m%d-%H%M%S')}").resolve()
    run_dir.mkdir(parents=True)
    with reached_broker(
        broker_choice, run_dir / "broker", port=house.broker_port, notify=console.print
    ) as broker:
        asyncio.run(_keep_running(house, broker, settings, console, run_dir))


async def _keep_running(
    house: House, broker: ReachedBroker, settings: DemoSettings, console: Console, run_dir: Path
) -> None:
    kafka = on_broker(broker, KafkaSettings().topic_prefix)
    await create_topics(kafka)
    programs = house.programs(kafka, run_dir, embedded=broker.kind == "embedded")
    console.print(f"Starting {', '.join(program.name for program in programs)} …")
    async with AsyncExitStack() as stack:
        children = [await _started(program, run_dir, stack) for program in programs]
        for child in children:
            await child.wait_ready(settings.ready_seconds)
        limit = settings.inline_up_to_bytes
        sent = await produce(
            kafka,
            (
                each
                for path in SAMPLE_FILES
                for each in read_records(path, inline_up_to_bytes=limit)
            ),
        )
        console.print(f"Sent {len(sent)} sample records.\n")
        console.print(house.addresses(broker, run_dir))
        console.print("\nCtrl-C stops everything.")
        await _supervise(children, console)


async def _started(program: Program, run_dir: Path, stack: AsyncExitStack) -> Child:
    child = await Child.start(program, run_dir)
    stack.push_async_callback(child.stop)
    return child


async def _supervise(children: Sequence[Child], console: Console) -> None:
    """Start again what ends by itself.

    Raises:
        ProcessFailedError: one of them has ended more than ``MAX_RESTARTS`` times.
    """
    restarts = dict.fromkeys((child.program.name for child in children), 0)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        for child in children:
            if not child.has_ended:
                continue
            name = child.program.name
            if restarts[name] == MAX_RESTARTS:
                raise ProcessFailedError(
                    f"the {name} ended for the {MAX_RESTARTS + 1}th time\n{child.log_tail()}"
                )
            restarts[name] += 1
            console.print(f"The {name} has ended; starting it again. Its log: {child.log}")
            await child.start_again()
