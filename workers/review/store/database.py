"""The database: an engine for SQLite or PostgreSQL, migrations, and two kinds of transaction."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final, Self

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from workers.review.store.audit_chain import seal

MIGRATIONS_DIR: Final = Path(__file__).parent / "migrations"

MIGRATION_ADVISORY_LOCK: Final = 7_236_001
"""On PostgreSQL replicas migrate one after another; any number that nothing else locks."""

SQLITE_BUSY_TIMEOUT_MS: Final = 10_000
"""How long a writer waits for another. A write here takes milliseconds; ten seconds is a queue of
thousands, past which the browser has given up."""

WRITE_AHEAD_RETRY_SECONDS: Final = 0.01
"""Turning the log on takes about a millisecond."""


class Database:
    """Opens transactions. A change of state is one ``writing()`` block: all of it or nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """An engine for the URL; SQLite gets write-ahead log, foreign keys and a busy timeout."""
        parsed = make_url(url)
        # Parameters hold post content, which belongs in no log.
        engine = create_async_engine(parsed, hide_parameters=True, pool_pre_ping=True)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return cls(engine)

    async def migrate(self) -> None:
        """Bring the schema to the newest revision; safe when several replicas start at once."""
        url = self._engine.url
        if url.get_backend_name() == "sqlite" and url.database:
            await asyncio.to_thread(_turn_on_write_ahead_log, url.database)
        async with self._engine.connect() as connection:
            await connection.execution_options(sqlite_writes=True)
            async with connection.begin():
                await connection.run_sync(_upgrade)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that sees one moment and changes nothing."""
        async with self._sessions() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits at the end of the block, or rolls back when it raises.

        What it told the audit trail is added last.
        """
        async with self._sessions() as session, session.begin():
            await session.connection(execution_options={"sqlite_writes": True})
            yield session
            await seal(session)

    async def empty_log(self) -> None:
        """After erasing on SQLite: carry the log into the file, so that it holds no copy either.

        A reader that looks on right now keeps the log for a while longer; the next call empties it.
        PostgreSQL's vacuum does as much in its own time.
        """
        url = self._engine.url
        if url.get_backend_name() == "sqlite" and url.database:
            await asyncio.to_thread(_empty_log, url.database)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _turn_on_write_ahead_log(file: str) -> None:
    """Turn on the log, which the file then keeps.

    It needs the file alone for a moment, and SQLite does not wait for that, whatever the busy
    timeout: of two replicas that start on a new file one is refused. So try again.
    """
    deadline = time.monotonic() + SQLITE_BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(WRITE_AHEAD_RETRY_SECONDS)
        else:
            return


def _empty_log(file: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _upgrade(connection: Connection) -> None:
    # Taken before Alembic begins, whose environment is one for the whole process. On SQLite
    # `_begin_sqlite` has taken the write lock already.
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_ADVISORY_LOCK}
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins late and surprises; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",  # first: the next one already needs a lock
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged decision survives a power cut
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can fail at once when another wrote between,
    # whatever the busy timeout; taking the write lock at the start makes it wait its turn.
    writes = connection.get_execution_options().get("sqlite_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
