"""The console's records without its pages, for the command line; a console may run beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from workers.review.clock import Clock, utc_now
from workers.review.settings import ReviewSettings
from workers.review.store import (
    AuditReader,
    AuditTrail,
    AuthorData,
    Database,
    Erasure,
    Sessions,
    Statements,
)


@dataclass(frozen=True, slots=True)
class Records:
    """What is held about authors, how it is erased, the trail, and the restrictions."""

    trail: AuditReader
    author_data: AuthorData
    erasure: Erasure
    statements: Statements


def erased_name(sessions: Sessions) -> Callable[[str], str]:
    """A function from a name to what stands for it; nobody without the key can turn it back."""
    return lambda name: f"erased-{sessions.keyed_hash('erased', name)}"


def post_name(sessions: Sessions) -> Callable[[str], str]:
    """A function from a post's id to what stands for it in statements of reasons."""
    return lambda post_id: sessions.keyed_hash("post", post_id)


@asynccontextmanager
async def open_records(
    settings: ReviewSettings, *, clock: Clock = utc_now
) -> AsyncIterator[Records]:
    """Migrate the database and open what it holds."""
    database = Database.from_url(settings.database_url)
    try:
        await database.migrate()
        audit = AuditTrail(clock)
        sessions = Sessions(database, audit, clock, timedelta(hours=settings.session_hours))
        await sessions.load_key()
        pseudonym = erased_name(sessions)
        yield Records(
            trail=AuditReader(database),
            author_data=AuthorData(database, audit, clock, pseudonym=pseudonym),
            erasure=Erasure(
                database,
                audit,
                clock,
                keep=timedelta(days=settings.content_days),
                pseudonym=pseudonym,
            ),
            statements=Statements(database, clock, pseudonym=post_name(sessions)),
        )
    finally:
        await database.close()
