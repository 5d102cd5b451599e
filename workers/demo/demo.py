"""The demo: every sample post through a real broker, worker, model and policy, to its answer."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from dataclasses import dataclass

from rich.console import Console

from schemas import TOPICS
from workers.demo.broker_choice import on_broker, reached_broker
from workers.demo.samples_run import SamplesRun
from workers.demo.settings import DemoSettings
from workers.demo.tally import Totals
from workers.settings import KafkaSettings
from workers.streams import make_admin


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line asks for."""

    broker: str = "auto"
    """``auto``, ``apache``, ``embedded``, or ``HOST:PORT`` of a broker that runs."""
    keep: bool = False
    """Whether logs and records stay on disk, and topics on a broker that is not ours."""
    kill_worker_after: int | None = None
    """Answers after which the worker is killed and started again."""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The figures of a finished demo; ``seconds`` from its start to the last answer."""

    totals: Totals
    seconds: float
    broker: str
    model: str


def run_demo(options: DemoOptions, settings: DemoSettings, console: Console) -> DemoResult:
    """Run the demo; it leaves nothing behind unless asked to.

    Raises:
        DemoError: a process failed, or a record was not answered as it should.
        workers.streams.StreamsError: the broker failed.
    """
    started = time.monotonic()
    name = f"demo-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    run_dir = settings.runs_dir / name
    run_dir.mkdir(parents=True)
    with reached_broker(options.broker, run_dir / "broker", notify=console.print) as broker:
        kafka = on_broker(broker, f"{name}.")
        run = SamplesRun(kafka, settings, console, run_dir)
        totals = asyncio.run(run.to_the_last_answer(kill_worker_after=options.kill_worker_after))
        seconds = time.monotonic() - started
        if broker.kind == "external" and not options.keep:
            asyncio.run(_delete_topics(kafka))
    if options.keep:
        console.print(f"Logs and records are kept in {run_dir}")
    else:
        shutil.rmtree(run_dir)
    return DemoResult(totals, seconds, broker.description, run.model_version)


async def _delete_topics(kafka: KafkaSettings) -> None:
    admin = make_admin(kafka)
    await admin.start()
    try:
        await admin.delete_topics([kafka.topic(topic) for topic in TOPICS])
    finally:
        await admin.close()
