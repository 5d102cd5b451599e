"""How fast is the console with a long queue? ``python -m bench.review [--items 100000]``.

A PostgreSQL of the bench's own (or ``--database-url``) is filled with open items. The console is
served by uvicorn in a process of its own, and one reviewer after the other asks for pages over
HTTP: item pages at random places of the queue, the queue itself, and the next item. The last line
is one JSON object with the quantiles in milliseconds; ``cpu`` is the mean CPU time of the console's
process, which other work on the machine does not stretch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import socket
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from multiprocessing import get_context
from typing import Final
from uuid import UUID

import httpx
import psutil
import uvicorn
from pydantic import SecretStr

from bench.long_queue import fill
from bench.postgresql import running_cluster
from workers.review import ReviewSettings
from workers.review.app import review_process

GOAL_MS: Final = 50.0
"""Of the item page at the 95th percentile."""
PASSWORD: Final = "a password of the bench"  # noqa: S105 - of a database that ends with the bench
CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]+)"')
START_SECONDS: Final = 120.0

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def serve(url: str, port: int) -> None:
    """Serve the console without Kafka, until ended."""

    async def run() -> None:
        async with review_process(settings_for(url), None) as process:
            config = uvicorn.Config(
                process.app, port=port, log_config=None, access_log=False, lifespan="on"
            )
            await uvicorn.Server(config).serve()

    asyncio.run(run())


def settings_for(url: str) -> ReviewSettings:
    """As shipped, but for limits on how often one login may ask."""
    return ReviewSettings(
        database_url=url,
        account_name="bench",
        account_password=SecretStr(PASSWORD),
        requests_per_minute=10_000_000,
    )


@contextmanager
def served(url: str) -> Iterator[tuple[str, int]]:
    """The address of a console in a process of its own, and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = get_context("spawn").Process(target=serve, args=(url, port))
    process.start()
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while not _answers(address):
            if time.monotonic() > deadline or not process.is_alive():
                raise TimeoutError(f"the console on {address} does not answer")
            time.sleep(0.1)
        yield address, process.pid or 0
    finally:
        process.terminate()
        process.join()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def signed_in(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of the first account."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        form = {"name": "bench", "password": PASSWORD, "next": "/"}
        token = CSRF.search((await http.get("/login")).text)
        if token is None:
            raise LookupError("the login page has no token")
        await http.post("/login", data=form | {"csrf": token[1]})
        yield http


async def timed(http: httpx.AsyncClient, asks: Sequence[Ask]) -> list[float]:
    """Milliseconds of each request, one after the other."""
    spent = []
    for ask in asks:
        began = time.perf_counter()
        answer = await ask(http)
        spent.append((time.perf_counter() - began) * 1_000)
        if answer.status_code not in {200, 303}:
            raise LookupError(f"{answer.request.url} answered {answer.status_code}")
    return spent


def quantiles(spent: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile, and the most."""
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return {
        name: round(value, 1)
        for name, value in (
            ("p50", cuts[49]),
            ("p95", cuts[94]),
            ("p99", cuts[98]),
            ("max", max(spent)),
        )
    }


async def measure(
    address: str, pid: int, names: Sequence[UUID], requests: int
) -> dict[str, dict[str, float]]:
    """The quantiles by kind of request, and the console's mean CPU time."""
    console = psutil.Process(pid)
    luck = random.Random(1)  # noqa: S311 - draws which items are looked at, nothing secret
    async with signed_in(address) as http:
        token = CSRF.search((await http.get("/")).text)
        csrf = token[1] if token else ""

        def item() -> Ask:
            name = luck.choice(names)
            return lambda browser: browser.get(f"/items/{name}")

        kinds: dict[str, list[Ask]] = {
            "item_page": [item() for _ in range(requests)],
            "queue_page": [lambda browser: browser.get("/") for _ in range(requests // 4)],
            "take_next": [
                lambda browser: browser.post("/next", data={"csrf": csrf})
                for _ in range(requests // 4)
            ],
        }
        await timed(http, [item() for _ in range(20)])  # connections and caches
        found = {}
        for kind, asks in kinds.items():
            before = console.cpu_times()
            found[kind] = quantiles(await timed(http, asks))
            after = console.cpu_times()
            spent = after.user + after.system - before.user - before.system
            found[kind]["cpu"] = round(spent / len(asks) * 1_000, 1)
        return found


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--database-url", help="an empty PostgreSQL database")
    asked = parser.parse_args()
    with ExitStack() as stack:
        url = asked.database_url or stack.enter_context(running_cluster()).make()
        began = time.monotonic()
        names = asyncio.run(fill(url, asked.items, asked.requests))
        print(f"{asked.items:,} open items written in {time.monotonic() - began:.0f} s")
        address, pid = stack.enter_context(served(url))
        found = asyncio.run(measure(address, pid, names, asked.requests))
    for kind, values in found.items():
        print(f"{kind:12}" + "".join(f"  {name} {value:7.1f} ms" for name, value in values.items()))
    within = found["item_page"]["p95"] <= GOAL_MS
    print(json.dumps({"items": asked.items, "goal_ms": GOAL_MS, "within": within, **found}))


if __name__ == "__main__":
    main()
