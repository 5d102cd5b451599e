"""The commands say what they did, and what is wrong in one sentence."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from tests.workers.review.conftest import PASSWORD, QUICK_HASHER
from workers.cli import build_app
from workers.review import ReviewSettings
from workers.review.app import review_process
from workers.review.store import Account, Database


@pytest.fixture
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/review.db"
    monkeypatch.setenv("MODERATION_REVIEW_DATABASE_URL", url)
    return url


def account_names(url: str) -> list[str]:
    async def read() -> list[str]:
        database = Database.from_url(url)
        async with database.reading() as session:
            names = await session.scalars(select(Account.name).order_by(Account.name))
        await database.close()
        return list(names.all())

    return asyncio.run(read())


def test_a_user_is_added_with_a_printed_password(database_url: str) -> None:
    result = CliRunner().invoke(build_app(), ["review-user", "add", "ada"])
    assert result.exit_code == 0, result.output
    assert re.search(r"Account ada, password \S{20,} \(shown this once\)", result.output)
    assert account_names(database_url) == ["ada"]


@pytest.mark.usefixtures("database_url")
def test_a_password_that_was_given_is_not_printed() -> None:
    call = ["review-user", "add", "ada", "--password", PASSWORD]
    assert PASSWORD not in CliRunner().invoke(build_app(), call).output
    again = CliRunner().invoke(build_app(), call)
    assert again.exit_code != 0
    assert "already" in again.output


@pytest.mark.usefixtures("database_url")
def test_a_password_can_be_set_only_for_who_is_there() -> None:
    result = CliRunner().invoke(build_app(), ["review-user", "password", "nobody"])
    assert result.exit_code != 0
    assert "no account" in result.output


@pytest.mark.usefixtures("database_url")
def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("MODERATION_REVIEW_PORT", port)
        result = CliRunner().invoke(build_app(), ["review"])
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.output


@pytest.mark.parametrize("password", [None, PASSWORD])
async def test_the_first_start_alone_makes_an_account(tmp_path: Path, password: str | None) -> None:
    settings = ReviewSettings(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/review.db",
        account_password=SecretStr(password) if password else None,
    )
    made = []
    for _ in range(2):
        async with review_process(
            settings, None, registry=CollectorRegistry(), hasher=QUICK_HASHER
        ) as process:
            made.append(process.first_account)

    first, second = made
    assert second is None
    assert first is not None
    assert first.name == "reviewer"
    assert (first.password is None) == (password is not None)
