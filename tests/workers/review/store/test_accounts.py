"""Accounts, logins, sessions, and the trail that they leave."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.workers.review.conftest import PASSWORD, Store
from tests.workers.review.samples import escalation
from workers.review.errors import AccountError, LoginRefusedError, TooManyLoginsError
from workers.review.store import Account, Role, Sessions
from workers.review.store.accounts import FAILURE_WINDOW
from workers.review.store.audit_table import AuditRow
from workers.review.store.credentials import generated_password

HERE: dict[str, Any] = {"address": "address-1", "name_origin": "ada-from-1"}


async def test_the_right_password_opens_and_nothing_of_it_is_stored(
    store: Store, ada: Account
) -> None:
    assert (await store.accounts.log_in("ada", PASSWORD, **HERE)).account_id == ada.account_id
    assert ada.password_hash.startswith("$argon2id$")
    assert PASSWORD not in ada.password_hash


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong password"), ("nobody", PASSWORD)])
@pytest.mark.usefixtures("ada")
async def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(
    store: Store, name: str, password: str
) -> None:
    with pytest.raises(LoginRefusedError, match=r"Name or password is wrong"):
        await store.accounts.log_in(name, password, **HERE)


@pytest.mark.usefixtures("ada")
async def test_after_too_many_failures_even_the_right_password_has_to_wait(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(LoginRefusedError):
            await store.accounts.log_in("ada", "wrong password", **HERE)
    with pytest.raises(TooManyLoginsError, match="Wait 15 minutes"):
        await store.accounts.log_in("ada", PASSWORD, **HERE)

    elsewhere = {"address": "address-2", "name_origin": "ada-from-2"}
    assert await store.accounts.log_in("ada", PASSWORD, **elsewhere)
    store.clock.advance(FAILURE_WINDOW)
    assert await store.accounts.log_in("ada", PASSWORD, **HERE)


async def test_only_the_very_first_start_makes_an_account(store: Store) -> None:
    assert await store.accounts.add_first("first", PASSWORD)
    assert await store.accounts.add_first("second", PASSWORD) is None


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("ada", PASSWORD, "already"),
        ("Ada Lovelace", PASSWORD, "no login name"),
        ("bea", "short", "has 5 characters; use 12"),
    ],
)
@pytest.mark.usefixtures("ada")
async def test_an_account_that_cannot_be_made_says_why(
    store: Store, name: str, password: str, said: str
) -> None:
    with pytest.raises(AccountError, match=said):
        await store.accounts.add(name, password)


async def test_of_two_who_take_a_name_at_once_one_is_told_so(store: Store) -> None:
    done = await asyncio.gather(
        *(store.accounts.add("sue", PASSWORD) for _ in range(2)), return_exceptions=True
    )
    (refused,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(refused, AccountError)
    assert "choose another name" in str(refused)


async def test_two_admins_who_close_each_other_at_once_leave_one(store: Store) -> None:
    admins = [await store.accounts.add(name, PASSWORD, Role.ADMIN) for name in ("sue", "tom")]
    done = await asyncio.gather(
        *(store.accounts.set_active(one.account_id, active=False) for one in admins),
        return_exceptions=True,
    )
    (refused,) = [one for one in done if one is not None]
    assert isinstance(refused, AccountError)
    assert [one.active for one in await store.accounts.everybody()].count(True) == 1


async def test_closing_twice_is_noted_once(store: Store, ada: Account) -> None:
    for _ in range(2):
        await store.accounts.set_active(ada.account_id, active=False)
    with pytest.raises(LoginRefusedError):
        await store.accounts.log_in("ada", PASSWORD, **HERE)
    async with store.database.reading() as session:
        closed = await session.scalar(
            select(func.count()).where(
                AuditRow.event == "account", AuditRow.detail["set"].as_string() == "closed"
            )
        )
    assert closed == 1


def test_a_generated_password_is_long_and_never_the_same() -> None:
    assert len(generated_password()) >= 20
    assert generated_password() != generated_password()


@pytest.fixture
async def sessions(store: Store) -> Sessions:
    opened = Sessions(store.database, store.audit, store.clock, timedelta(hours=10))
    await opened.load_key()
    return opened


async def test_a_session_ends_by_logout_and_by_time(
    store: Store, ada: Account, sessions: Sessions
) -> None:
    first, second = await sessions.open(ada), await sessions.open(ada)
    found = await sessions.find(first)
    assert found is not None
    await sessions.end(found[0], ada)

    assert await sessions.find(first) is None
    assert await sessions.find(second) is not None
    store.clock.advance(timedelta(hours=10))
    assert await sessions.find(second) is None


async def test_a_forged_or_foreign_cookie_opens_nothing(ada: Account, sessions: Sessions) -> None:
    cookie = await sessions.open(ada)
    for forged in (None, "", "x", cookie[:-2], "." + cookie, "é" + cookie, cookie.lower()):
        assert await sessions.find(forged) is None


async def test_the_key_outlives_the_process(store: Store, ada: Account, sessions: Sessions) -> None:
    cookie = await sessions.open(ada)
    restarted = Sessions(store.database, store.audit, store.clock, sessions.lifetime)
    await restarted.load_key()
    assert await restarted.find(cookie) is not None


async def test_the_trail_names_pseudonyms_and_cannot_be_changed(store: Store, ada: Account) -> None:
    item = escalation()
    await store.intake.record([item])
    await store.queue.claim(item.verdict.verdict_id, ada)
    async with store.database.reading() as session:
        rows = (await session.scalars(select(AuditRow).order_by(AuditRow.row_id))).all()
    assert [(row.event, row.actor) for row in rows] == [
        ("account", None),
        ("claim", ada.pseudonym),
    ]

    for attempt in ("UPDATE audit SET actor = 'somebody'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with store.database.writing() as session:
                await session.execute(text(attempt))
    async with store.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(AuditRow)) == 2
