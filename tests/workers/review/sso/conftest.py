"""The console with a provider beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.workers.review.conftest import PASSWORD, QUICK_HASHER, MovableClock
from tests.workers.review.sso.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Provider,
    running_provider,
)
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess, review_process

CONSOLE = "http://localhost"


@pytest.fixture
async def provider(clock: MovableClock) -> AsyncIterator[Provider]:
    async with running_provider(clock) as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, provider: Provider) -> ReviewSettings:
    """Local accounts and the provider; a test wants them otherwise by ``changed``."""
    return ReviewSettings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/review.db",
        account_name="ada",
        account_password=SecretStr(PASSWORD),
        public_url=CONSOLE,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
    )


@pytest.fixture
def changed() -> dict[str, object]:
    """What ``parametrize`` puts over the settings."""
    return {}


@pytest.fixture
async def process(
    settings: ReviewSettings, changed: dict[str, object], clock: MovableClock
) -> AsyncIterator[ReviewProcess]:
    chosen = settings.model_copy(update=changed)
    async with review_process(chosen, None, clock=clock, hasher=QUICK_HASHER) as opened:
        yield opened


@pytest.fixture
async def browser(process: ReviewProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Follows no redirects by itself."""
    transport = httpx.ASGITransport(process.app)
    async with httpx.AsyncClient(transport=transport, base_url=CONSOLE) as opened:
        yield opened
