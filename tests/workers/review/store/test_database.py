"""The schema that migrations make is the one that the code means."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from workers.review.store import Database
from workers.review.store.tables import Table


async def test_migrations_and_tables_agree(tmp_path: Path) -> None:
    path = tmp_path / "review.db"
    database = Database.from_url(f"sqlite+aiosqlite:///{path}")
    await database.migrate()
    await database.close()

    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)
    engine.dispose()
    assert differences == []


async def test_replicas_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/folder/made/on/the/way/review.db"
    replicas = [Database.from_url(url) for _ in range(4)]
    await asyncio.gather(*(replica.migrate() for replica in replicas))

    async with replicas[0].reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM items")) == 0
    for replica in replicas:
        await replica.close()


async def test_sqlite_is_opened_with_a_log_and_foreign_keys(tmp_path: Path) -> None:
    database = Database.from_url(f"sqlite+aiosqlite:///{tmp_path}/review.db")
    async with database.reading() as session:
        pragmas = {
            name: await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    await database.close()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10_000}
