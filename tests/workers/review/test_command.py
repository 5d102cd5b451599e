"""The commands say what they did, and what is wrong in one sentence."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner, Result

from schemas import Action
from tests.workers.review.conftest import PASSWORD, QUICK_HASHER
from tests.workers.review.samples import escalation, post, verdict
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


@pytest.fixture
def one_item(database_url: str) -> str:
    async def escalate() -> None:
        settings = ReviewSettings(database_url=database_url, second_opinion_rate=0)
        async with review_process(settings, None, hasher=QUICK_HASHER) as process:
            await process.parts.intake.record([escalation()])

    asyncio.run(escalate())
    return escalation().post.author_id


def test_what_is_held_of_an_author_is_exported_and_then_erased(
    one_item: str, tmp_path: Path
) -> None:
    def invoke(*arguments: str) -> str:
        result = CliRunner().invoke(build_app(), ["review", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    held = json.loads(invoke("export", "--author", one_item))
    assert "muppet" in held["items"][0]["escalation"]["post"]["text"]

    file = tmp_path / "held.json"
    assert "1 items" in invoke("export", "--author", one_item, "--output", str(file))
    assert json.loads(file.read_text())["author_id"] == one_item

    assert "1 items of the author erased" in invoke("erase", "--author", one_item, "--yes")
    assert json.loads(invoke("export", "--author", one_item))["items"] == []


def test_erasing_asks_first(one_item: str) -> None:
    result = CliRunner().invoke(build_app(), ["review", "erase", "--author", one_item], input="n\n")
    assert result.exit_code == 1
    again = CliRunner().invoke(build_app(), ["review", "export", "--author", one_item])
    assert "muppet" in again.output


def roles(url: str) -> dict[str, str]:
    async def read() -> dict[str, str]:
        database = Database.from_url(url)
        async with database.reading() as session:
            found = (await session.scalars(select(Account))).all()
        await database.close()
        return {account.name: account.role for account in found}

    return asyncio.run(read())


def test_a_user_gets_a_role_and_may_get_another(database_url: str) -> None:
    call = ["review-user", "add", "ada", "--role", "senior", "--password", PASSWORD]
    assert CliRunner().invoke(build_app(), call).exit_code == 0
    assert roles(database_url) == {"ada": "senior"}
    result = CliRunner().invoke(build_app(), ["review-user", "role", "ada", "auditor"])
    assert "ada is auditor now" in result.output
    assert roles(database_url) == {"ada": "auditor"}


@pytest.mark.usefixtures("database_url")
def test_a_user_is_closed_and_opened_and_the_last_admin_stays() -> None:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(build_app(), ["review-user", *arguments])

    for name, role in (("ada", "admin"), ("ben", "reviewer")):
        assert invoke("add", name, "--role", role, "--password", PASSWORD).exit_code == 0
    assert "only admin" in invoke("close", "ada").output
    assert "ben is closed" in invoke("close", "ben").output
    assert "ben is closed; open the account" in invoke("token", "ben").output
    assert "ben is open" in invoke("open", "ben").output
    assert "shown this once" in invoke("token", "ben").output


@pytest.mark.usefixtures("one_item")
def test_the_audit_trail_is_verified_and_a_tampered_row_found(tmp_path: Path) -> None:
    def verify(*arguments: str) -> Result:
        return CliRunner().invoke(build_app(), ["review", "verify-audit", *arguments])

    whole = verify()
    assert whole.exit_code == 0, whole.output
    head = re.search(r"2 rows follow .*: ([0-9a-f]{64})", whole.output)
    assert head
    assert verify("--anchor", head[1]).exit_code == 0
    assert "No row up to there" in verify("--anchor", "f" * 64).output

    with closing(sqlite3.connect(tmp_path / "review.db")) as connection:
        connection.executescript(
            "DROP TRIGGER audit_no_UPDATE; UPDATE audit SET actor = 'nobody' WHERE row_id = 2;"
        )
    found = verify()
    assert found.exit_code == 1
    assert "Row 2 does not follow from the 1 rows before it" in found.output


def test_statements_are_exported_into_a_folder(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def restrict() -> None:
        settings = ReviewSettings(database_url=database_url, second_opinion_rate=0)
        async with review_process(settings, None, hasher=QUICK_HASHER) as process:
            await process.parts.statements.record([verdict(post(), action=Action.REMOVE)])

    asyncio.run(restrict())
    monkeypatch.setenv("MODERATION_REVIEW_TERRITORIES", "DE, FR")
    result = CliRunner().invoke(build_app(), ["review", "dsa-export", str(tmp_path / "out")])

    assert "1 statements in 1 files" in result.output
    (file,) = (tmp_path / "out").iterdir()
    (statement,) = json.loads(file.read_text())["statements"]
    assert statement["territorial_scope"] == ["DE", "FR"]


def test_migrations_run_by_themselves_and_again_without_harm(
    database_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        result = CliRunner().invoke(build_app(), ["review", "migrate"])
        assert result.exit_code == 0, result.output

    with closing(sqlite3.connect(tmp_path / "review.db")) as database:
        assert database.execute("select count(*) from alembic_version").fetchone() == (1,)
    assert account_names(database_url) == []
