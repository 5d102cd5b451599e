"""A program with a token, against the real application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest

from tests.workers.review.conftest import PASSWORD
from workers.review.app import ReviewProcess
from workers.review.store import Role

NewProgram = Callable[[Role], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def new_program(process: ReviewProcess) -> AsyncIterator[NewProgram]:
    """Makes an account of a role with a token, and a client that shows it."""
    async with AsyncExitStack() as stack:

        async def make(role: Role) -> httpx.AsyncClient:
            name = f"{role}-{len(await process.parts.accounts.everybody())}"
            account = await process.parts.accounts.add(name, PASSWORD, role)
            _, secret = await process.parts.tokens.issue(
                account.account_id, "test", lifetime=timedelta(days=1)
            )
            client = httpx.AsyncClient(
                transport=httpx.ASGITransport(process.app),
                base_url="http://console/api/v1",
                headers={"Authorization": f"Bearer {secret}"},
            )
            return await stack.enter_async_context(client)

        yield make
