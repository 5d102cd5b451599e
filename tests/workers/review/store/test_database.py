"""The schema that migrations make is the one that the code means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from schemas import content_hash
from tests.workers.review.samples import escalation
from workers.review.store import Database
from workers.review.store.database import MIGRATIONS_DIR
from workers.review.store.tables import Table


def migrations(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migrations()).walk_revisions()))
]


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """A connection as the console's: with foreign keys."""
    engine = create_engine(f"sqlite:///{path}")
    with closing(engine.connect()) as connection:
        connection.execute(text("PRAGMA foreign_keys=ON"))
        connection.commit()
        with connection.begin():
            yield connection
    engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


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


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_migration_can_be_taken_back_and_done_again(tmp_path: Path, revision: str) -> None:
    with opened(tmp_path / "review.db") as connection:
        command.upgrade(migrations(connection), revision)
        command.downgrade(migrations(connection), "-1")
        command.upgrade(migrations(connection), "head")
        assert tables(connection) == set(Table.metadata.tables)
        command.downgrade(migrations(connection), "base")
        assert tables(connection) == set()


FIRST_ITEM = """
INSERT INTO items (verdict_id, post_id, revision, author_id, queue, machine_action, degraded,
    has_text, images, sounds, reach, surface, priority, rank, escalated_at, due_at, escalation,
    state, claim_number, received_at)
VALUES (:id, 'p-1', 1, 'author-1', 'default', 'review', 0, 1, 0, 0, 0, 'feed', 1, 1,
    '2026-05-04 12:00:00', '2026-05-04 16:00:00', :escalation, 'open', 0, '2026-05-04 12:00:00')
"""


def test_content_moves_out_of_the_items_and_back_without_loss(tmp_path: Path) -> None:
    item = escalation()
    written = item.to_bytes().decode()
    with opened(tmp_path / "review.db") as connection:
        command.upgrade(migrations(connection), "0001")
        given = {"id": item.verdict.verdict_id.hex, "escalation": written}
        connection.execute(text(FIRST_ITEM), given)

        command.upgrade(migrations(connection), "head")
        kept = connection.execute(text("SELECT escalation FROM contents")).scalar_one()
        digest = connection.execute(text("SELECT content_hash FROM items")).scalar_one()
        assert (kept, digest) == (written, content_hash(item.post))

        command.downgrade(migrations(connection), "0001")
        assert connection.execute(text("SELECT escalation FROM items")).scalar_one() == written


def test_what_was_erased_stays_erased_through_a_downgrade(tmp_path: Path) -> None:
    item = escalation()
    with opened(tmp_path / "review.db") as connection:
        command.upgrade(migrations(connection), "0001")
        given = {"id": item.verdict.verdict_id.hex, "escalation": item.to_bytes().decode()}
        connection.execute(text(FIRST_ITEM), given)
        command.upgrade(migrations(connection), "head")
        connection.execute(text("DELETE FROM contents"))

        command.downgrade(migrations(connection), "0001")
        assert connection.execute(text("SELECT escalation FROM items")).scalar_one() == ""
        command.upgrade(migrations(connection), "head")
        erased = connection.execute(text("SELECT erased_because FROM items")).scalar_one()
        assert erased == "expired"
        assert connection.execute(text("SELECT count(*) FROM contents")).scalar_one() == 0


def test_what_waits_can_be_found_by_rule_and_severity_after_an_upgrade(tmp_path: Path) -> None:
    with opened(tmp_path / "review.db") as connection:
        command.upgrade(migrations(connection), "0001")
        item = escalation()
        given = {"id": item.verdict.verdict_id.hex, "escalation": item.to_bytes().decode()}
        connection.execute(text(FIRST_ITEM), given)
        command.upgrade(migrations(connection), "head")
        assert connection.execute(text("SELECT severity FROM items")).scalar_one() == 1.0
        found = connection.execute(text("SELECT subject, rule FROM item_rules")).one()
        assert tuple(found) == (item.verdict.verdict_id.hex, "insult-at-person")


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
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "secure_delete")
        }
    await database.close()
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "secure_delete": 1,
    }
