"""A row that was changed, added or removed shows, whatever else was done to hide it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, post
from workers.review import ReviewSettings
from workers.review.store import Account, AuditEvent, AuditReader
from workers.review.store.audit_chain import FIRST_LINK
from workers.review.store.settings_record import record_settings

ITEM = escalation().verdict.verdict_id


@pytest.fixture
async def reader(store: Store, ada: Account) -> AuditReader:
    """A trail of five rows: an account, and four views."""
    await store.intake.record([escalation()])
    for _ in range(4):
        await store.queue.view(ITEM, ada)
    return AuditReader(store.database)


def tamper(tmp_path: Path, statement: str) -> None:
    """As somebody does who owns the file: without the triggers."""
    engine = create_engine(f"sqlite:///{tmp_path}/review.db")
    with engine.begin() as connection:
        for verb in ("UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_no_{verb}"))
        connection.execute(text(statement))
    engine.dispose()


async def test_an_empty_trail_is_whole(store: Store) -> None:
    check = await AuditReader(store.database).check()
    assert (check.sound, check.rows, check.head) == (True, 0, FIRST_LINK)


async def test_a_trail_that_nobody_touched_is_whole(reader: AuditReader) -> None:
    check = await reader.check()
    assert (check.sound, check.rows) == (True, 5)
    assert (await reader.check(check.head)).sound


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit SET actor = 'somebody-else' WHERE row_id = 3", 3),
        ("UPDATE audit SET at = '2026-05-04 11:00:00.000000' WHERE row_id = 2", 2),
        ("UPDATE audit SET event = 'claim' WHERE row_id = 5", 5),
        ("UPDATE audit SET detail = NULL WHERE row_id = 4", 4),
        ("UPDATE audit SET verdict_id = NULL WHERE row_id = 4", 4),
        ("DELETE FROM audit WHERE row_id = 3", 4),
        ("DELETE FROM audit WHERE row_id = 1", 2),
        ("INSERT INTO audit (at, event, digest) SELECT at, event, digest FROM audit LIMIT 1", 6),
    ],
)
async def test_what_was_tampered_with_is_named(
    reader: AuditReader, tmp_path: Path, statement: str, row: int
) -> None:
    tamper(tmp_path, statement)
    check = await reader.check()
    assert (check.sound, check.broken_at) == (False, row)


@pytest.mark.sqlite_only
async def test_rows_cut_off_the_end_show_by_a_digest_that_was_noted(
    reader: AuditReader, tmp_path: Path
) -> None:
    noted = (await reader.check()).head
    tamper(tmp_path, "DELETE FROM audit WHERE row_id >= 4")

    assert (await reader.check()).sound, "what is left is a chain, as it was after row 3"
    check = await reader.check(noted)
    assert (check.sound, check.anchored, check.broken_at) == (False, False, None)


async def test_reviewers_who_act_at_once_make_one_chain(store: Store, ada: Account) -> None:
    await store.intake.record([escalation(post(f"p-{n}")) for n in range(10)])
    items = await store.queue.open_items()
    await asyncio.gather(*(store.queue.claim(item.verdict_id, ada) for item in items))

    check = await AuditReader(store.database).check()
    assert (check.sound, check.rows) == (True, 11)


async def test_what_is_rolled_back_leaves_no_row(store: Store, ada: Account) -> None:
    async def fail() -> None:
        async with store.database.writing() as session:
            store.audit.add(session, AuditEvent.VIEW, actor=ada)
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError):
        await fail()
    assert (await AuditReader(store.database).check()).rows == 1


async def test_settings_are_noted_when_they_change_and_hold_no_secret(store: Store) -> None:
    secret = "sqlite+aiosqlite:///secret-place/review.db"
    first, second = (
        ReviewSettings(database_url=secret, lease_seconds=lease).for_the_record()
        for lease in (60, 90)
    )
    for settings in (first, first, second, second, first):
        await record_settings(store.database, store.audit, settings)

    rows = await AuditReader(store.database).newest(10)
    noted = [row.detail["lease_seconds"] for row in rows if row.detail]
    assert noted == ["60.0", "90.0", "60.0"]
    assert "account_password" not in first
    assert all("secret-place" not in str(row.detail) for row in rows)
