"""A console with some work in it, served on a socket by a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Queue

import uvicorn
from pydantic import SecretStr

from schemas import Action
from tests.workers.review.conftest import PASSWORD, QUICK_HASHER
from tests.workers.review.samples import appeal, escalation, post, verdict
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess, review_process
from workers.review.store import Role

START_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """Where the console answers, and an admin's token."""

    url: str
    token: str


@contextmanager
def served_console(folder: Path) -> Iterator[Served]:
    """The console, until the block ends."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    settings = ReviewSettings(
        database_url=f"sqlite+aiosqlite:///{folder}/review.db",
        account_password=SecretStr(PASSWORD),
        requests_per_minute=1_000_000,
    )
    started: Queue[tuple[uvicorn.Server, str]] = Queue()

    async def serve() -> None:
        async with review_process(settings, None, hasher=QUICK_HASHER) as process:
            config = uvicorn.Config(process.app, log_config=None, lifespan="off")
            server = uvicorn.Server(config)
            started.put((server, await _furnish(process)))
            await server.serve(sockets=[listening])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="console")
    thread.start()
    server, token = started.get(timeout=START_SECONDS)
    try:
        yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", token)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


async def _furnish(process: ReviewProcess) -> str:
    parts = process.parts
    await parts.intake.record([escalation(), escalation(post("other"))])
    await parts.appeals.record(
        [appeal(verdict(post("third"), action=Action.REMOVE), post("third"))]
    )
    admin = await parts.accounts.add("tester", PASSWORD, Role.ADMIN)
    _, secret = await parts.tokens.issue(admin.account_id, "test", lifetime=timedelta(days=1))
    return secret
