"""A whole worker inside the test's event loop, against a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from moderation.scoring import ConstantScorer, PostScorer
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import HARMLESS
from workers.moderator.app import Started, run_worker
from workers.moderator.rulebook import open_policy
from workers.moderator.scorers import LoadedScorer
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import Tracing

WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker as an operator sees it."""

    started: Started
    stop: asyncio.Event
    task: asyncio.Task[None]

    async def status(self, path: str) -> tuple[int, list[str]]:
        """The code of ``/readyz`` or ``/healthz``, and its reasons."""
        async with aiohttp.ClientSession() as http, http.get(self.started.url + path) as response:
            return response.status, (await response.json())["reasons"]

    async def remarks(self) -> list[str]:
        """What ``/readyz`` says besides."""
        url = f"{self.started.url}/readyz"
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            return list((await response.json())["remarks"])

    async def metric(self, name: str, **labels: str) -> float:
        """The value of a metric, summed over the labels left out; 0 where it has none yet."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.started.url}/metrics") as got:
            text = await got.text()
        return sum(
            float(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def reaches(self, name: str, value: float, **labels: str) -> None:
        """Wait until a metric is at least so high."""

        async def high_enough() -> bool:
            if self.task.done():
                self.task.result()
            return await self.metric(name, **labels) >= value

        await eventually_async(
            high_enough, within_seconds=WITHIN_SECONDS, describe=f"{name}{labels} >= {value}"
        )

    async def is_ready(self) -> None:
        """Wait until ``/readyz`` says yes."""

        async def ready() -> bool:
            return (await self.status("/readyz"))[0] == 200

        await eventually_async(ready, within_seconds=WITHIN_SECONDS, describe="ready")


@asynccontextmanager
async def running_worker(
    kafka: KafkaSettings,
    scorer: PostScorer | None = None,
    *,
    broken: tuple[type[Exception], ...] = (),
    tracing: Tracing | None = None,
    named: Mapping[str, PostScorer] | None = None,
    **settings: Any,
) -> AsyncIterator[Worker]:
    """A worker with a scorer without a model; drained when the block ends.

    Args:
        kafka: its topics exist.
        scorer: harmless scores for everything by default.
        broken: errors of the scorer that say that the device is lost.
        tracing: of posts; off by default.
        named: scorers of models in folders, by the folder's name.
        settings: that differ from the defaults.
    """
    chosen = ModeratorSettings(
        **({"http_port": 0, "commit_seconds": 0.2, "audit_sample_rate": 0.0} | settings)
    )
    loaded = LoadedScorer(scorer or ConstantScorer(HARMLESS), device="none", broken=broken)
    stop = asyncio.Event()
    started: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        run_worker(
            chosen,
            kafka,
            load=lambda: loaded,
            load_named=lambda folder: LoadedScorer((named or {})[Path(folder).name], device="none"),
            policy=open_policy(chosen.policy),
            stop=stop,
            on_started=started.set_result,
            tracing=tracing,
        )
    )
    try:
        await asyncio.wait([task, started], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield Worker(await started, stop, task)
    finally:
        stop.set()
        await asyncio.wait([task])
    task.result()
