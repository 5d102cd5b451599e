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
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Final
from uuid import UUID

import httpx
import psutil
import uvicorn
from pydantic import SecretStr
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bench.postgresql import running_cluster
from schemas import (
    Action,
    Escalation,
    Modality,
    Post,
    Reason,
    ReasonKind,
    Sampling,
    Timings,
    Verdict,
    VerdictStatus,
    Versions,
    verdict_id,
)
from workers.review import ReviewSettings
from workers.review.app import review_process
from workers.review.store import Database, Item
from workers.review.store.intake import new_item
from workers.review.store.tables import Content, ItemState

GOAL_MS: Final = 50.0
"""Of the item page at the 95th percentile."""
PASSWORD: Final = "a password of the bench"  # noqa: S105 - of a database that ends with the bench
MADE: Final = 2_000
"""Items that are made in full."""
QUEUES: Final = ("default", "safety", "spam-wave", "appeals")
CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]+)"')
START_SECONDS: Final = 120.0

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def made_escalation(number: int, now: datetime) -> Escalation:
    """An open item as the moderator makes it; text, scores and age vary with the number."""
    luck = random.Random(number)  # noqa: S311 - draws of made-up posts
    post = Post(
        post_id=f"post-{number}",
        author_id=f"author-{number % 20_000}",
        created_at=now,
        text=" ".join(luck.choices(("a", "word", "after", "another", "每", "一", "句"), k=60)),
        language=luck.choice(("en", "zh", "de")),
        reach=luck.randrange(1, 100_000),
    )
    score = luck.uniform(0.4, 0.9)
    waited = timedelta(seconds=luck.randrange(48 * 3_600))
    reason = Reason(
        kind=ReasonKind.MODEL,
        action=Action.REVIEW,
        category="toxicity",
        score=score,
        threshold=0.4,
        shares={Modality.TEXT: 1.0},
    )
    verdict = Verdict(
        verdict_id=verdict_id(post.post_id, 1, "bench", "bench"),
        post_id=post.post_id,
        revision=1,
        author_id=post.author_id,
        status=VerdictStatus.COMPLETE,
        action=Action.REVIEW,
        model_action=Action.REVIEW,
        scores={"toxicity": score, "hate": luck.random() / 2, "spam": luck.random() / 2},
        reasons=(reason,),
        modalities=(Modality.TEXT,),
        versions=Versions(model="bench", policy="bench"),
        timings=Timings(record_age=0.1),
        sampling=Sampling(sampled=False, inclusion_probability=0.0),
        language=post.language,
        decided_at=now,
    )
    return Escalation(
        verdict=verdict,
        post=post,
        queue=luck.choice(QUEUES),
        priority=luck.uniform(0.5, 50.0),
        escalated_at=now - waited,
        due_at=now - waited + timedelta(hours=4),
    )


async def fill(url: str, items: int, wanted: int) -> list[UUID]:
    """Migrate, and write open items past the intake, whose speed is not the question here.

    Some are made in full and the rest are copies under names, authors and ranks of their own.
    Returns the names of some, drawn at random.
    """
    database = Database.from_url(url)
    await database.migrate()
    await database.close()
    engine = create_async_engine(url)
    columns = [column.name for column in Item.__table__.columns]
    now = datetime.now(UTC)
    made = [made_escalation(number, now) for number in range(min(items, MADE))]
    rows = [new_item(each, ItemState.OPEN, now) for each in made]
    async with engine.begin() as connection:
        await connection.execute(
            insert(Item), [{name: getattr(row, name) for name in columns} for row in rows]
        )
        contents = [
            {"verdict_id": each.verdict.verdict_id, "escalation": each.to_bytes().decode()}
            for each in made
        ]
        await connection.execute(insert(Content), contents)
        await _copy(connection, columns, items)
    async with engine.connect() as connection:
        await connection.execute(text("COMMIT"))
        await connection.execute(text("VACUUM ANALYZE"))
        drawn = await connection.scalars(
            text("SELECT verdict_id FROM items ORDER BY random() LIMIT :wanted"),
            {"wanted": wanted},
        )
        names = list(drawn.all())
    await engine.dispose()
    return names


async def _copy(connection: AsyncConnection, columns: Sequence[str], items: int) -> None:
    """Copy the items that are there until there are as many as asked for."""
    changed = {
        "verdict_id": "copy.name",
        "subject": "copy.name",
        "post_id": "post_id || '-' || copy.number",
        "author_id": "author_id || '-' || copy.number % 50",
        "rank": "rank + random() * 20 - 10",
        "content_hash": "md5(copy.name::text) || md5(copy.number::text)",
    }
    values = ", ".join(changed.get(name, f"item.{name}") for name in columns)
    for statement in (
        (
            "CREATE TEMPORARY TABLE copy ON COMMIT DROP AS SELECT gen_random_uuid() AS name, "
            "verdict_id AS original, number FROM items, generate_series(1, :copies) AS number "
            "LIMIT :missing"
        ),
        (
            f"INSERT INTO items ({', '.join(columns)}) SELECT {values} FROM copy "  # noqa: S608 - names of columns
            "JOIN items AS item ON item.verdict_id = copy.original"
        ),
        (
            "INSERT INTO contents (verdict_id, escalation) SELECT copy.name, "
            "replace(content.escalation, copy.original::text, copy.name::text) "
            "FROM copy JOIN contents AS content ON content.verdict_id = copy.original"
        ),
    ):
        asked = {"copies": items // MADE, "missing": max(0, items - MADE)}
        await connection.execute(text(statement), asked if ":copies" in statement else {})


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
    luck = random.Random(1)  # noqa: S311 - which items are looked at
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
