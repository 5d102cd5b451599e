"""A browser's stand-in against the real application, without Kafka and without a socket."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from tests.workers.review.conftest import PASSWORD, QUICK_HASHER, MovableClock
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess, review_process

NAME = "ada"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Visitor:
    """Keeps cookies and sends the CSRF token of the page that it saw last."""

    http: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, **arguments: Any) -> httpx.Response:
        response = await self.http.get(path, **arguments)
        if found := CSRF.search(response.text):
            self.csrf = found.group(1)
        return response

    async def post(self, path: str, **form: Any) -> httpx.Response:
        return await self.http.post(path, data={"csrf": self.csrf} | form)

    async def sign_in(self, name: str = NAME, password: str = PASSWORD) -> httpx.Response:
        await self.get("/login")
        response = await self.post("/login", name=name, password=password, next="/")
        await self.get("/")
        return response

    async def claim(self, verdict_id: UUID) -> str:
        """Claim an item; returns the claim number of the form."""
        await self.post(f"/items/{verdict_id}/claim")
        page = await self.get(f"/items/{verdict_id}")
        found = re.search(r'name="claim" value="(\d+)"', page.text)
        assert found, "the page offers no decision"
        return found.group(1)


NewVisitor = Callable[[], AbstractAsyncContextManager[Visitor]]


@pytest.fixture
def settings(tmp_path: Path) -> ReviewSettings:
    (tmp_path / "media").mkdir()
    return ReviewSettings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/review.db",
        media_dir=tmp_path / "media",
        account_name=NAME,
        account_password=SecretStr(PASSWORD),
        second_opinion_rate=0,  # nothing is left to chance
    )


@pytest.fixture
async def process(settings: ReviewSettings, clock: MovableClock) -> AsyncIterator[ReviewProcess]:
    async with review_process(settings, None, clock=clock, hasher=QUICK_HASHER) as opened:
        yield opened


@pytest.fixture
def new_visitor(process: ReviewProcess) -> NewVisitor:
    @asynccontextmanager
    async def open_visitor() -> AsyncIterator[Visitor]:
        transport = httpx.ASGITransport(process.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as http:
            yield Visitor(http)

    return open_visitor


@pytest.fixture
async def visitor(new_visitor: NewVisitor) -> AsyncIterator[Visitor]:
    """Nobody yet."""
    async with new_visitor() as opened:
        yield opened


@pytest.fixture
async def reviewer(visitor: Visitor) -> Visitor:
    """Ada, signed in."""
    await visitor.sign_in()
    return visitor
